"""Names of pictures and of finished folders.

Every file system that a share may have takes them: Windows' device names, length, case and composition of letters.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from worker.plain_names import DEVICE, is_litter
from worker.translation import Text, gettext

MAX_STEM_BYTES = 110
"""UTF-8; leaves room for what evidence adds (`.12-encode_on_host-not_finite.png`) in eCryptfs's 143 bytes."""
MAX_JOB_NAME_BYTES = 100
"""UTF-8; leaves room for `.<claim>.partial`."""

RESERVED_STEMS = frozenset({"manifest", "results", "index", "job", "error", "status", "rejected"})
"""Names that the worker's own files in a finished folder have."""
_RESERVED_FOLDERS = frozenset(
    {
        "status.json",
        "status.html",
        "index.html",
        "receipts",
        "_overview",
        "_reports",
        "_templates",
        "pause",
        "pause.txt",
    }
)
"""The worker's own files in the outbox, and what would mean something else when the folder is dropped again."""
_UNCLEAR_ENDING = re.compile(r"\.(partial|ready|(cancel|retry|approve|reject)(\.txt)?)$", re.IGNORECASE)
"""Of a folder that is not whole, and of what steers workers (`spool.steering`)."""
_FORBIDDEN = frozenset('<>:"/\\|?*')
"""By Windows, in any name; what else cannot be shown is left out."""
_ENDS = " .-"
"""What a name neither begins nor ends with."""


def clean_stem(text: str) -> str:
    """The text as a file's stem: letters (any script), digits and `._-`; all else becomes one `-`.

    Returns:
        At most MAX_STEM_BYTES; a longer name is cut and ends in 8 hex digits of its hash. May be empty.
    """
    kept = "".join(c if c in "._-" or _is_letter(c) else " " for c in unicodedata.normalize("NFC", text))
    stem = "-".join(kept.split()).strip("-.")
    if len(stem.encode()) <= MAX_STEM_BYTES:
        return stem
    digest = hashlib.sha256(stem.encode()).hexdigest()[:8]
    return f"{stem.encode()[: MAX_STEM_BYTES - 9].decode(errors='ignore')}-{digest}"


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def fault_of_stem(stem: str) -> Text | None:
    """Why a picture cannot have that name, or None."""
    if not stem:
        return gettext(
            "The file name is empty once everything but letters, digits and `._-` is left out. Write another."
        )
    if DEVICE.fullmatch(stem):
        return gettext(
            "Windows does not allow the file name `{stem}`. Write another, such as `{{id}}_{{index:02}}`.", stem=stem
        )
    if stem.casefold() in RESERVED_STEMS:
        return gettext(
            "The file name `{stem}` is used by the worker's own files. Write another, such as `picture-{stem}`.",
            stem=stem,
        )
    return None


def folder_name(title: str) -> str:
    """The name of a finished folder: the title, but for what some share would refuse, hide or mistake.

    Args:
        title: of any script and length, as a person wrote it; or the stem of what was dropped.

    Returns:
        At most MAX_JOB_NAME_BYTES of UTF-8, composed; `job` where nothing else is left. The name of a name is itself.
    """
    kept = "".join(map(_kept, unicodedata.normalize("NFC", title)))
    name = re.sub(r"\s*[^\S ]\s*", " ", kept).strip(_ENDS).encode()[:MAX_JOB_NAME_BYTES].decode(errors="ignore")
    name = _UNCLEAR_ENDING.sub(r"-\1", name.rstrip(f"{_ENDS}~").strip(_ENDS))  # editors' spare files end in ~
    if not name or DEVICE.fullmatch(name) or is_litter(name) or name.casefold() in _RESERVED_FOLDERS:
        name = f"job-{name.lstrip('~@#$')}".rstrip(_ENDS)
    return name


def _kept(character: str) -> str:
    if character in _FORBIDDEN:
        return "-"
    return "" if unicodedata.category(character)[0] == "C" and not character.isspace() else character
