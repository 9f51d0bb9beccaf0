"""Turns at the page of everything: when a worker looks, and when it writes, so that several of them never fight.

Whoever wrote it last goes on; the others see that somebody does, and step in where nobody does any more. A page is
written no oftener than its size allows. By this worker's own clock alone.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOK_S = 15.0
"""Between two looks at everything."""
STATE_S = 5.0
"""Least time between two versions of which the later tells of another state: a job begins, ends, waits, is paused."""
PROGRESS_S = 30.0
"""Likewise where only numbers have changed."""
IDLE_S = 300.0
"""So old a page becomes while nothing changes: the browser of a phone may have nothing but the page itself."""
NEWS_S = 15.0
"""Likewise the few bytes that tell open pages, and the other workers, that somebody lives."""
OTHERS_S = 35.0
"""For so long after a sign of another worker that writes nobody else looks at everything without an own reason."""
BYTES_A_SECOND = 10_000
"""All workers together write no more of the page, and so an open page reads no more: 0.6 MB a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What stands at the head of a page that is there: by it every worker knows what it says."""

    as_of: str
    """ISO 8601, UTC, by the clock of whoever wrote it."""
    state: str
    """Differs whenever a state is another one."""
    progress: str
    """Differs whenever a number is another one."""

    def __str__(self) -> str:
        """As it stands in the page."""
        return f"{self.as_of} {self.state} {self.progress}"


def marks_in(text: str) -> Marks | None:
    """The marks that `str` has made; None for anything else.

    Args:
        text: whatever stands there.
    """
    parts = text.split(" ")
    return Marks(as_of=parts[0], state=parts[1], progress=parts[2]) if len(parts) == 3 else None


class Turns:
    """Of one worker; every moment is in seconds of a clock that nobody sets."""

    def __init__(self) -> None:
        self._look_at_s = 0.0
        self._has_rung = False
        self._is_last = False
        self._standing: Marks | None = None
        self._changed_s = float("-inf")
        self._others_s = float("-inf")
        self._stamp: object = None
        """Of the news, as this worker last saw or wrote them."""
        self._news_s = float("-inf")
        self._size_bytes = 0

    def ring(self, now_s: float) -> None:
        """This worker's own state has changed: look soon, whoever else writes.

        Args:
            now_s: of now.
        """
        self._has_rung = True
        self._look_at_s = min(self._look_at_s, max(now_s, self._changed_s + self._gap_s(STATE_S)))

    def is_due(self, now_s: float) -> bool:
        """Whether to see what stands there.

        Args:
            now_s: of now.
        """
        return now_s >= self._look_at_s

    def begin(self, now_s: float) -> None:
        """A look begins; where the share does not let it end, another does in a few seconds.

        Args:
            now_s: of now.
        """
        self._look_at_s = now_s + STATE_S

    def finish(self) -> None:
        """The next turn is this worker's last: it looks and writes whatever others do."""
        self._is_last, self._look_at_s = True, float("-inf")

    def sees(self, standing: Marks | None, stamp: object, *, now_s: float, size_bytes: int = 0) -> bool:
        """Take in what stands there; whether to look at everything, as no other worker does.

        Args:
            standing: marks of the page that is there; None where none is.
            stamp: differs whenever somebody has written the news; None where none are.
            now_s: of now.
            size_bytes: of the page that is there, whoever has written it.
        """
        self._look_at_s = now_s + LOOK_S
        has_rung, self._has_rung = self._has_rung, False
        if stamp is not None and stamp != self._stamp:
            self._stamp, self._others_s = stamp, now_s
        if standing is not None and standing != self._standing:
            self._standing, self._changed_s, self._others_s = standing, now_s, now_s
            self._size_bytes = size_bytes
            if has_rung:
                self.ring(now_s)
            return self._is_last
        return standing is None or has_rung or self._is_last or now_s - self._others_s >= OTHERS_S

    def wants_page(self, marks: Marks, *, is_there: bool, now_s: float) -> bool:
        """Whether a page that says this is to be written; if it is not time yet, it will be at a later look.

        Args:
            marks: of what was seen.
            is_there: whether a page is.
            now_s: of now.
        """
        standing = self._standing
        if standing is None or not is_there or self._is_last:
            return True
        age_s = now_s - self._changed_s
        if marks.state != standing.state:
            gap_s = self._gap_s(STATE_S)
            if age_s < gap_s:
                self._look_at_s = min(self._look_at_s, self._changed_s + gap_s)
            return age_s >= gap_s
        return age_s >= (self._gap_s(PROGRESS_S) if marks.progress != standing.progress else IDLE_S)

    def wrote(self, marks: Marks, *, size_bytes: int, now_s: float) -> None:
        """The page is there.

        Args:
            marks: of it.
            size_bytes: of it.
            now_s: of now.
        """
        self._standing, self._changed_s, self._size_bytes, self._news_s = marks, now_s, size_bytes, float("-inf")

    def wants_news(self, now_s: float) -> bool:
        """Whether to tell that this worker lives, and which page is the newest.

        Args:
            now_s: of now.
        """
        return now_s - self._news_s >= NEWS_S or self._is_last

    def told_news(self, stamp: object, *, now_s: float) -> None:
        """It is told.

        Args:
            stamp: of what was written.
            now_s: of now.
        """
        self._news_s, self._stamp = now_s, stamp

    @property
    def standing(self) -> Marks | None:
        """Of the newest page."""
        return self._standing

    def _gap_s(self, least_s: float) -> float:
        return max(least_s, self._size_bytes / BYTES_A_SECOND)
