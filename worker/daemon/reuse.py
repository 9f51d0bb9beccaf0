"""Reuse of finished pictures: which pictures of a job need not be rendered again.

Knows where finished pictures may lie; `Delivery.reuse` verifies them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from worker.manifest_records import Entry, JobRecord
from worker.ports import Delivery
from worker.publishing_ports import Staging
from worker.records import Job, StagedFile


def kept(job: Job, record: JobRecord, staging: Staging, delivery: Delivery) -> list[Entry]:
    """Entries of the pictures that this claim or an earlier one finished; an earlier claim's are taken over.

    Args:
        job: its requests are looked for, in their order.
        record: of the job; its model must be the pictures'.
        staging: of this claim; reads the earlier claims' folders too.
        delivery: verifies each picture against its request.

    Raises:
        OSError: the staging failed; what was taken over stays, and the call may be repeated.
        ClaimLost, JobInTrouble, StopAsked: of a staging that waits for the share.
    """
    found = []
    for request in job.requests:
        for read, is_own in ((_own(staging), True), (staging.earlier, False)):
            sidecar = read(request.sidecar)
            picture = read(request.file) if sidecar is not None else None
            if sidecar is None or picture is None:
                continue
            entry = delivery.reuse(request, record=record, sidecar=sidecar, picture=picture)
            if entry is None:
                continue
            if not is_own:
                pair = (StagedFile(name=request.file, data=picture), StagedFile(name=request.sidecar, data=sidecar))
                staging.keep([*_evidence(entry, staging), *pair])  # the sidecar last: where it is, its picture is
            found.append(entry)
            break
    return found


def _evidence(entry: Entry, staging: Staging) -> Iterator[StagedFile]:
    """The refused pictures of earlier tries come along with the picture that was accepted in the end."""
    for name in (one_try.evidence for one_try in entry.tries if one_try.evidence):
        data = staging.earlier(name)
        if data is not None:
            yield StagedFile(name=name, data=data)


def _own(staging: Staging) -> Callable[[str], bytes | None]:
    def read(name: str) -> bytes | None:
        try:
            return staging.read(name)
        except FileNotFoundError:
            return None

    return read
