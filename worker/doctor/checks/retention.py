"""Check: how many finished folders are old enough to go, and whether the archive can take them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from worker.doctor.check import Finding, Machine
from worker.translation import Text, gettext, ngettext


def check(machine: Machine) -> Iterator[Finding]:
    """A line where `retention` is set: what would go now; a warning where the archive cannot take it."""
    said = machine.settings.retention
    if said is None:
        return
    if (fault := machine.archive_fault()) is not None:
        yield Finding(mark="warn", what="retention", text=gettext("{fault}.", fault=fault))
    count = machine.old_folders()
    if count is not None:
        text = ngettext(
            "{count} finished folder is older than {days} days.",
            "{count} finished folders are older than {days} days.",
            count,
            days=said.after_days,
        )
        yield Finding(mark="ok", what="retention", text=_and_then(text, said.archive))


def _and_then(text: Text, archive: Path | None) -> Text:
    if archive is None:
        return gettext("{text} They are deleted, but for those in which anything was changed or put.", text=text)
    return gettext(
        "{text} They go to {archive}, but for those in which anything was changed or put.", text=text, archive=archive
    )
