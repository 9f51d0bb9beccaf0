"""The post: letters that wait to be sent, and what becomes of those that cannot be.

Pure decisions over seconds that are handed in: each address is tried again after a while; in the end the letter is
lost, and the next that arrives there says so.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.operations.alerts.wording import Letter
from worker.translation import Text, ngettext

AGAIN_S = (30.0, 120.0, 600.0, 1_800.0)
"""After so long an address is tried again; after the last of them the letter is lost for it."""
MOST = 20
"""Letters that wait; of more the oldest is lost."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A letter that has not reached everybody."""

    letter: Letter
    places: set[int]
    """Addresses that it has not reached, from 0."""
    tries: int = 0
    due_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A letter to one address."""

    place: int
    """Which, from 0."""
    letter: Letter
    lost: int
    """Letters to it before this one that were lost."""


@dataclass(slots=True)
class Post:
    """Letters in the order in which they were written."""

    places: int
    """How many addresses there are."""
    waiting: deque[Waiting] = field(default_factory=deque)
    lost: Counter[int] = field(default_factory=Counter)
    """By address: letters since the last that arrived."""

    def put(self, letter: Letter, now_s: float) -> None:
        """Take a letter.

        Args:
            letter: to all addresses.
            now_s: seconds of a clock that nobody sets.
        """
        if self.places:
            self.waiting.append(Waiting(letter=letter, places=set(range(self.places)), due_s=now_s))
        while len(self.waiting) > MOST:
            self.lost.update(self.waiting.popleft().places)

    def use(self, places: int) -> None:
        """From now on there are so many addresses; what was for one that is gone goes with it.

        Args:
            places: how many.
        """
        self.places = places
        for one in self.waiting:
            one.places &= set(range(places))
        self.waiting = deque(one for one in self.waiting if one.places)

    def due_s(self) -> float | None:
        """When something is to be sent next; None where nothing is."""
        return min((one.due_s for one in self.waiting), default=None)

    def due(self, now_s: float, *, is_ending: bool = False) -> list[tuple[Waiting, Parcel]]:
        """What is to be sent now.

        Args:
            now_s: as for `put`.
            is_ending: what waits to be tried again is, once more.
        """
        return [
            (one, Parcel(place=place, letter=one.letter, lost=self.lost[place]))
            for one in self.waiting
            if is_ending or one.due_s <= now_s
            for place in sorted(one.places)
        ]

    def tried(self, sent: list[tuple[Waiting, Parcel]], failed: Mapping[int, str], now_s: float) -> Counter[int]:
        """Take in what came of what was due.

        Args:
            sent: what `due` gave.
            failed: by its number there, why it did not arrive.
            now_s: as for `put`.

        Returns:
            How many letters were given up, by address.
        """
        for number, (one, parcel) in enumerate(sent):
            if number not in failed:
                one.places.discard(parcel.place)
                self.lost.pop(parcel.place, None)
        given_up: Counter[int] = Counter()
        for one in {id(one): one for one, _ in sent}.values():
            if one.places and one.tries >= len(AGAIN_S):
                given_up.update(one.places)
                one.places = set()
            elif one.places:
                one.due_s = now_s + AGAIN_S[one.tries]
                one.tries += 1
        self.lost.update(given_up)
        self.waiting = deque(one for one in self.waiting if one.places)
        return given_up


def lost_words(lost: int) -> Text:
    """What stands below a letter when others before it were lost.

    Args:
        lost: how many.
    """
    return ngettext(
        "{count} message before this one could not be sent.",
        "{count} messages before this one could not be sent.",
        lost,
    )
