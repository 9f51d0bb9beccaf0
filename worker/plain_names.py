"""Plain file names: which stand for a file of one's own folder, a device or litter, and which are one name."""

from __future__ import annotations

import re
import unicodedata

from worker.problem import legible

YAML_ENDINGS = (".yaml", ".yml")
"""Of a job file and of a template, in any letter case."""
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, with any extension."""
LITTER = {
    "@eadir",
    "#recycle",
    "#snapshot",
    "lost+found",
    "__macosx",
    "$recycle.bin",
    "system volume information",
    "thumbs.db",
    "desktop.ini",
    "icon\r",
}
"""What systems put into any folder, in small letters; beside it whatever begins with `.` or `~`."""


def is_plain_file_name(name: str) -> bool:
    """Whether the name stands for a file of the folder it is looked up in, and of no other; one that can be written."""
    return name not in ("", ".", "..") and not any(mark in name for mark in "/\\:\0") and legible(name) == name


def is_litter(name: str) -> bool:
    """Whether a file or folder of that name is what a system or a copier leaves anywhere: never a person's."""
    return name.startswith((".", "~")) or name.lower() in LITTER


def composed(name: str) -> str:
    """A name as all its spellings have it: shares and Macs part letters from their accents."""
    return unicodedata.normalize("NFC", name)


def alike(name: str) -> str:
    """The same for names that some file system or a person takes for one: `Mug` and `mug`, in every spelling."""
    return composed(composed(name).casefold())
