"""Plain file names: which names stand for a file of the folder they are looked up in, and of no other."""

from __future__ import annotations

from worker.problem import legible


def is_plain_file_name(name: str) -> bool:
    """Whether the name stands for a file of the folder it is looked up in, and of no other; one that can be written."""
    return name not in ("", ".", "..") and not any(mark in name for mark in "/\\:\0") and legible(name) == name
