"""Lives: which ends of work on a job were deaths, and which pictures were in work then.

Knows what a claim's record says of the life before. A stop is no death, nor is a job taken from a worker that lives; of
one that only fell silent nobody can tell at once, so its end waits until its heartbeat has told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal

from worker.spool.alive.lease import Heartbeat
from worker.spool.claim_files import deaths_in, texts, whole_number

DEATHS_KEPT = 500
"""Of one job: as many as the largest `attempts` asks for, five pictures long; a record stays small."""

Fate = Literal["died", "ended in order", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One process's work on one claim."""

    worker: str
    run: str
    """Random id of the process run."""
    place: str
    """Of its lock: where it lies, a lock that is free means a worker that is dead."""
    files: tuple[str, ...] = ()
    """The pictures in work, as last written down."""
    count: int | None = None
    """Of its last heartbeat, when another worker took its job over for its silence; None before that."""


def begun(
    record: Mapping[str, object],
    noted: Mapping[str, object],
    life: Life,
    *,
    has_stopped: Callable[[Life], bool],
    last_beat: Callable[[str], Heartbeat | None],
) -> dict[str, object]:
    """What changes in a claim's record when a new life begins: the deaths until now, and whose life it is.

    Args:
        record: as the life before left it.
        noted: what that one wrote down of its work, as `working` gave it.
        life: that begins.
        has_stopped: whether a life is known on this machine to have ended in good order.
        last_beat: the heartbeat of a worker as it lies on the share.
    """
    deaths, silent = deaths_in(record), None
    for former in (_life(record.get("silent")), _with_files(_life(record.get("life")), noted)):
        if former is None or former.run == life.run or has_stopped(former):
            continue
        beat = last_beat(former.worker)
        match fate_of(former, beat=beat, is_here=former.place == life.place):
            case "died":
                deaths = (*deaths, former.files)
            case "silent":
                count = beat.count if beat is not None else -1
                silent = asdict(replace(former, count=count))
    return {
        "deaths": [list(death) for death in deaths[-DEATHS_KEPT:]],
        "fruitless": fruitless(record, noted) + len(deaths) - len(deaths_in(record)),
        "silent": silent,
        "life": asdict(life),
    }


def working(life: Life, *, has_made: bool, rests: bool = False) -> dict[str, object]:
    """What is written down when pictures are begun, or when the job is laid aside.

    Args:
        life: with the pictures.
        has_made: whether it has finished a picture: then it was not for nothing, nor those before it.
        rests: nothing is in work until this is written anew: an end until then counts against nothing.
    """
    return {"run": life.run, "files": list(life.files), "has_made": has_made, "rests": rests}


def fruitless(record: Mapping[str, object], noted: Mapping[str, object]) -> int:
    """How many deaths came since a picture was last finished.

    Args:
        record: of the claim, as the last life left it.
        noted: what that one wrote down of its work.
    """
    former = _life(record.get("life"))
    has_made = former is not None and noted.get("run") == former.run and noted.get("has_made") is True
    return 0 if has_made else whole_number(record.get("fruitless"))


def is_of(record: Mapping[str, object], run: str) -> bool:
    """Whether it was this process that last began work on a claim.

    Args:
        record: of the claim.
        run: random id of the process run.
    """
    life = _life(record.get("life"))
    return life is not None and life.run == run


def _with_files(life: Life | None, noted: Mapping[str, object]) -> Life | None:
    """A life with the pictures that it wrote down; none where it died before, or the note is another's.

    Returns:
        None where its end counts against nothing: there was no life, or it rested.
    """
    if life is None or noted.get("run") != life.run:
        return life
    if noted.get("rests") is True:
        return None
    return replace(life, files=tuple(texts(noted.get("files"))))


def fate_of(life: Life, *, beat: Heartbeat | None, is_here: bool) -> Fate:
    """How a life ended of which no note says that it was stopped.

    Args:
        life: of another process.
        beat: of its worker, as read now.
        is_here: whether its lock would be held on this machine if it lived.
    """
    if is_here:
        return "died"
    if beat is None:
        return "silent" if life.count is None else "died"
    if beat.run != life.run:  # another run has begun since
        return "died"
    if beat.is_stopped or (life.count is not None and beat.count > life.count):
        return "ended in order"
    return "silent" if life.count is None else "died"


def _life(value: object) -> Life | None:
    if not isinstance(value, dict):
        return None
    count = value.get("count")
    return Life(
        worker=str(value.get("worker")),
        run=str(value.get("run")),
        place=str(value.get("place")),
        files=tuple(texts(value.get("files"))),
        count=None if count is None else whole_number(count),
    )
