"""An error at the files of a job with a proof keeps no other job from being done, and loses nothing of it."""

from __future__ import annotations

import errno
import os
import random
import re
from pathlib import Path

import pytest
from failing_calls import EVERY, FailingCalls
from house import House
from structlog.testing import capture_logs

pytestmark = pytest.mark.slow

ERRNOS = (
    errno.EIO, errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY,
    errno.ELOOP, errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ESTALE, errno.EMFILE, errno.ETIMEDOUT,
)  # fmt: skip
PROOF = "proof: {every: 2}\nsize: 64x64\nshots:\n  - {id: a, prompt: a mug}\n  - {id: b, prompt: a vase}\n"
PLACES = {
    "where it waits": re.compile(r"/proofs(/|$)"),
    "the proof": re.compile(r"/outbox/a-bad\.proof"),
    "the inbox": re.compile(r"/inbox/a-bad"),
}


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("place", PLACES)
def test_an_error_about_a_proof_keeps_no_other_job_from_being_done(tmp_path: Path, place: str, call: str) -> None:
    few = random.Random(f"{place} {call}").sample(ERRNOS, 2)
    found = []
    for error in ERRNOS if "EVERY" in os.environ else few:
        found += trouble(House(tmp_path / str(error)), call, error, where=PLACES[place])
    assert not found, "\n".join(found)


def trouble(house: House, call: str, error: int, *, where: re.Pattern[str]) -> list[str]:
    """Errors while the proof is made, and while it is judged; then all works again."""
    found, met = [], 0
    for file, text, good in (("a-bad.yaml", PROOF, "good-1"), ("a-bad.approve", "", "good-2")):
        house.drop(file, text)
        house.drop(f"{good}.yaml", "prompt: a good mug\nsize: 64x64\n")
        calls = FailingCalls(lambda name, path: error if name == call and where.search(path) else None)
        house.at(house.now_s() + 5_000.0, house.stop)
        with capture_logs(), calls.installed():
            house.drain(grace_s=2.0)
        met += len(calls.met)
        house.resume()
        found += [] if good in house.names("outbox") else [f"{good} is not done"]
        house.drain(grace_s=2.0)
    for _ in range(2):
        if any(house.folders.proofs.glob("*")):
            house.drop("a-bad.approve", "")
        house.drain(grace_s=2.0)
    if house.names("outbox") != {"good-1", "good-2", "a-bad.proof", "a-bad"} or house.names("failed"):
        found.append(f"outbox {sorted(house.names('outbox'))}, failed {sorted(house.names('failed'))}")
    elif house.manifest("a-bad")["made"] != 2:
        found.append("not all of it")
    return [f"{errno.errorcode[error]} at {call} ({met} times): {why}" for why in found]
