"""Check: whether the pictures that wait fit into the outbox."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine
from worker.translation import gettext, ngettext

GIB = 1024**3


def check(machine: Machine) -> Iterator[Finding]:
    """A line where pictures wait and the file system tells what is free."""
    free_bytes = machine.free_bytes
    if machine.overview is None or free_bytes is None or not machine.waiting.pictures:
        return
    needed_bytes = machine.waiting.size_bytes
    free, needed = f"{free_bytes / GIB:.1f}", f"{needed_bytes / GIB:.1f}"
    pictures = machine.waiting.pictures
    if needed_bytes <= free_bytes:
        text = ngettext(
            "the {count} picture that waits needs about {needed} GiB of the {free} GiB that are free in the outbox.",
            "the {count} pictures that wait need about {needed} GiB of the {free} GiB that are free in the outbox.",
            pictures,
            needed=needed,
            free=free,
        )
        yield Finding(mark="ok", what="room", text=text)
        return
    text = gettext(
        "the {pictures} pictures that wait need about {needed} GiB, and {free} GiB are free in the outbox: about"
        " {fitting} of them fit. Make room there.",
        pictures=pictures,
        needed=needed,
        free=free,
        fitting=int(pictures * max(free_bytes, 0) / needed_bytes),
    )
    yield Finding(mark="warn", what="room", text=text)
