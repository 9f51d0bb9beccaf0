"""Blame: which pictures of a job are not to be made, since their work ended in a worker's death too often.

Pure: knows the deaths that a claim has counted, each as the pictures that were in work then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.records import Claim, Request
from worker.translation import Text, gettext, ngettext

KILLERS = 5
"""Pictures that kill their worker one after the other, and none made between: then it is the job."""
Deaths = Sequence[Sequence[str]]


def refused(claim: Claim, files: Sequence[str], *, attempts: int, cancelled_by: str | None) -> dict[str, Text]:
    """Why pictures of a begun job are not to be made; where that is all of them, what is finished is published.

    Args:
        claim: begun.
        files: of all pictures that the job asks for.
        attempts: how many deaths are too many.
        cancelled_by: name of the file by which a person cancels the job, if there is one.

    Returns:
        Why, by file name.
    """
    if cancelled_by is not None:
        return dict.fromkeys(files, gettext("Cancelled by {file}.", file=cancelled_by))
    if is_hopeless(claim.deaths, fruitless=claim.fruitless, attempts=attempts):
        why = ngettext(
            "Work on this job began {count} time and the worker died.",
            "Work on this job began {count} times and the worker died every time.",
            claim.fruitless,
        )
        return dict.fromkeys(files, why)
    return _left_out(claim, files) | {
        file: ngettext(
            "The worker died {count} time while this picture was in work.",
            "The worker died {count} times while this picture was in work.",
            count,
        )
        for file, count in blamed(claim.deaths, attempts=attempts).items()
    }


def _left_out(claim: Claim, files: Sequence[str]) -> dict[str, Text]:
    """Of a job that is made again: the pictures that a person has deleted, and did not ask for."""
    deleted = frozenset(claim.retry.left_out if claim.retry is not None else ())
    why = gettext("It was made before, and has been deleted since: it is made again when `missing` ones are asked for.")
    return {file: why for file in files if file in deleted}


def in_turns(requests: Sequence[Request], deaths: Deaths) -> Iterator[Sequence[Request]]:
    """Yield what is made together: first all that were in work at no death, then the others one by one.

    Args:
        requests: what is left of the job.
        deaths: of the job's workers.
    """
    counts = suspects(deaths)
    if first := [request for request in requests if request.file not in counts]:
        yield first
    last = [request for request in requests if request.file in counts]
    yield from ([request] for request in sorted(last, key=lambda request: counts[request.file]))


def blamed(deaths: Deaths, *, attempts: int) -> dict[str, int]:
    """Pictures that fail by themselves: in work at so many deaths, and at one of them alone.

    Args:
        deaths: of the job's workers, oldest first.
        attempts: how many are too many.

    Returns:
        How often each was in work, by file name.
    """
    alone = {death[0] for death in deaths if len(death) == 1}
    return {file: count for file, count in suspects(deaths).items() if count >= attempts and file in alone}


def suspects(deaths: Deaths) -> dict[str, int]:
    """How often each picture was in work at a death; who made one with others is made alone the next time."""
    files = dict.fromkeys(file for death in deaths for file in death)
    return {file: sum(file in death for death in deaths) for file in files}


def is_hopeless(deaths: Deaths, *, fruitless: int, attempts: int) -> bool:
    """Whether a job is not worth another worker's life: what is finished of it is published, the rest fails.

    Args:
        deaths: of the job's workers, oldest first.
        fruitless: how many of the last deaths came since a picture was finished.
        attempts: how many are too many: of workers that died before any picture was begun; with pictures in work it
            takes several that kill one after the other.
    """
    since = deaths[len(deaths) - fruitless :]
    is_before_any = fruitless >= attempts and not any(since[-attempts:])
    return is_before_any or fruitless >= attempts * KILLERS
