"""Which events of the log people are told of by notification, how soon, and what ends a trouble that lasts.

Pure: a table. The words are those of `operations.sentences`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from worker.alert_kinds import Kind
from worker.operations.facts import Facts, number, word
from worker.operations.sentences import said
from worker.translation import Text, gettext

OUTAGE_S = 120.0
"""A share or model that is away for less is nobody's business."""
LONG_S = 1_800.0
"""Whatever keeps a worker waiting for so long is told, even a pause by a person, who may have forgotten it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one event is told."""

    kind: Kind | Callable[[Facts], Kind | None]
    """None: it is not told."""
    is_urgent: bool = False
    """It does not wait for others."""
    about: tuple[str, ...] | None = None
    """Facts that name what it is about: what comes again of the same is held back. None: it cannot come again."""
    is_once: bool = False
    """What comes again of the same is not told at all."""
    lasts_s: float = 0.0
    """Told once it has lasted so long, in seconds; and again when it is over, if it was told."""
    over: frozenset[str] = frozenset()
    """Events that end it."""


def _ended(facts: Facts) -> Kind | None:
    kinds: Mapping[str, Kind] = {"complete": "job_done", "partial": "job_partial", "cancelled": "job_cancelled"}
    return kinds.get(str(facts.get("status")), "job_failed")


def _window(facts: Facts) -> Kind | None:
    """Where nothing waits, and nothing was made, there is nothing to say of hours."""
    return "window" if any(number(facts, name) for name in ("pictures_waiting", "made", "left")) else None


def _reminded(facts: Facts) -> Kind | None:
    """After a day, after three, and every week: the log has it every day."""
    days = number(facts, "days")
    return "proof_waiting" if days in (1, 3) or days % 7 == 0 else None


_GOES_ON = frozenset({"job.claimed", "job.started", "job.resumed", "job.settled", "picture.made"})

ROWS: Mapping[str, Row] = {
    "share.away": Row(kind="share_away", is_urgent=True, about=(), lasts_s=OUTAGE_S,
                      over=frozenset({"share.back", "trouble.passed", "worker.ready", "job.claimed", "job.settled"})),
    "model.away": Row(kind="model_away", is_urgent=True, about=(), lasts_s=OUTAGE_S,
                      over=frozenset({"trouble.passed", "worker.ready", "picture.made"})),
    "start.delayed": Row(kind="paused", about=(), lasts_s=LONG_S, over=frozenset({"trouble.passed", "worker.ready"})),
    "worker.paused": Row(kind="paused", about=(), lasts_s=LONG_S, over=_GOES_ON | {"worker.resumed"}),
    "card.hot": Row(kind="card_hot", is_urgent=True, about=()),
    "worker.stalled": Row(kind="worker_broken", is_urgent=True, about=()),
    "worker.unclean_stop": Row(kind="unclean_stop", is_urgent=True, about=()),
    "run.broken": Row(kind="worker_broken", is_urgent=True, about=("reason",)),
    "run.delayed": Row(kind="worker_broken", is_urgent=True, about=()),
    "run.changed": Row(kind=lambda facts: "pictures_failing" if facts.get("careful") else None, about=()),
    "renderer.replaced": Row(kind="renderer_replaced", about=()),
    "renderer.left": Row(kind="renderer_replaced", about=()),
    "space.short": Row(kind="disk_low", is_urgent=True, about=()),
    "job.settled": Row(kind=_ended),
    "job.refused": Row(kind="job_refused"),
    "job.cancelled": Row(kind=lambda facts: None if "left" in facts else "job_cancelled"),
    "job.set_aside": Row(kind="job_trouble", about=("job",)),
    "job.broken": Row(kind="job_trouble", about=("job",)),
    "job.gone": Row(kind="job_trouble", about=("job",)),
    "inbox.left": Row(kind="left_over"),
    "picture.slow": Row(kind="picture_slow", about=("job",)),
    "hook.failed": Row(kind="hook_failed", about=()),
    "proof.published": Row(kind="proof_waiting"),
    "proof.waiting": Row(kind=_reminded),
    "window.begun": Row(kind=_window, about=("until",), is_once=True),
    "window.ended": Row(kind=_window),
}  # fmt: skip
"""By event."""
ENDS: frozenset[str] = frozenset().union(*(row.over for row in ROWS.values()))
TOLD = ROWS.keys() | ENDS | {"job.claimed", "job.resumed", "job.started"}
"""Events that are listened to; of all others nothing is kept."""


def kind_of(row: Row, facts: Facts) -> Kind | None:
    """What an event is told as; None where it is not.

    Args:
        row: of the event.
        facts: its own.
    """
    return row.kind(facts) if callable(row.kind) else row.kind


def words_of(event: str, facts: Facts) -> str:
    """The event as a sentence.

    Args:
        event: one with a row.
        facts: its own, and the folders as their readers have them.
    """
    return said(event, facts) or gettext("{event}: {reason}", event=event, reason=word(facts, "reason"))


ENDED: Text = gettext("The worker has ended: {reason}", reason="")
OVER: Text = gettext("Over, after {duration}: {what}", duration="", what="")
"""What `watch` says beside them."""
