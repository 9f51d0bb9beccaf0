"""One error keeps nobody else from being done: every error at every kind of call that touches one job's files."""

from __future__ import annotations

import errno
import os
import random
import re
from pathlib import Path

import pytest
from failing_calls import EVERY, FailingCalls
from house import House
from promises import violations
from structlog.testing import capture_logs

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

ERRNOS = (
    errno.EIO, errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY,
    errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ESTALE, errno.EMFILE,
    errno.ETIMEDOUT,
)  # fmt: skip
BAD = "prompt: a bad mug\nsize: 64x64\ncount: 2\n"
GOOD = "prompt: a good mug\nsize: 64x64\n"
JOBS = {"a-bad.yaml": BAD, "good.yaml": GOOD}
ALARMED = {"warning", "error", "critical"}


PLACES = {
    "inbox": re.compile(r"/inbox/a-bad"),
    "claim": re.compile(r"/claims/w1/[0-9a-f]+(/dropped/a-bad.*|/claim.json|/dropped|)$"),
    "staging": re.compile(r"/outbox/a-bad\..*partial"),
    "finished": re.compile(r"/(outbox|failed)/a-bad(/|$)"),
}
"""Where the files of the bad job lie, one after the other. Of claims only the first one's is met."""


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("place", PLACES)
def test_an_error_at_one_job_s_files_keeps_no_other_job_from_being_done(tmp_path: Path, place: str, call: str) -> None:
    failures = []
    for error in ERRNOS if "EVERY" in os.environ else sample(f"{place} {call}"):
        failures += _trouble(tmp_path / str(error), place, call, error)
    assert not failures, "\n".join(failures)


def sample(key: str) -> list[int]:
    """A few of the errors, others for each key; `EVERY=1` takes all."""
    return random.Random(key).sample(ERRNOS, 4)


class BadJobs:
    """Tells paths of the bad job from all others: the claim by the id that its record carries."""

    def __init__(self, place: str) -> None:
        self._place = PLACES[place]
        self._is_claim = place == "claim"

    def __contains__(self, path: str) -> bool:
        if not self._place.search(path):
            return False
        if not self._is_claim:
            return True
        folder = re.search(r".*/claims/w1/[0-9a-f]+", path)
        assert folder is not None
        return (Path(folder.group()) / "dropped" / "a-bad.yaml").exists()


def _trouble(root: Path, place: str, call: str, error: int) -> list[str]:
    house = House(root)
    for name, text in JOBS.items():
        house.drop(name, text)
    if call == "fstat" and error in (errno.ELOOP, errno.ENOTDIR):
        return []  # these are about names, and it has none
    bad = BadJobs(place)
    calls = FailingCalls(lambda met, path: error if met == call and path in bad else None)
    where = f"{errno.errorcode[error]} at {call} in {place}"
    found: list[str] = []
    house.at(5_000.0, house.stop)
    with capture_logs() as log, calls.installed():
        try:
            code = house.drain(grace_s=2.0)
        except Exception as broken:  # noqa: BLE001 - whatever ends a worker is a failure of this test
            return [f"{where}: {type(broken).__name__}: {broken}"]
    if not calls.met:
        return []
    if code == ExitCode.STOPPED:
        found.append(f"{where}: the drain had no end")
    if "good" not in house.names("outbox"):
        found.append(f"{where}: the good job is not done")
    if "a-bad" not in house.names("outbox") and (
        code == ExitCode.DONE or not any(line["log_level"] in ALARMED for line in log)
    ):
        found.append(f"{where}: nobody is told")
    house.resume()
    house.drain(grace_s=2.0)
    found += [f"{where}: {why}" for why in violations(root, {k: v.encode() for k, v in JOBS.items()}, is_over=True)]
    return found
