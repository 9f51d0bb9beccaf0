"""A night's report in words that its page and its text share."""

from __future__ import annotations

from collections.abc import Mapping

from worker.progress_words import rough_duration
from worker.report_records import Left, NightReport, Speed, SpeedKind
from worker.translation import Text, gettext, ngettext, printable
from worker.try_words import OUTCOME_WORDS

STAGE_WORDS: Mapping[str, Text] = {
    "encode_s": gettext("encode"),
    "denoise_s": gettext("denoise"),
    "decode_s": gettext("decode"),
    "file_s": gettext("file"),
}
ALIKE = 0.05
"""A median that differs by less is the same."""


def report_headline(report: NightReport) -> Text:
    """What the night came to, in one sentence.

    Args:
        report: of it.
    """
    total, complete = report.total, report.jobs.get("complete", 0)
    if not total and report.proofs:
        return ngettext("{count} proof is made.", "{count} proofs are made.", report.proofs)
    if not total:
        return gettext("No job has ended.")
    if complete == total:
        return ngettext("The job is complete.", "All {count} jobs are complete.", total)
    wrong = sum(report.jobs.get(state, 0) for state in ("partial", "failed", "refused"))
    if not wrong:
        return gettext("Complete: {complete} of {total} jobs.", complete=complete, total=total)
    return ngettext("{count} of {total} jobs needs you.", "{count} of {total} jobs need you.", wrong, total=total)


def outcome_words(outcome: str) -> str:
    """What a try came to, as people say it.

    Args:
        outcome: of a manifest, which may be of another version; empty for a picture that was not tried.
    """
    words: Mapping[str, Text] = {str(key): word for key, word in OUTCOME_WORDS.items()}
    return words.get(outcome) or (printable(outcome.replace("_", " ")) if outcome else gettext("not tried"))


def stage_words(key: str) -> str:
    """A stage as people say it.

    Args:
        key: such as `denoise_s`.
    """
    return STAGE_WORDS.get(key) or printable(key)


def kind_words(kind: SpeedKind) -> Text:
    """`1024x1024, 8 steps`.

    Args:
        kind: of pictures.
    """
    size = f"{kind.width}x{kind.height}"
    return ngettext("{size}, {count} step", "{size}, {count} steps", kind.steps, size=size)


def change_words(speed: Speed) -> Text | None:
    """How a median compares with that of the weeks before; None where there was none.

    Args:
        speed: of one kind of pictures.
    """
    if not speed.before_s:
        return None
    before, ratio = f"{speed.before_s:.1f}", speed.median_s / speed.before_s
    if abs(ratio - 1) < ALIKE:
        return gettext("as in the four weeks before ({before} s)", before=before)
    share = f"{abs(ratio - 1) * 100:.0f}%"
    if ratio > 1:
        return gettext("{share} slower than in the four weeks before ({before} s)", share=share, before=before)
    return gettext("{share} faster than in the four weeks before ({before} s)", share=share, before=before)


def left_words(left: Left) -> Text:
    """How many jobs wait, and how long they take.

    Args:
        left: with at least one.
    """
    jobs = ngettext("{count} job waits", "{count} jobs wait", left.jobs)
    if left.ends_in_s is None:
        return jobs
    return gettext("{jobs}, about {duration} in all", jobs=jobs, duration=rough_duration(left.ends_in_s))
