"""Random histories: nights of workers, shares and people, each checked; `python tests/whole/histories.py --help`."""

from __future__ import annotations

import argparse
import errno
import multiprocessing
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from failing_calls import EVERY
from whole.history import ERRNOS, PAIRS, History
from whole.history_old import put_back
from whole.history_proofs import approve_all
from whole.history_rules import broken_at_the_end, broken_now, is_done
from whole.history_troubles import AWAY, NEWER, WEIGHTS

OPERATIONS = 30
IN_MEMORY = Path("/dev/shm")
"""Where it is there: nothing here is about disks that turn."""
BOUND_S = 3_600.0
"""After the last trouble an honest job is done within so long; one that was set aside rests for ten minutes."""
LOOK_S = 120.0
LOOK_EVERY = 8
"""Operations between two looks at the promises that hold at any moment."""
LAST_S = 400.0
"""A worker that is asked to stop, and perhaps frozen or waiting for the share, ends within so long."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of some histories."""

    histories: int = 0
    operations: int = 0
    jobs: int = 0
    pictures: int = 0
    events: Counter[str] = field(default_factory=Counter)
    """How often workers logged what some of these histories are about."""
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    violations: dict[int, list[str]] = field(default_factory=dict)
    """By seed."""

    def add(self, other: Outcome) -> None:
        self.histories += other.histories
        self.operations += other.operations
        self.jobs += other.jobs
        self.pictures += other.pictures
        self.events += other.events
        self.met += other.met
        self.violations |= other.violations


def lived(seed: int, *, with_log: bool = False, has_urgent: bool = True) -> Outcome:
    """One history, from its first job to the end of its last worker; its violations, with what happened."""
    root = Path(tempfile.mkdtemp(prefix=f"history-{seed}-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    history = History(seed, root, has_urgent=has_urgent)
    try:
        with history.happening():
            try:
                found = _live(history) or _end(history)
            except Exception:  # noqa: BLE001 - a history that cannot be told to its end is looked at too
                found = [traceback.format_exc()]
        for process in history.workers.living():
            history.workers.kill(process)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    outcome = Outcome(histories=1, operations=history.operations, jobs=len(history.dropped), met=history.met,
                      pictures=len(history.pictures), events=history.events)  # fmt: skip
    if found:
        outcome.violations[seed] = [*found, f"seed {seed}:", *history.told, *(history.log if with_log else [])]
    return outcome


def _live(history: History) -> list[str]:
    for name in history.names:
        history.wake(name)
    weighed = {act: weight for act, weight in WEIGHTS.items() if history.has_urgent or act not in NEWER}
    acts, weights = [*weighed], [*weighed.values()]
    while history.operations < OPERATIONS:
        act = history.draw.choices(acts, weights)[0]
        told = len(history.told)
        if history.is_here() or act in AWAY:
            act(history)
        if len(history.told) == told:
            continue  # there was nothing to do it to
        history.operations += 1
        gap_s = history.draw.choice((0.0, 2.0, 10.0, 20.0, 40.0))
        history.workers.run_until(history.workers.now_s() + gap_s)
        if history.operations % LOOK_EVERY == 0 and (found := broken_now(history)):
            return found
    return []


def _end(history: History) -> list[str]:
    """All trouble ends; what was asked for must come."""
    workers = history.workers
    workers.run_until(workers.now_s() + 310.0)  # whoever is to come back has come back
    history.planted.clear()
    history.tell("no trouble any more")
    for process in workers.living():
        process.fuse = None
    for name in history.names:
        history.wake(name)
    end_s = workers.now_s() + BOUND_S
    while workers.now_s() < end_s and not is_done(history):
        approve_all(history)
        workers.run_until(workers.now_s() + LOOK_S)
        put_back(history)
    if found := broken_at_the_end(history):
        return found
    for process in workers.living():
        process.is_stopped = True
    workers.run_until(workers.now_s() + LAST_S)
    return [*(f"{one.name} does not stop" for one in workers.living()), *broken_now(history)]


def _alone(seed: int) -> Outcome:
    return lived(seed)


def many(seeds: Iterable[int], *, processes: int = 1) -> Outcome:
    """Histories of so many seeds."""
    total = Outcome()
    if processes == 1:
        for seed in seeds:
            total.add(lived(seed))
        return total
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=200) as pool:
        for outcome in pool.imap_unordered(_alone, seeds, chunksize=10):
            total.add(outcome)
    return total


def pairs(met: Counter[tuple[str, str]]) -> Iterator[str]:
    """A line for each call: how often it met which error, and which it did not meet; some calls are never made."""
    yield f"{len(met)} of {len(PAIRS)} pairs of call and error met"
    for call in EVERY:
        found = {errno.errorcode[error]: met[call, errno.errorcode[error]] for error in ERRNOS}
        missing = [name for name, count in found.items() if not count]
        yield (
            f"{call:8} "
            + ", ".join(f"{name} {count}" for name, count in found.items() if count)
            + (f" - not met: {', '.join(missing)}" if missing else "")
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Random histories of workers, shares and people.")
    parser.add_argument("histories", type=int, nargs="?", default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, help="replay one, and print what its workers logged")
    given = parser.parse_args(arguments)
    begun_s = time.monotonic()
    if given.seed is not None:
        total = lived(given.seed, with_log=True)
    else:
        total = many(range(given.first, given.first + given.histories), processes=given.processes)
    for lines in total.violations.values():
        print("\n".join(lines), end="\n\n")
    print(f"{total.histories} histories, {total.operations} operations, {total.jobs} jobs, {total.pictures} pictures, "
          + "".join(f"{count} {event}, " for event, count in sorted(total.events.items())) +
          f"{time.monotonic() - begun_s:.0f} s")  # fmt: skip
    for line in pairs(total.met):
        print(line)
    print(f"{len(total.violations)} violations{': seeds ' if total.violations else ''}"
          + ", ".join(map(str, total.violations)))  # fmt: skip
    return 1 if total.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
