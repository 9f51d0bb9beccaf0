"""Tables that are read, as data: a folder, and beside it what is told and what is pictured.

To add a case, add a folder and its `.expected`. Tables that are refused lie in `tests/job/broken_folders/`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.job.reader import JobFiles

HERE = Path(__file__).parent / "folders"
FOLDERS = sorted(path for path in HERE.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_table_is_read_and_what_was_mended_is_told(folder: Path, reader: JobFiles) -> None:
    job = reader.read(folder, stem=folder.name)
    told = [str(warning) for warning in job.warnings]
    made = [f"{request.file} | {request.prompt}" for request in job.requests]
    assert "".join(f"{line}\n" for line in told + made) == folder.with_suffix(".expected").read_text("utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_warning_has_a_rule_and_a_remedy(folder: Path, reader: JobFiles) -> None:
    for warning in reader.read(folder, stem=folder.name).warnings:
        assert warning.rule.startswith("table.")
        assert warning.remedy.endswith(".")


def test_no_expectation_is_left_without_its_folder() -> None:
    assert {path.stem for path in HERE.glob("*.expected")} == {path.name for path in FOLDERS}
