"""Names of pictures and of finished folders.

Every file system that a share may have takes them: Windows' device names, length, case and composition of letters.
"""

from __future__ import annotations

import hashlib
import unicodedata

from worker.plain_names import DEVICE
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

MAX_STEM_BYTES = 110
"""UTF-8; leaves room for what evidence adds (`.12-encode_on_host-not_finite.png`) in eCryptfs's 143 bytes."""
MAX_JOB_NAME_BYTES = 100
"""UTF-8; leaves room for `.<claim>.partial`."""

RESERVED_STEMS = frozenset({"manifest", "results", "index", "job", "error", "status", "rejected"})
"""Names that the worker's own files in a finished folder have."""
_RESERVED_FOLDERS = frozenset({"status.json", "status.html", "receipts"})
"""The worker's own files in the outbox."""


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


def collision_key(stem: str) -> str:
    """Equal for names that some file system takes for the same: case and composition are ignored."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", stem).casefold())


def check_job_name(name: str) -> str:
    """The name itself (NFC), if a finished folder can have it.

    Raises:
        ValueError: characters, length or ending that a share would refuse or mistake.
    """
    name = unicodedata.normalize("NFC", name)
    if len(name.encode()) > MAX_JOB_NAME_BYTES:
        raise ValueError(
            gettext(
                "`{name}` is too long: a name has at most {most} bytes (33 Chinese characters).",
                name=clipped(name),
                most=MAX_JOB_NAME_BYTES,
            )
        )
    if name != default_job_name(name):
        raise ValueError(
            gettext(
                "`{name}` cannot name a folder everywhere. Allowed are letters, digits, spaces and `._-`, not at the"
                " ends, and no name that Windows or the worker keeps for itself. Write, for example, `{example}`.",
                name=clipped(name),
                example=default_job_name(name),
            )
        )
    return name


def default_job_name(stem: str) -> str:
    """The nearest name that a finished folder can have.

    Args:
        stem: of the dropped file or folder, as the spool makes it of the name (`stem_of`).
    """
    kept = "".join(c if c in "._- " or _is_letter(c) else "-" for c in unicodedata.normalize("NFC", stem))
    name = kept.encode()[:MAX_JOB_NAME_BYTES].decode(errors="ignore").strip(" .-")
    if name.casefold().endswith(".partial"):
        name = f"{name[:-8]}-partial"
    if not name or DEVICE.fullmatch(name) or name.casefold() in _RESERVED_FOLDERS:
        name = f"job-{name}".rstrip("-")
    return name
