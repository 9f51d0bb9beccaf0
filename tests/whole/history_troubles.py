"""What workers and the share meet in a history: kills, stops, a share that goes, fills or fails; and how often each."""

from __future__ import annotations

import errno
from collections.abc import Callable

from whole.history import ERRNOS, PAIRS, History, plant
from whole.history_controls import approval, cancel, pause, picture_deleted, put_cancel, resume, retry
from whole.history_hands import (
    bad,
    chmod,
    delete,
    drop_again,
    honest,
    link,
    litter,
    odd,
    on_waiting,
    refill,
    rename,
    take_away,
    touched,
    urgent,
)
from whole.history_old import old_folders
from whole.history_proofs import judge, proofing


def cancel_what_was_begun(history: History) -> None:
    """Its worker dies with pictures made, and nobody wants the rest."""
    begun = {path.parent.name.partition(".")[0] for path in (history.share / "outbox").glob("odd-*.partial/*.png")}
    if begun:
        stem = history.draw.choice(sorted(begun))
        for name in history.names:
            history.workers.kill(history.alive[name])
            _back(history, name)
        history.tell(f"kill all, and cancel {stem}")
        put_cancel(history, stem)


def kill(history: History) -> None:
    name = history.draw.choice(history.names)
    if (process := history.alive.get(name)) is not None and not process.is_over:
        history.workers.kill(process)
        history.tell(f"kill {name}")
        _back(history, name)


def kill_at_a_call(history: History) -> None:
    name = history.draw.choice(history.names)
    if (process := history.alive.get(name)) is not None and not process.is_over:
        process.fuse = int(10 ** history.draw.uniform(0.5, 3.3))
        history.tell(f"kill {name} at its call {process.fuse} from now")
        _back(history, name)


def _back(history: History, name: str) -> None:
    after_s = history.draw.choice((1.0, 10.0, 60.0, 300.0))
    history.workers.at(history.workers.now_s() + after_s, lambda: _wake_again(history, name))


def _wake_again(history: History, name: str) -> None:
    history.wake(name)


def stop(history: History) -> None:
    name = history.draw.choice(history.names)
    if (process := history.alive.get(name)) is not None:
        process.is_stopped = True
        history.tell(f"stop {name}")
        _back(history, name)


def freeze(history: History) -> None:
    name, seconds = history.draw.choice(history.names), history.draw.choice((30.0, 130.0, 250.0))
    if (process := history.alive.get(name)) is not None:
        process.frozen_until_s = history.workers.now_s() + seconds
        history.tell(f"freeze {name} for {seconds:g} s")


def cut(history: History) -> None:
    seconds = history.draw.choice((1.0, 20.0, 90.0, 200.0))
    (history.root / "share").rename(history.root / "away")
    history.tell(f"the share goes for {seconds:g} s")
    history.workers.at(
        history.workers.now_s() + seconds, lambda: (history.root / "away").rename(history.root / "share")
    )


def fill(history: History) -> None:
    history.is_full = True
    history.tell("the disk is nearly full")
    history.workers.at(history.workers.now_s() + 90.0, lambda: setattr(history, "is_full", False))


OF_OPEN_FILES = ("read", "write", "close", "fsync", "fstat")
"""Calls about an open file, which is there and is what it is."""
ABOUT_NAMES = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Errors that none of them gives: they would mean that a picture is lost, so that it is made again."""


def fail(history: History) -> None:
    """One of all pairs of call and error, in turns over the seeds; now and then any other."""
    call, error = PAIRS[(history.seed * 8 + len(history.planted)) % len(PAIRS)]
    if history.draw.random() < 0.3:
        error = history.draw.choice(ERRNOS)
    if error in ABOUT_NAMES and call in OF_OPEN_FILES:
        error = errno.ESTALE  # what is open and gone
    plant(history, call=call, error=error, seconds=history.draw.choice((5.0, 30.0, 120.0, 400.0)),
          most=history.draw.choice((1, 1, 3, 10, 1000)))  # fmt: skip


WEIGHTS: dict[Callable[[History], None], int] = {
    honest: 6, urgent: 5, touched: 5, bad: 1, odd: 1, litter: 3, cancel: 2, cancel_what_was_begun: 4, pause: 1,
    take_away: 2, drop_again: 2, kill: 3, kill_at_a_call: 3, stop: 2, freeze: 2, cut: 2, fill: 1, fail: 8,
    retry: 4, picture_deleted: 1, approval: 1, resume: 1, proofing: 4, judge: 3, old_folders: 2,
    on_waiting(rename): 1, on_waiting(delete): 1, on_waiting(refill): 1, on_waiting(chmod): 1, on_waiting(link): 1,
}  # fmt: skip
"""How often each happens."""
NEWER = {urgent, retry, picture_deleted, approval, resume, proofing, judge, old_folders}
"""Without `has_urgent` these do not happen: older seeds are what they were."""
AWAY = {kill, kill_at_a_call, stop, freeze, fail}
"""What may happen also while the share is away."""
