"""The verdict of `doctor`: whether a night can begin, and what to mend, the most important first.

Pure: findings come in, texts go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.doctor.check import WHATS, Finding
from worker.translation import Text, gettext, ngettext

IMPORTANCE = (
    "setting", "folders", "pause", "workers", "inbox", "outbox", "failed", "room", "model", "files", "device",
    "host", "card", "queue", "notify", "results", "time", "compiler", "memory", "retention", "hook", "metrics",
)  # fmt: skip
"""First columns; of two findings with one mark the one that stands first here is the more important."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What comes of all findings."""

    is_ready: bool
    """Whether `run` would start; what is only to be read changes nothing."""
    lines: Sequence[Text]
    """As they are said: a sentence, and below it what is to be mended or read."""


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Judge a machine.

    Args:
        findings: of all checks.
    """
    told = sorted((one for one in findings if one.mark != "ok"), key=_importance)
    failures = sum(one.mark == "FAIL" for one in told)
    if failures:
        head = ngettext(
            "Not ready for tonight: {count} thing must be mended. The most important first:",
            "Not ready for tonight: {count} things must be mended. The most important first:",
            failures,
        )
    elif any(one.stops_work for one in told):
        head = ngettext(
            "This machine is ready, but as it stands nothing is made tonight. {count} thing is to be mended or read:",
            "This machine is ready, but as it stands nothing is made tonight. {count} things are to be mended or read,"
            " the most important first:",
            len(told),
        )
    elif told:
        head = ngettext(
            "Ready for tonight, but {count} thing is to be read:",
            "Ready for tonight, but {count} things are to be read. The most important first:",
            len(told),
        )
    else:
        head = gettext("Ready for tonight.")
    lines = (
        gettext("  {number}. {what}: {text}", number=number, what=WHATS.get(one.what, one.what), text=one.text)
        for number, one in enumerate(told, start=1)
    )
    return Verdict(is_ready=not failures, lines=[head, *lines])


def _importance(finding: Finding) -> tuple[bool, bool, int]:
    place = IMPORTANCE.index(finding.what) if finding.what in IMPORTANCE else len(IMPORTANCE)
    return finding.mark != "FAIL", not finding.stops_work, place
