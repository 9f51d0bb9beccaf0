"""The notifier: hears the log, and tells people by messages, in a thread of its own that no job waits for.

Knows when something is due; what is told, `watch` and `desk` decide, and how it is sent, `sending`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread

import structlog

from worker.alert_kinds import KINDS, Kind, why_no_template
from worker.clocks import boottime
from worker.operations.alerts.desk import Desk
from worker.operations.alerts.memory import load, save
from worker.operations.alerts.post import AGAIN_S, Parcel, Post, Waiting, lost_words
from worker.operations.alerts.rows import TOLD
from worker.operations.alerts.sending import Addressed, send
from worker.operations.alerts.watch import Watch
from worker.operations.alerts.wording import Wording
from worker.operations.facts import Facts
from worker.translation import Text

log = structlog.get_logger()

MOST_HEARD = 2_000
"""Events that wait for the thread; of more, as no night has them, the rest is counted."""
LOOK_S = 60.0
"""Between two looks at the clock at most: a machine may sleep meanwhile."""
FAULT_S = 30.0
"""After an error that nobody foresaw: whatever it was, it is not met again and again without a pause."""
CLOSING_S = 8.0
"""What is left is sent within so long when a worker ends; the rest at its next start."""

Send = Callable[..., Mapping[int, Text]]
"""As `sending.send`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom to tell, and how."""

    urls: Sequence[str]
    wording: Wording
    memory: Path
    """A file on the local disk."""
    events: Sequence[Kind] = KINDS
    batch_s: float = 600.0
    most_an_hour: int = 12
    describe: Callable[[int], str] = field(default=lambda place: str(place + 1))
    """What an address is called where people read it: never itself."""


class Notifier:
    """Tells of one worker; nothing it does raises into the thread that logs, or waits there."""

    def __init__(
        self,
        plan: Plan,
        *,
        send: Send = send,
        now: Callable[[], float] = boottime,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Take up what the last run left; nothing is sent yet.

        Args:
            plan: whom to tell.
            send: sends letters.
            now: seconds of a clock that nobody sets.
            wall: seconds since 1970.
        """
        self._send, self._now, self._wall = send, now, wall
        self._heard: Queue[tuple[str, Facts]] = Queue(MOST_HEARD)
        self._is_over, self._dropped, self._closing_s = Event(), 0, 0.0
        self._last_reason: dict[int, str] = {}
        self._state = ""
        self._plan, self._watch, self._post = plan, self._watch_of(plan), Post(len(plan.urls))
        load(plan.memory, self._watch, self._post, now_s=now(), wall_s=wall())
        self._thread = Thread(target=self._run, name="notify", daemon=True)

    def _watch_of(self, plan: Plan) -> Watch:
        desk = Desk(wanted=plan.events, batch_s=plan.batch_s, most_an_hour=plan.most_an_hour)
        return Watch(desk, plan.wording.say, plan.wording.translate)

    def start(self) -> None:
        """Begin to tell; what cannot serve is told in the log, once."""
        self._thread.start()

    def hear(self, event: str, facts: Mapping[str, object]) -> None:
        """An event of the log; see `events.Listener`.

        Args:
            event: its name.
            facts: its own.
        """
        if event in TOLD and self._plan.urls:
            self._put(event, dict(facts))

    def hear_state(self, state: str, **facts: object) -> None:  # noqa: ARG002 - heard with all that a record has
        """The worker's state, as its record has it; an idle one has emptied its queue.

        Args:
            state: one word.
            facts: not asked.
        """
        was, self._state = self._state, state
        if state == "idle" and was != "idle":
            self._put("idle", {})

    def drained(self) -> None:
        """The inbox was worked through, and the worker ends."""
        self._put("idle", {})

    def ended(self, reason: str) -> None:
        """The worker ends because of an error.

        Args:
            reason: for a person.
        """
        self._put("ended", {"reason": reason})

    def use(self, plan: Plan) -> None:
        """Tell by another plan from now on; what is gathered and not sent stays.

        Args:
            plan: has the same memory.
        """
        self._put("use", {"plan": plan})

    def _put(self, event: str, facts: Facts) -> None:
        try:
            self._heard.put_nowait((event, facts))
        except Full:
            self._dropped += 1

    def close(self, within_s: float = CLOSING_S) -> None:
        """Send what is left, and end; what cannot be sent in time waits for the next start.

        Args:
            within_s: seconds.
        """
        if not self._thread.is_alive():
            return
        self._closing_s = self._now() + within_s
        self._is_over.set()
        self._put("", {})
        self._thread.join(within_s + 1.0)

    def _run(self) -> None:
        self._whatever_happens(self._tell_what_cannot_serve)
        while not self._is_over.is_set():
            if not self._whatever_happens(lambda: self.step(self._wait_s())):
                self._is_over.wait(FAULT_S)
        self._whatever_happens(self._finish)

    def _whatever_happens(self, step: Callable[[], object]) -> bool:
        """Whether it was done; one event that nobody foresaw keeps no other from being told."""
        try:
            step()
        except Exception as error:
            log.exception("notify.unusable", place="", reason=str(error))
            return False
        return True

    def due_s(self) -> float | None:
        """When there is something to do next, by its own clock; None where nothing is."""
        return min((one for one in (self._watch.due_s(), self._post.due_s()) if one is not None), default=None)

    def _wait_s(self) -> float:
        due_s = self.due_s()
        return LOOK_S if due_s is None else min(LOOK_S, max(0.0, due_s - self._now()))

    def step(self, wait_s: float = 0.0) -> None:
        """Wait for an event, take in all there are, and send what is due.

        Args:
            wait_s: for the first event, in seconds.
        """
        has_heard = self._take_in(wait_s)
        digest = self._watch.take(self._now())
        if digest is not None:
            self._post.put(self._plan.wording.letter(digest), self._now())
        has_sent = self._deliver()
        if has_heard or digest is not None or has_sent:
            self._save()

    def _take_in(self, wait_s: float) -> bool:
        has_heard = False
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            log.error("notify.dropped", place="", messages=dropped)
        while True:
            try:
                event, facts = self._heard.get(timeout=wait_s) if wait_s > 0 else self._heard.get_nowait()
            except Empty:
                return has_heard
            has_heard, wait_s = True, 0.0
            match event:
                case "idle":
                    self._watch.idle(self._now())
                case "ended":
                    self._watch.ended(str(facts.get("reason", "")), self._now())
                case "use":
                    self._use(facts.get("plan"))
                case "":
                    pass
                case _:
                    self._watch.hear(event, facts, self._now())

    def _use(self, plan: object) -> None:
        assert isinstance(plan, Plan)
        self._plan, watch, desk = plan, self._watch, self._watch.desk
        watch.say, watch.translate = plan.wording.say, plan.wording.translate
        desk.wanted, desk.batch_s, desk.most_an_hour = plan.events, plan.batch_s, plan.most_an_hour
        self._post.use(len(plan.urls))
        self._tell_what_cannot_serve()

    def _deliver(self, *, is_ending: bool = False) -> bool:
        due = self._post.due(self._now(), is_ending=is_ending)
        if not due:
            return False
        letters = [self._addressed(parcel) for _, parcel in due]
        if is_ending:
            failed = self._send(letters, within_s=max(1.0, self._closing_s - self._now()))
        else:
            failed = self._send(letters, is_over=self._is_past_closing)
        self._tell_of(due, failed)
        return True

    def _is_past_closing(self) -> bool:
        return self._is_over.is_set() and self._now() >= self._closing_s - 1.0

    def _addressed(self, parcel: Parcel) -> Addressed:
        letter = parcel.letter
        body = letter.body
        if parcel.lost:
            body += "\n\n" + self._plan.wording.translate(lost_words(parcel.lost))
        url = self._plan.urls[parcel.place]
        return Addressed(url=url, title=letter.title, body=body, severity=letter.severity)

    def _tell_of(self, due: list[tuple[Waiting, Parcel]], failed: Mapping[int, Text]) -> None:
        """One line in the log for a reason that stays the same, and one for what is given up."""
        given_up = self._post.tried(due, failed, self._now())
        sent = Counter(parcel.place for number, (_, parcel) in enumerate(due) if number not in failed)
        for place, letters in sorted(sent.items()):
            self._last_reason.pop(place, None)
            log.info("notify.sent", place=self._plan.describe(place), messages=letters)
        for number, reason in failed.items():
            place = due[number][1].place
            if self._last_reason.get(place) != reason:
                self._last_reason[place] = reason
                log.warning("notify.failed", place=self._plan.describe(place), reason=reason, again_s=AGAIN_S[0])
        for place, letters in sorted(given_up.items()):
            log.error("notify.dropped", place=self._plan.describe(place), messages=letters)

    def _tell_what_cannot_serve(self) -> None:
        for name, template in self._plan.wording.templates.items():
            if (why := why_no_template(name, template)) is not None:
                log.warning("notify.unusable", place="templates", reason=why)
        refused = self._send([Addressed(url=url) for url in self._plan.urls], is_over=self._is_over.is_set)
        for place, reason in () if self._is_over.is_set() else refused.items():
            self._last_reason[place] = reason
            log.warning("notify.unusable", place=self._plan.describe(place), reason=reason)

    def _finish(self) -> None:
        self._take_in(0.0)
        digest = self._watch.take(self._now(), is_ending=True)
        if digest is not None:
            self._post.put(self._plan.wording.letter(digest), self._now())
        self._save()  # before anything that may take too long
        if self._deliver(is_ending=True):
            self._save()

    def _save(self) -> None:
        save(self._plan.memory, self._watch, self._post, now_s=self._now(), wall_s=self._wall())
