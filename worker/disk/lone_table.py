"""A lone table in an inbox: which template makes a catalogue of it.

Knows the folder of templates beside a table, and that a table and its template are one job: `job.yaml` and the table.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from worker.plain_names import YAML_ENDINGS, alike, is_litter

TEMPLATES = "_templates"
"""Folder of templates, kept by people: never a job."""
DEFAULT_STEM = "default"
"""Of the template for every table that has none of its own name."""
TABLE_ENDINGS = (".csv", ".tsv", ".xlsx")


def is_table(name: str) -> bool:
    """Whether a file of that name is a product table.

    Args:
        name: of a file, in any letter case.
    """
    return name.lower().endswith(TABLE_ENDINGS)


def is_templates(name: str) -> bool:
    """Whether a folder of that name holds templates, in any letter case.

    Args:
        name: of a folder.
    """
    return name.casefold() == TEMPLATES


def template_among(table: str, names: Iterable[str]) -> str | None:
    """The template of a table: the one of its own stem, else `default`; None where there is neither.

    Args:
        table: name of its file.
        names: of what lies in the folder of templates.
    """
    by_stem: dict[str, str] = {}
    for name in sorted(names):
        stem, ending = os.path.splitext(name)
        if ending.lower() in YAML_ENDINGS and not is_litter(name):
            by_stem.setdefault(alike(stem.strip()), name)
    return by_stem.get(alike(os.path.splitext(table)[0].strip())) or by_stem.get(DEFAULT_STEM)


def template_for(table: Path, *, templates: Path | None = None) -> Path | None:
    """Where that template lies; None for a table without one, and for any other file.

    Args:
        table: its path.
        templates: folder of templates; else the one beside the table.

    Raises:
        OSError: the folder cannot be listed.
    """
    if not is_table(table.name) or is_litter(table.name):
        return None
    folder = templates or templates_beside(table)
    with suppress(FileNotFoundError):
        name = template_among(table.name, os.listdir(folder))
        return folder / name if name is not None else None
    return None


def template_of(table: Path, inbox: Path) -> Path | None:
    """The template that makes a job of a table anywhere: one beside the table, else one of the inbox.

    Args:
        table: its path; of any other file or folder there is none.
        inbox: of the spool; it may be away.
    """
    with suppress(OSError):  # of a share that is away nothing is known
        return template_for(table) or template_for(table, templates=templates_beside(inbox / table.name))
    return None


def templates_beside(path: Path) -> Path:
    """The folder of templates beside a file, in the letter case in which somebody made it; it may be missing.

    Args:
        path: of the file, which may be missing too.

    Raises:
        OSError: the folder they lie in cannot be listed.
    """
    usual = path.parent / TEMPLATES
    if os.path.lexists(usual):
        return usual
    with suppress(FileNotFoundError):
        return next((path.parent / name for name in sorted(os.listdir(path.parent)) if is_templates(name)), usual)
    return usual
