"""A worker's journal of its nights: when it rendered, why it waited and for how long, and when it had died.

`inbox/.zimage-worker/workers/ID.nights`: what no manifest says. Written every few minutes, and where a run begins or
ends; read whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.disk.record_fields import count_in, inner, moment_in, objects_in, seconds_in, text_in
from worker.report_records import Wait, WorkerNight
from worker.translation import Language, translated

ENDING = ".nights"
WRITE_EVERY_S = 300.0
LONGEST_STEP_S = 600.0
"""Between two states; a worker tells its state far oftener, and a machine that slept did not work."""
MOST_NIGHTS = 40
MOST_REASONS = 12
"""Of a night; what waits for further ones counts with the last of them."""
MOST_STOPS = 20
MOST_BYTES = 512 * 1024
MOST_WORKERS = 200
"""Whose journals are read."""
NightOf = Callable[[datetime], date]
"""The night to which a moment belongs."""


@dataclass(slots=True)
class _Night:
    """As it stands in the file."""

    began_at: str | None = None
    ended_at: str | None = None
    worked_s: float = 0.0
    waits: dict[str, dict[str, object]] = field(default_factory=dict)
    """By reason, in English."""
    unclean_stops: list[str] = field(default_factory=list)


class NightJournal:
    """Of one worker; its states are heard in one thread."""

    def __init__(
        self,
        path: Path,
        *,
        root: Path,
        now: Callable[[], str],
        monotonic: Callable[[], float],
        night_of: NightOf,
    ) -> None:
        """Keep the place; what an earlier run wrote there is read once.

        Args:
            path: of the file.
            root: a folder above it that is never made here.
            now: ISO 8601, UTC.
            monotonic: seconds, which stand still while the machine sleeps.
            night_of: by this machine's noon.
        """
        self._path = path
        self._root = root
        self._now = now
        self._monotonic = monotonic
        self._night_of = night_of
        self._nights: dict[str, _Night] | None = None
        self._last: tuple[str, str] = ("", "")
        """State and reason."""
        self._heard_s = 0.0
        self._written_s = float("-inf")

    def hear(self, state: str, *, reason: str = "", **_facts: object) -> None:
        """Take down a state; never raises.

        Args:
            state: of the worker.
            reason: why it waits.
            _facts: what else is told of it.
        """
        now_s, at = self._monotonic(), self._now()
        night = self._night(at)
        passed_s = min(max(0.0, now_s - self._heard_s), LONGEST_STEP_S) if self._last[0] else 0.0
        self._add(night, passed_s, at=at)
        is_new = (state, str(reason)) != self._last and state == "paused"
        if is_new:
            wait = self._wait(night, str(reason), zh=translated(str(reason) and reason, "zh"), at=at)
            wait["times"] = count_in(wait, "times") + 1
        if state == "rendering":
            night.began_at = night.began_at or at
        is_turn = state != self._last[0] and "stopped" in (state, self._last[0])
        is_first = not self._last[0]
        self._last, self._heard_s = (state, str(reason)), now_s
        if is_first or is_turn or now_s - self._written_s >= WRITE_EVERY_S:
            self._write()
            self._written_s = now_s

    def unclean_stop(self, heard_at: str | None) -> None:
        """The run before this one ended without a word; it counts for the night in which it was last heard of.

        Args:
            heard_at: as that run left it on the share; what is no moment, or one to come, is now.
        """
        now = self._now()
        told = moment_in({"at": heard_at}, "at")
        at = told if told is not None and told <= now else now
        stops = self._night(at).unclean_stops
        stops.append(at)
        del stops[:-MOST_STOPS]

    def _add(self, night: _Night, seconds: float, *, at: str) -> None:
        state, reason = self._last
        if state == "rendering":
            night.worked_s += seconds
            night.began_at, night.ended_at = night.began_at or at, at
        elif state == "paused":
            wait = self._wait(night, reason, zh="", at=at)
            wait["seconds"] = (seconds_in(wait, "seconds") or 0.0) + seconds

    @staticmethod
    def _wait(night: _Night, reason: str, *, zh: str, at: str) -> dict[str, object]:
        if reason not in night.waits and len(night.waits) >= MOST_REASONS:
            return [*night.waits.values()][-1]
        made: dict[str, object] = {"reason": reason[:300], "zh": zh[:300], "seconds": 0.0, "times": 0, "since": at}
        return night.waits.setdefault(reason, made)

    def _night(self, at: str) -> _Night:
        if self._nights is None:
            self._nights = self._read()
        return self._nights.setdefault(self._night_of(datetime.fromisoformat(at)).isoformat(), _Night())

    def _read(self) -> dict[str, _Night]:
        """What earlier runs wrote."""
        record: Mapping[str, object] = {}
        with suppress(OSError):
            record = read_record(self._path, below=self._root, most_bytes=MOST_BYTES)
        return {
            name: _Night(
                began_at=moment_in(one, "began_at"),
                ended_at=moment_in(one, "ended_at"),
                worked_s=seconds_in(one, "worked_s") or 0.0,
                waits={text_in(wait, "reason"): _kept(wait) for wait in objects_in(one, "waits")[:MOST_REASONS]},
                unclean_stops=_moments(one),
            )
            for name, one in _nights_in(record)
        }

    def _write(self) -> None:
        nights = self._nights or {}
        self._nights = {name: nights[name] for name in sorted(nights)[-MOST_NIGHTS:]}
        told = {
            name: {
                "began_at": one.began_at,
                "ended_at": one.ended_at,
                "worked_s": round(one.worked_s, 1),
                "waits": [
                    {**wait, "seconds": round(seconds_in(wait, "seconds") or 0.0, 1)} for wait in one.waits.values()
                ],
                "unclean_stops": one.unclean_stops,
            }
            for name, one in self._nights.items()
        }  # fmt: skip
        text = json.dumps({"nights": told})  # half a character may be in a reason
        with suppress(OSError):  # the share is away: the daemon finds that out by itself
            make_folder(self._path.parent, below=self._root)
            replace_file(self._path, text + "\n", below=self._root)


def _kept(wait: Mapping[str, object]) -> dict[str, object]:
    """A wait as it is written again: nothing but what is ours."""
    return {
        "reason": text_in(wait, "reason"),
        "zh": text_in(wait, "zh"),
        "seconds": seconds_in(wait, "seconds") or 0.0,
        "times": count_in(wait, "times"),
        "since": moment_in(wait, "since"),
    }


def journals(folder: Path, *, below: Path, nights: frozenset[date], language: Language) -> list[WorkerNight]:
    """What every worker wrote down of these nights, by its id.

    Args:
        folder: of the workers' records.
        below: a folder above, below which no link is followed.
        nights: that are asked for.
        language: of the reasons.

    Raises:
        OSError: the share failed.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(ENDING))[:MOST_WORKERS]
    except (FileNotFoundError, NotADirectoryError):
        return []
    wanted = {night.isoformat() for night in nights}
    found = (_worker_night(path, below=below, wanted=wanted, language=language) for path in paths)
    return [one for one in found if one is not None]


