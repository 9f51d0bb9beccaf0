"""What a timer tells (`status --notify`): that nobody works while jobs wait, or that the folders are away.

A worker cannot report its own death. Each trouble is told once when it has lasted a while, and once when it is over;
what was told, a small file in the state folder of the machine that asks knows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from worker.alert_kinds import KINDS, Kind
from worker.compose.notifying import alone, plan_of
from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.errors import FoldersAway
from worker.moments import moment_of
from worker.operations.alerts.notifier import Plan
from worker.operations.alerts.rows import OVER
from worker.operations.alerts.sending import Addressed, send
from worker.operations.alerts.wording import SENTENCE, SUBJECT, Severity
from worker.overview_records import Overview
from worker.progress_words import exact_duration
from worker.settings import Settings
from worker.settings.notify import MOST_URLS
from worker.translation import Text, gettext, ngettext, sentences

LASTS_S = 180.0
"""A worker that is started again is back by then."""
LOOK_S = 45.0
"""A look takes a second or two."""
MOST_TRIES = 12
"""At telling that it is over; an address that has not been reached by then is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the folders show at one look."""

    kind: Kind
    text: str
    silent_s: float = 0.0
    """For so long it has lasted at least, as the folders say."""


@dataclass(slots=True, kw_only=True)
class Known:
    """A trouble that was seen at an earlier look."""

    since_s: float
    """Since 1970."""
    text: str = ""
    """As it was told."""
    reached: list[int] = field(default_factory=list)
    """Addresses that know of it, from 0."""
    over_s: float | None = None
    """When it was over; None while it lasts."""
    tries: int = 0
    """At telling that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of telling."""

    sent: tuple[str, ...] = ()
    """Subjects of messages that went out."""
    failed: tuple[Text, ...] = ()
    """Why one did not reach an address; it is tried again at the next look."""


def trouble_in(seen: Overview | FoldersAway, *, now_s: float) -> Trouble | None:
    """The trouble of which people are to be told, if there is one.

    Args:
        seen: what the look found, or why it found nothing.
        now_s: seconds since 1970.
    """
    if isinstance(seen, FoldersAway):
        return Trouble(kind="share_away", text=gettext("The folders cannot be reached: {why}", why=seen.text))
    if not seen.nobody_works:
        return None
    count = len(seen.waiting) + len(seen.running)
    text: str = ngettext("Nobody works while {count} job waits.", "Nobody works while {count} jobs wait.", count)
    heard = [moment for worker in seen.workers if (moment := moment_of(worker.heard_at)) is not None]
    last = max(heard, default=None)
    if last is None:
        return Trouble(kind="nobody_works", text=text)
    silent_s = max(0.0, now_s - last.timestamp())
    since = gettext("The last worker was heard of {duration} ago.", duration=exact_duration(silent_s))
    return Trouble(kind="nobody_works", text=sentences((text, since)), silent_s=silent_s)


def seen_in_time(look: Callable[[], Overview], *, within_s: float = LOOK_S) -> Overview | FoldersAway:
    """What a look finds, or why it finds nothing; one into a share that never answers is given up.

    Args:
        look: at the folders. Raises FoldersAway.
        within_s: seconds; its thread may hang for ever.

    Raises:
        Exception: whatever else the look raised.
    """
    found: SimpleQueue[Overview | Exception] = SimpleQueue()

    def try_to() -> None:
        try:
            found.put(look())
        except Exception as error:  # noqa: BLE001 - raised on in the thread of who asked
            found.put(error)

    Thread(target=try_to, name="look", daemon=True).start()
    try:
        seen = found.get(timeout=within_s)
    except Empty:
        return FoldersAway(gettext("no answer within {seconds} s", seconds=f"{within_s:g}"))
    if isinstance(seen, Exception) and not isinstance(seen, FoldersAway):
        raise seen
    return seen


def tell_onlookers(settings: Settings, seen: Overview | FoldersAway, *, now_s: float | None = None) -> Told:
    """Tell people of what is new, once each.

    Args:
        settings: of the worker on whose folders was looked.
        seen: what the look found, or why it found nothing.
        now_s: seconds since 1970; now, when not given.
    """
    plan = plan_of(settings, teller="status")
    if plan is None or not plan.urls:
        return Told(failed=(gettext("`notify` names nobody, so nobody can be told."),))
    with alone(plan.memory.parent) as is_alone:
        if not is_alone:  # the look before this one still sends
            return Told()
        now_s = time.time() if now_s is None else now_s
        known = _read(plan.memory, now_s=now_s)
        told = _Teller(plan, now_s).tell(known, trouble_in(seen, now_s=now_s), is_blind=isinstance(seen, FoldersAway))
        _write(plan.memory, known)
        return told


class _Teller:
    """One look's messages."""

    def __init__(self, plan: Plan, now_s: float) -> None:
        self._plan, self._now_s = plan, now_s
        self._sent: list[str] = []
        self._failed: list[Text] = []

    def tell(self, known: dict[str, Known], trouble: Trouble | None, *, is_blind: bool) -> Told:
        """Tell of what has begun, and of what is over.

        Args:
            known: of earlier looks, by kind; as they stand after this one.
            trouble: of this look.
            is_blind: the folders could not be looked at: what was known of workers may still be so.
        """
        if trouble is not None and trouble.kind in self._plan.events:
            self._goes_on(known.setdefault(trouble.kind, Known(since_s=self._now_s - trouble.silent_s)), trouble)
        for kind, one in [*known.items()]:
            is_here = trouble is not None and trouble.kind == kind
            if not is_here and not (is_blind and kind == "nobody_works") and self._is_over(one):
                del known[kind]
        return Told(sent=tuple(self._sent), failed=tuple(self._failed))

    def _goes_on(self, one: Known, trouble: Trouble) -> None:
        one.over_s, one.tries = None, 0
        if self._now_s - one.since_s >= LASTS_S:
            one.text = self._plan.wording.translate(trouble.text)
            places = [place for place in range(len(self._plan.urls)) if place not in one.reached]
            one.reached += self._send(one.text, places, severity="failure")

    def _is_over(self, one: Known) -> bool:
        """Whether everybody knows who knew that it had begun."""
        one.over_s = self._now_s if one.over_s is None else one.over_s
        one.tries += 1
        words = OVER.filled(duration=exact_duration(one.over_s - one.since_s), what=one.text)
        places = [place for place in one.reached if place < len(self._plan.urls)]
        reached = self._send(self._plan.wording.translate(words), places, severity="success")
        one.reached = [place for place in places if place not in reached]
        return not one.reached or one.tries >= MOST_TRIES

    def _send(self, text: str, places: Collection[int], *, severity: Severity) -> list[int]:
        """Those of the addresses that were reached."""
        wording, urls = self._plan.wording, self._plan.urls
        title = wording.translate(gettext("{worker}: {summary}", worker=wording.worker, summary=text))[:SUBJECT]
        letters = [Addressed(url=urls[place], title=title, body=text, severity=severity) for place in places]
        failed = send(letters)
        self._failed += failed.values()
        reached = [place for number, place in enumerate(places) if number not in failed]
        self._sent += [text] if reached else []
        return reached


def _read(file: Path, *, now_s: float) -> dict[str, Known]:
    """What earlier looks knew; what is odd, or of a time to come, is forgotten."""
    known: dict[str, Known] = {}
    record: Mapping[str, object] = {}
    with suppress(OSError):
        record = read_record(file)
    for kind in KINDS:
        one = record.get(kind)
        with suppress(TypeError, ValueError, KeyError):
            if isinstance(one, dict) and float(one["since_s"]) <= now_s:
                known[kind] = Known(
                    since_s=float(one["since_s"]),
                    text=str(one["text"])[:SENTENCE],
                    reached=[int(place) for place in one["reached"]][:MOST_URLS],
                    over_s=None if one["over_s"] is None else float(one["over_s"]),
                    tries=int(one["tries"]),
                )
    return known


def _write(file: Path, known: Mapping[str, Known]) -> None:
    with suppress(OSError):
        make_folder(file.parent)
        replace_file(file, json.dumps({kind: asdict(one) for kind, one in known.items()}, ensure_ascii=False) + "\n")
