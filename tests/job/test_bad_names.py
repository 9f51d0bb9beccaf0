"""Bytes that are no UTF-8: what is not referred to does not matter, and every problem can be written down."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.delivery.delivery import FileDelivery
from worker.errors import ExitCode, JobInvalid
from worker.job.reader import JobFiles
from worker.records import Job

ROOT = Path(__file__).parents[2]
BAD = os.fsdecode(b"caf\xe9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / BAD
    made.mkdir()
    (made / f"{BAD}.csv").write_bytes(b"sku\nA\n")
    return made


def told(reader: JobFiles, path: Path, **names: str) -> str:
    """The problems as `check` prints them and `error.txt` and `error.json` hold them."""
    with pytest.raises(JobInvalid) as raised:
        reader.read(path, stem=path.stem, **names)
    for file in FileDelivery().refusal(path.stem, raised.value.problems, reason=f"{path} could not be read."):
        assert file.data.decode()
    return str(raised.value)


@pytest.mark.slow
def test_check_names_what_the_terminal_cannot_show(folder: Path) -> None:
    (folder / "job.yaml").write_text("prompt: a mug\n")
    broken = folder.parent / f"{BAD}.yaml"
    broken.write_text("promt: 马克杯\n")
    ran = subprocess.run(
        [sys.executable, "-m", "worker.cli", "check", str(folder), str(broken)],
        cwd=ROOT, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii:strict"}, check=False,
    )  # fmt: skip
    assert ran.returncode == ExitCode.JOBS_FAILED, ran.stderr
    *_, warning, ok, problem, count = ran.stdout.decode("ascii").splitlines()
    assert warning.startswith(f"{folder.parent}/caf\\xe9/job.yaml: warning: `caf\\xe9.csv` lies in the job's folder")
    assert ok == f"{folder.parent}/caf\\xe9: ok, 1 picture, 1 warning"
    assert problem.startswith(f"{folder.parent}/caf\\xe9.yaml:1:1: promt: ")
    assert count == "1 of 2 jobs cannot be rendered."


def test_a_file_that_is_not_referred_to_may_have_any_name(folder: Path, reader: JobFiles) -> None:
    (folder / "job.yaml").write_text("prompt: a mug\n")
    assert reader.read(folder, stem=BAD).name == "caf"


def test_no_name_is_suggested_that_nobody_can_write(folder: Path, reader: JobFiles) -> None:
    (folder / "job.yaml").write_text("products: caf.csv\nprompt: a mug\n")
    text = told(reader, folder, shown_as=str(folder))
    assert text.endswith("products: There is no file `caf.csv` in the job's folder.")
    assert text.startswith(f"{folder.parent}/caf\\xe9/job.yaml:1:11: ")


@pytest.mark.parametrize("name", ["\\udce9.csv", "caf\\udce9.csv", "\\ud800.csv"])
def test_a_name_that_is_no_text_is_not_looked_up(name: str, folder: Path, reader: JobFiles) -> None:
    (folder / "job.yaml").write_text(f'products: "{name}"\nprompt: a mug\n')
    assert "that no text may hold" in told(reader, folder)


def test_a_name_too_long_for_any_file_is_a_missing_file(read: Callable[..., Job]) -> None:
    with pytest.raises(JobInvalid, match=r"There is no file `x{60}…` in the job's folder\."):
        read(f"products: {'x' * 300}\nprompt: a mug\n", files={"p.csv": b""})


@pytest.mark.parametrize(
    "text",
    [
        'prompt: "\\ud800"\n',
        'prompt: a\n"\\ud800": b\n',
        'prompt: a\nmetadata: {"\\udcff": "\\udcff"}\n',
        'name: "\\udcff"\nprompt: a\n',
        'matrix: {"\\ud800": [a]}\nprompt: a\n',
    ],
)
def test_a_problem_with_half_a_character_can_be_written(text: str, tmp_path: Path, reader: JobFiles) -> None:
    path = tmp_path / f"{BAD}.yaml"
    path.write_text(text)
    assert "that no text may hold" in told(reader, path)


@pytest.mark.parametrize("cells", [b"\xed\xa0\x80", b"a\xff", b"\xff\xfe\x00\xd8", b"a\0b"])
def test_cells_that_are_no_text_are_a_problem(cells: bytes, read: Callable[..., Job]) -> None:
    with pytest.raises(JobInvalid, match=r"a-job/p\.csv:[12]:\d+: .*(no encoding|is not UTF-|zero byte)"):
        read("products: p.csv\nprompt: a {what} mug\n", files={"p.csv": b"what\n" + cells + b"\n"})


def test_utf_16_with_half_a_pair_is_a_problem(read: Callable[..., Job]) -> None:
    data = "what\n\ud800x\n".encode("utf-16", "surrogatepass")
    with pytest.raises(JobInvalid, match="UTF-16 text, which is broken here"):
        read("products: p.csv\nprompt: a {what} mug\n", files={"p.csv": data})
