"""Which events of the log people are told of by notification, how soon, and what ends a trouble that lasts.

Pure: a table. The words are those of `operations.sentences`; where an event has none there, they stand here.
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
HOT_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one event is told."""

    kind: Kind | Callable[[Facts], Kind | None]
    """None: it is not told."""
    is_urgent: bool = False
    """It does not wait for others."""
    about: tuple[str, ...] | None = None
    """Facts that name what it is about: what comes again of the same is held back. None: it cannot come again."""
    lasts_s: float = 0.0
    """Told once it has lasted so long, in seconds; and again when it is over, if it was told."""
    over: frozenset[str] = frozenset()
    """Events that end it."""
    words: Callable[[Facts], str] | None = None
    """In the place of the sentence for a terminal."""


def _ended(facts: Facts) -> Kind | None:
    kinds: Mapping[object, Kind] = {"complete": "job_done", "partial": "job_partial", "cancelled": "job_cancelled"}
    return kinds.get(facts.get("status"), "job_failed")


def _proof(facts: Facts) -> str:
    return gettext("{job}: the proof is ready and waits for approval.", job=word(facts, "job"))


def _still_waiting(facts: Facts) -> str:
    return gettext("{job}: the proof still waits for approval.", job=word(facts, "job"))


def _window_begun(facts: Facts) -> str:
    if "pictures_fit" not in facts or facts.get("pictures_fit") is None:
        return gettext(
            "The hours have begun: {waiting} pictures wait, until {until}.",
            waiting=number(facts, "pictures_waiting"),
            until=word(facts, "until"),
        )
    return gettext(
        "The hours have begun: {fit} of {waiting} pictures by {until}.",
        fit=number(facts, "pictures_fit"),
        waiting=number(facts, "pictures_waiting"),
        until=word(facts, "until"),
    )


def _window_ended(facts: Facts) -> str:
    made, left = number(facts, "made"), number(facts, "left")
    return gettext("The hours are over: {made} pictures were made, {left} are left.", made=made, left=left)


def _slow(facts: Facts) -> str:
    return gettext(
        "{file} took {seconds} s; usual are {usual} s.",
        file=word(facts, "file"),
        seconds=word(facts, "seconds"),
        usual=word(facts, "usual_s"),
    )


def _hot(facts: Facts) -> str:
    return gettext("The card is too hot: {temperature} °C.", temperature=word(facts, "temperature_c"))


def _hook(facts: Facts) -> str:
    return gettext("{job}: the hook failed ({reason}).", job=word(facts, "job"), reason=word(facts, "reason"))


_GOES_ON = frozenset({"job.claimed", "job.started", "job.resumed", "job.settled", "picture.made", "worker.stopping"})

ROWS: Mapping[str, Row] = {
    "share.away": Row(kind="share_away", is_urgent=True, about=(), lasts_s=OUTAGE_S,
                      over=frozenset({"share.back", "trouble.passed", "worker.ready", "job.claimed", "job.settled"})),
    "model.away": Row(kind="model_away", is_urgent=True, about=(), lasts_s=OUTAGE_S,
                      over=frozenset({"trouble.passed", "worker.ready", "picture.made"})),
    "start.delayed": Row(kind="paused", about=(), lasts_s=LONG_S, over=frozenset({"trouble.passed", "worker.ready"})),
    "worker.paused": Row(kind="paused", about=(), lasts_s=LONG_S, over=_GOES_ON | {"worker.resumed"}),
    "card.hot": Row(kind="card_hot", is_urgent=True, about=(), lasts_s=HOT_S, over=_GOES_ON | {"card.cooled"},
                    words=_hot),
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
    "picture.slow": Row(kind="picture_slow", about=("job",), words=_slow),
    "hook.failed": Row(kind="hook_failed", about=(), words=_hook),
    "proof.published": Row(kind="proof_waiting", words=_proof),
    "proof.waiting": Row(kind="proof_waiting", words=_still_waiting),
    "window.begun": Row(kind="window", words=_window_begun),
    "window.ended": Row(kind="window", words=_window_ended),
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
    row = ROWS[event]
    sentence = said(event, facts) or (row.words(facts) if row.words else None)
    return sentence or gettext("{event}: {reason}", event=event, reason=word(facts, "reason"))


ENDED: Text = gettext("The worker has ended: {reason}", reason="")
OVER: Text = gettext("Over, after {duration}: {what}", duration="", what="")
"""What `watch` says beside them."""
