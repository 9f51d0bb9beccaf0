"""Job files as data: a broken one has the expected problems beside it, a good one the expected requests.

To add a case, add two files. To see what is said: `zimage-worker check tests/job/broken/NAME.yaml`.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from worker.errors import JobInvalid
from worker.job.reader import JobFiles

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
BROKEN_FOLDERS = sorted(path for path in (HERE / "broken_folders").iterdir() if path.is_dir())
GOOD = sorted((HERE / "good").glob("*.yaml"))
MEANT = sorted((HERE / "meant").glob("*.yaml"))
"""Jobs that are not written as they should be, and are read as they are meant."""


def test_the_corpus_is_large_enough() -> None:
    assert len(BROKEN) >= 60
    assert len(BROKEN_FOLDERS) >= 15


@pytest.mark.parametrize("path", BROKEN + BROKEN_FOLDERS, ids=lambda path: path.stem)
def test_a_broken_job_is_told_what_to_mend_in_under_a_second(path: Path, reader: JobFiles) -> None:
    expected = (path.parent / f"{path.stem}.expected").read_text("utf-8")
    began = time.process_time()
    with pytest.raises(JobInvalid) as raised:
        reader.read(path, stem=path.stem)
    assert time.process_time() - began < 1
    assert f"{raised.value}\n" == expected


@pytest.mark.parametrize("path", GOOD + MEANT, ids=lambda path: path.stem)
def test_a_good_job_becomes_the_expected_requests(path: Path, reader: JobFiles) -> None:
    expected = json.loads((path.parent / f"{path.stem}.expected.json").read_text("utf-8"))
    job = reader.read(path, stem=path.stem)
    made = {
        "name": job.name,
        "priority": job.priority,
        "warnings": [str(warning) for warning in job.warnings],
        "requests": [{**asdict(request), "allow": sorted(request.allow)} for request in job.requests],
    }
    assert made == expected


def test_no_expectation_is_left_without_its_job() -> None:
    jobs = {path.stem for path in BROKEN + BROKEN_FOLDERS + GOOD + MEANT}
    expectations = {path.name.split(".")[0] for path in HERE.glob("*/*.expected*")}
    assert expectations == jobs


@pytest.mark.parametrize("path", sorted(HERE.glob("broken*/*.expected")), ids=lambda path: path.stem)
def test_a_message_is_short_and_says_what_to_do(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        assert len(line) < 420
        assert line.endswith((".", "`?", ")", "outside: '\"red\" mug'.")), line