def _worker_night(path: Path, *, below: Path, wanted: set[str], language: Language) -> WorkerNight | None:
    record: Mapping[str, object] = {}
    with suppress(OSError):  # an error of one file is its own
        record = read_record(path, below=below, most_bytes=MOST_BYTES)
    nights = [one for name, one in _nights_in(record) if name in wanted]
    waits = [wait for one in nights for wait in _waits(one, language)]
    began = [at for one in nights if (at := moment_in(one, "began_at")) is not None]
    ended = [at for one in nights if (at := moment_in(one, "ended_at")) is not None]
    made = WorkerNight(
        id=path.name.removesuffix(ENDING),
        began_at=min(began, default=None),
        ended_at=max(ended, default=None),
        worked_s=sum(seconds_in(one, "worked_s") or 0.0 for one in nights),
        waits=sorted(waits, key=lambda wait: -wait.seconds)[:MOST_REASONS],
        unclean_stops=[at for one in nights for at in _moments(one)],
    )
    return made if made.began_at or made.waits or made.unclean_stops else None


def _nights_in(record: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    nights = inner(record, "nights")
    for name in sorted(name for name in nights if _is_date(name))[-MOST_NIGHTS:]:
        yield name, inner(nights, name)


def _is_date(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _waits(night: Mapping[str, object], language: Language) -> Iterator[Wait]:
    for one in objects_in(night, "waits")[:MOST_REASONS]:
        seconds = seconds_in(one, "seconds") or 0.0
        said = (text_in(one, language) if language != "en" else "") or text_in(one, "reason")
        if seconds >= 1 and said:
            yield Wait(reason=said, seconds=seconds, times=count_in(one, "times") or 1, since=moment_in(one, "since"))


def _moments(night: Mapping[str, object]) -> list[str]:
    listed = night.get("unclean_stops")
    texts = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return [at for one in texts[-MOST_STOPS:] if (at := moment_in({"at": one}, "at")) is not None]
