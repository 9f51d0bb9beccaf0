"""Which names in an inbox are jobs.

Knows the temporary names of copiers, editors and NAS systems, and what people drop in place of a job. Source
of the lists: the exclusion lists of Nextcloud, Syncthing, paperless-ngx and immich.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from worker.disk.lone_table import is_table, is_templates
from worker.lazy_patterns import LazyPattern
from worker.plain_names import DEVICE, YAML_ENDINGS, is_litter
from worker.spool.conflict_copies import is_conflict_copy
from worker.spool.steering import is_steering
from worker.translation import UNPRINTABLE, Text, gettext

JUNK = LazyPattern(
    r"""^(ehthumbs(_vista)?\.db|4913|\#.*\#)$
    |\.(part|partial|filepart|crdownload|opdownload|download|aria2|tmp|temp|swp|swo|swx|kate-swp|bak|orig|lock)$
    |\.(downloading|xltd|td|bc!|!ut|!sync|mega|nutstore-tmp|sb-[0-9a-f]{8}-\w+)$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Temporary and spare files that programs make beside a file of a person's, and take away or keep by themselves."""

AWAY = LazyPattern(r"^\..+\.(ya?ml|csv|tsv|xlsx)\.icloud$", re.IGNORECASE)
"""What iCloud leaves of a job or a table that it has taken from the disk: `.mug.yaml.icloud`."""

CONFLICT_REMEDY = gettext(
    "a synchroniser's conflict copy: keep the right one of the two under a plain name, and delete the other"
)
SPELLING_REMEDY = gettext(
    "another file here has the same name, with its accents stored in another way, as Macs do: keep the right one of the"
    " two, and rename or delete the other"
)
ALMOST: Mapping[LazyPattern, Text] = {
    LazyPattern(r"\.(lnk|url|webloc|desktop|gdoc|gsheet)$", re.IGNORECASE): gettext(
        "a shortcut is not the file itself: copy the file it leads to"
    ),
    LazyPattern(r"\.(zip|rar|7z|tar|gz|tgz|xz)(\.\d{3})?$", re.IGNORECASE): gettext(
        "an archive is not opened: unpack it, and drop the job file or the job's folder"
    ),
    LazyPattern(r"\.ya?ml\.txt$", re.IGNORECASE): gettext(
        "an editor added .txt to the name: rename it so that it ends in .yaml"
    ),
    LazyPattern(r"[。．｡]ya?ml\s*$", re.IGNORECASE): gettext(
        "the dot before its ending is a full-width one: rename it so that it ends in .yaml, with a plain dot"
    ),
    LazyPattern(r"\.ya?ml[\s\u200b\ufeff.。]+$", re.IGNORECASE): gettext(
        "a blank or a dot stands behind its ending: rename it so that it ends in .yaml"
    ),
    LazyPattern(r"\.ya?ml[^.\w].*$|\.ya?ml[^\x00-\x7f].*$", re.IGNORECASE): gettext(
        "more stands behind its ending .yaml: rename it so that it ends in .yaml"
    ),
    LazyPattern(r"(?<!\.)ya?ml$", re.IGNORECASE): gettext(
        "the dot before its ending is missing: rename it so that it ends in .yaml"
    ),
    LazyPattern(r"\.(csv|tsv|xlsx)[\s\u200b\ufeff.。]+$|[。．｡](csv|tsv|xlsx)\s*$", re.IGNORECASE): gettext(
        "its ending is not plain: rename it so that it ends in .csv, .tsv or .xlsx, with a plain dot and nothing behind"
    ),
    LazyPattern(r"\.(csv|tsv)\.txt$", re.IGNORECASE): gettext(
        "an editor added .txt to the name: rename it so that it ends in .csv"
    ),
    LazyPattern(r"\.(nextcloud|owncloud|icloud|cloud|placeholder)$", re.IGNORECASE): gettext(
        "a synchroniser's placeholder, the file itself is not here: have it downloaded (made available offline)"
    ),
    LazyPattern(r"\.ya?ml\.[^.]{1,12}$", re.IGNORECASE): gettext(
        "another ending stands behind .yaml: save it as plain text, and rename it so that it ends in .yaml"
    ),
    LazyPattern(r"\.(csv|tsv|xlsx)$", re.IGNORECASE): gettext(
        "a product table is a job only with a template: put a job file for such tables into the inbox as"
        " _templates/default.yaml, or as _templates/NAME.yaml for a table called NAME; or put the table into a folder"
        " with a job.yaml"
    ),
    LazyPattern(r"\.(xlsm|xlsb|xls|xlt|xltx|ods|numbers|et|ett)$", re.IGNORECASE): gettext(
        "a workbook of that kind is not read: save its table as .xlsx or as CSV UTF-8"
    ),
    LazyPattern(r"\.(docx?|rtf|odt|wps|pages|pdf)$", re.IGNORECASE): gettext(
        "a document is no job: copy its text into a plain text file whose name ends in .yaml"
    ),
    LazyPattern(r"\.(png|jpe?g|webp|gif|bmp|tiff?|hei[cf]|avif|psd|svg)$", re.IGNORECASE): gettext(
        "a picture is no job: a job is a .yaml file, or a folder with a job.yaml"
    ),
    LazyPattern(r"\.json$", re.IGNORECASE): gettext(
        "not the name of a job: a job is a .yaml file, or a folder with a job.yaml"
    ),
    LazyPattern(r"\.txt$", re.IGNORECASE): gettext(
        "a text file is no job: if it is meant as one, rename it so that it ends in .yaml"
    ),
}
"""Ends of names of files that may have been meant as a job, and what to do about each; the first that fits counts."""

MISSPELT = gettext("its ending is misspelt: rename it so that it ends in .yaml")
NOT_A_JOB = gettext(
    "not the name of a job: a job is a .yaml file, or a folder with a job.yaml; take it away if it is none"
)

Kind = Literal["job", "table", "templates", "conflict", "almost", "other"]


@lru_cache(maxsize=65_536)
def kind_of(name: str, *, is_folder: bool) -> Kind:
    """What a name in the inbox stands for.

    Args:
        name: without its folder.
        is_folder: whether it is one.

    Returns:
        `job`; `table` for one that is a job where the inbox holds a template for it, and `templates` for the folder of
        those; `conflict` for a copy that a synchroniser made of somebody's file; `almost` for a file that may have been
        meant as a job and has another ending; `other` for what steers, and for the junk of programs.
    """
    if not is_folder and AWAY.search(name):
        return "almost"
    if is_litter(name) or name.endswith("~") or is_steering(name) or (not is_folder and JUNK.search(name)):
        return "other"
    if is_folder and is_templates(name):
        return "templates"
    if is_conflict_copy(name):
        return "conflict"
    if not is_folder and is_table(name):
        return "table"
    return "job" if is_folder or name.lower().endswith(YAML_ENDINGS) else "almost"


def is_junk(name: str) -> bool:
    """Whether a name inside a job's folder is only what programs leave there.

    Args:
        name: relative to the folder, with `/`.
    """
    *folders, file = name.split("/")
    return kind_of(file, is_folder=False) == "other" or any(kind_of(one, is_folder=True) == "other" for one in folders)


@lru_cache(maxsize=65_536)
def remedy_for(name: str, *, is_folder: bool) -> Text | None:
    """What to do about a name that is no job's and not junk; None for any other. Of a table: while it has no template.

    Args:
        name: without its folder.
        is_folder: whether it is one.
    """
    match kind_of(name, is_folder=is_folder):
        case "conflict":
            return CONFLICT_REMEDY
        case "almost" | "table":
            found = (remedy for ending, remedy in ALMOST.items() if ending.search(name))
            return next(found, MISSPELT if _is_misspelt(name) else NOT_A_JOB)
    return None


def _is_misspelt(name: str) -> bool:
    """Whether the ending is nearly `.yaml`: `.yanl`, `.ymal`, or in full-width letters."""
    ending = unicodedata.normalize("NFKC", name).rpartition(".")[2].lower()
    return len(ending) < 7 and bool(difflib.get_close_matches(ending, ("yaml", "yml"), n=1, cutoff=0.74))


@lru_cache(maxsize=65_536)
def stem_of(name: str, *, is_folder: bool) -> str:
    """The stem of a job's name: without `.yaml`, in a form that every share takes.

    A name that Windows takes for a device gets `job-` before it, and none ends like a folder that is not yet whole.

    Args:
        name: without its folder.
        is_folder: whether it is one, which has no ending to lose.

    Returns:
        `job` where nothing else is left.
    """
    stem = plain_name(name if is_folder else name.rpartition(".")[0]) or "job"
    whole = re.sub(r"\.(partial)$", r"-\1", stem, flags=re.IGNORECASE)
    return f"job-{whole}" if DEVICE.fullmatch(whole) else whole


def plain_name(name: str) -> str:
    """The name in a form that every share takes.

    Undecodable bytes, control characters and what Windows forbids become `_`; at most 150 bytes of UTF-8.
    """
    safe = re.sub(r'[<>:"/\\|?*]', "_", UNPRINTABLE.sub("_", name)).strip(" .")
    return safe.encode()[:150].decode(errors="ignore").rstrip(" .")
