"""What the tests of the prompt doctor share: the rules that a job's warnings have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from worker.errors import JobInvalid
from worker.job.reader import JobFiles
from worker.problem import Problem


@pytest.fixture
def warned(reader: JobFiles, tmp_path: Path) -> Callable[..., list[Problem]]:
    """The warnings of a job given as text; with a table, as a folder, and none of them refuses it."""

    def read(text: str, table: str = "") -> list[Problem]:
        text += "\nstrict: false\n" if table else ""
        folder = tmp_path / "shop"
        folder.mkdir(exist_ok=True)
        (folder / "job.yaml").write_text(text, encoding="utf-8")
        if table:
            (folder / "products.csv").write_text(table, encoding="utf-8")
        return list(reader.read(folder if table else folder / "job.yaml", stem="shop").warnings)

    return read


@pytest.fixture
def reader_error(reader: JobFiles, tmp_path: Path) -> Callable[[str], str]:
    """What is said of a job that is refused."""

    def read(text: str) -> str:
        (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(JobInvalid) as raised:
            reader.read(tmp_path / "a.yaml", stem="a")
        return str(raised.value)

    return read
