"""Claims that cannot be looked into: each is tried once, told under its job's name, and gone on with once it can be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from failing_calls import FailingCalls
from house import House

from worker.errors import ExitCode

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ESTALE])
def test_where_no_claim_can_be_looked_into_each_is_tried_once_and_told_and_none_is_lost(
    tmp_path: Path, code: int
) -> None:
    house = House(tmp_path)
    for name in ("mug.yaml", "vase.yaml"):
        house.drop(name, "prompt: a red mug\nsize: 64x64\n")
    house.at(1_000.0, lambda: pytest.fail("it never ends"))
    everywhere = FailingCalls(lambda call, path: code if call == "listdir" and path.endswith("dropped") else None)
    with everywhere.installed():
        assert house.drain() == ExitCode.JOBS_FAILED
    claims = [*house.folders.claims.glob("*/*")]
    assert len(claims) == 2, "one of each job, however often it was tried"
    told = {path.name: path.read_text("utf-8") for path in house.root.glob("outbox/receipts/*.txt")}
    assert told.keys() == {"mug.yaml.txt", "vase.yaml.txt"}
    assert all(os.strerror(code) in text for text in told.values())
    assert house.drain() == ExitCode.DONE
    assert house.names("outbox") == {"mug", "vase"}
    assert house.is_swept()
