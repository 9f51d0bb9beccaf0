"""A command whose output nobody reads to its end comes to its own end, and says by exit code what it did."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TextIO

import pytest

from worker.cli import main
from worker.errors import ExitCode

pytestmark = pytest.mark.slow


@pytest.fixture(params=[True, False], ids=["unbuffered", "buffered"])
def unread(request: pytest.FixtureRequest) -> Iterator[TextIO]:
    """As after `| head`: each line is told at once, or all at the end."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1 if request.param else -1) as stream:
        yield stream


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "good.yaml"], ExitCode.DONE),
        (["check", "good.yaml", "bad.yaml"], ExitCode.JOBS_FAILED),
        (["plan", "good.yaml"], ExitCode.DONE),
        (["status", "--watch"], ExitCode.DONE),
    ],
)
def test_the_exit_code_is_that_of_the_work(folder: Path, unread: TextIO, arguments: list[str], code: ExitCode) -> None:
    (folder / "good.yaml").write_text("prompt: a mug\n")
    (folder / "bad.yaml").write_text("promt: a mug\n")
    with redirect_stdout(unread), redirect_stderr(StringIO()) as errors, chdir(folder):
        assert main(arguments) == code
    assert "Error" not in errors.getvalue()
