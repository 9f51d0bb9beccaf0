"""One error keeps nobody else from being done: every error at every kind of call that touches one job's files.

The calls fail for as long as the worker runs, and work again for the next one, which must end everything whole.
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
from pathlib import Path

import pytest
from failing_calls import EVERY, FailingCalls
from house import House
from promises import violations
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.records import Request

pytestmark = pytest.mark.slow

ERRNOS = (
    errno.EIO, errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY,
    errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ESTALE, errno.EMFILE,
    errno.ETIMEDOUT,
)  # fmt: skip
BAD = "prompt: a bad mug\nsize: 64x64\ncount: 2\n"
GOOD = "prompt: a good mug\nsize: 64x64\n"
TABLE = 'products: mugs.csv\nprompt: "a {colour} mug"\nsize: 64x64\n'
ROWS = "sku,colour\n1,red\n2,blue\n"
TEMPLATE = 'prompt: "a {colour} mug"\nsize: 64x64\n'
ALARMED = {"warning", "error", "critical"}
CLAIM = r"/claims/w[12]/[0-9a-f]+(/dropped/(a-bad|_templates).*|/claim.json|/in_work.json|/dropped|)$"
PLACES = {
    "inbox": re.compile(r"/inbox/a-bad"),
    "claim": re.compile(CLAIM),
    "staging": re.compile(r"/outbox/a-bad\..*partial"),
    "finished": re.compile(r"/(outbox|failed)/a-bad(/|$)"),
    "folder in the inbox": re.compile(r"/inbox/a-bad"),
    "folder in a claim": re.compile(CLAIM),
    "table in the inbox": re.compile(r"/inbox/(a-bad|_templates)"),
    "table in a claim": re.compile(CLAIM),
    "claim of a dead worker": re.compile(CLAIM),
    "staging of a dead worker": re.compile(r"/outbox/a-bad\.w2-.*partial"),
}
"""Where the files of the bad job lie, one after the other."""


IMPOSSIBLE = {("fstat", errno.ELOOP), ("fstat", errno.ENOTDIR)}
"""They are about names, and it has none."""
NOTHING_WRONG = {
    ("claim", "rename", errno.ENOENT),
    ("claim", "listdir", errno.ENOENT),
    ("folder", "listdir", errno.ENOENT),
    ("table", "listdir", errno.ENOENT),
}
"""It is gone: another worker was faster, or somebody removed it."""


class Killed(BaseException):
    """Nothing of the program runs any more."""


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
    """Tells paths of the bad job from all others; its claim by what lies in it."""

    def __init__(self, place: str) -> None:
        self._place = PLACES[place]
        self._is_claim = PLACES[place].pattern == CLAIM

    def __contains__(self, path: str) -> bool:
        if not self._place.search(path):
            return False
        if not self._is_claim:
            return True
        folder = re.search(r".*/claims/w[12]/[0-9a-f]+", path)
        assert folder is not None
        return bool([*Path(folder.group()).glob("dropped/a-bad*")])


def dropped(house: House, place: str) -> dict[str, bytes]:
    """Two jobs, the first of which will be in trouble; their job files by name."""
    if place.startswith("folder"):
        (house.root / "inbox/a-bad").mkdir()
        house.drop("a-bad/job.yaml", TABLE)
        house.drop("a-bad/mugs.csv", ROWS)
    elif place.startswith("table"):
        (house.root / "inbox/_templates").mkdir()
        house.drop("_templates/default.yaml", TEMPLATE)
        house.drop("a-bad.csv", ROWS)
    else:
        house.drop("a-bad.yaml", BAD)
    if place.endswith("dead worker"):
        with pytest.raises(Killed):
            house.drain(PaintingRenderer(after=killing), worker_id="w2")
        beat = house.root / "inbox/.zimage-worker/workers/w2.beat"  # a drain would not wait for its lease to end
        beat.write_text(json.dumps({**json.loads(beat.read_text()), "stopped": True}))
    house.drop("good.yaml", GOOD)
    text = {"folder": TABLE, "table": TEMPLATE}.get(place.partition(" ")[0], BAD)
    return {"a-bad": text.encode(), "good": GOOD.encode()}


def killing(request: Request) -> None:
    if request.index == 2:
        raise Killed


def _trouble(root: Path, place: str, call: str, error: int) -> list[str]:
    if (place.partition(" ")[0], call, error) in NOTHING_WRONG or (call, error) in IMPOSSIBLE:
        return []
    house, where = House(root), f"{errno.errorcode[error]} at {call} in {place}"
    jobs, bad = dropped(house, place), BadJobs(place)
    calls = FailingCalls(lambda met, path: error if met == call and path in bad else None)
    house.at(house.now_s() + 5_000.0, house.stop)
    with capture_logs() as log, calls.installed():
        try:
            code = house.drain(grace_s=2.0)
        except Exception as broken:  # noqa: BLE001 - whatever ends a worker is a failure of this test
            return [f"{where}: {type(broken).__name__}: {broken}"]
    if not calls.met:
        return []
    is_failed = code != ExitCode.DONE or place == "claim of a dead worker"  # a drain answers for its own jobs alone
    is_told = is_failed and any(line["log_level"] in ALARMED for line in log)
    found = {
        "the drain had no end": code == ExitCode.STOPPED,
        "the good job is not done": "good" not in house.names("outbox"),
        "nobody is told": "a-bad" not in house.names("outbox") and not is_told,
    }
    house.resume()
    house.drain(grace_s=2.0)
    later = violations(root, jobs, is_over=True)
    return [f"{where}: {why}" for why in (*(why for why, holds in found.items() if holds), *later)]
