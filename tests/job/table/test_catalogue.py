"""What spreadsheets write."""

from __future__ import annotations

import codecs
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.errors import JobInvalid
from worker.job.table.parse import parse_catalogue
from worker.records import Job, Limits

CSV = "sku,名称,price\nA,马克杯,010\n"


def rows(data: bytes) -> list[dict[str, str]]:
    catalogue, problems = parse_catalogue(data, file="p.csv", max_rows=100)
    assert not problems
    return [dict(row.cells) for row in catalogue.rows]


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        codecs.BOM_UTF8 + CSV.encode(),
        codecs.BOM_UTF16_LE + CSV.replace(",", "\t").encode("utf-16-le"),
        CSV.encode("gb18030"),
        CSV.replace(",", ";").encode(),
        CSV.replace("\n", "\r\n").encode(),
        CSV.replace("\n", "\r").encode(),
        b"sep=;\n" + CSV.replace(",", ";").encode(),
        b"\r\rsep=;\r" + CSV.replace(",", ";").replace("\n", "\r").encode(),
        b'"sep=\t"\n' + CSV.replace(",", "\t").encode(),
        b"\n\n" + CSV.encode() + b"\n,,\n",
        CSV.replace("price", "price,,").replace("010", "010,,").encode(),
    ],
    ids=["utf-8", "mark", "unicode text", "gb18030", "semicolon", "windows", "old mac",
         "separator said", "separator said on an old mac", "tab said", "blank lines", "empty columns"],
)  # fmt: skip
def test_what_spreadsheets_save_is_read_as_written(data: bytes) -> None:
    assert rows(data) == [{"sku": "A", "名称": "马克杯", "price": "010"}]


def test_a_file_that_is_not_utf_8_is_warned_of_with_a_cell_that_may_be_misread(read: Callable[..., Job]) -> None:
    job = read(
        "products: p.csv\nprompt: '{subject}'\n", files={"p.csv": "sku,subject\nA,mug\nB,grün\n".encode("cp1252")}
    )
    assert [str(warning) for warning in job.warnings] == [
        "a-job/p.csv:3:1: warning: This file was read as Windows-1252: `grün`. If that is wrong, save it as CSV UTF-8."
    ]


def test_a_utf_8_file_is_not_warned_of(read: Callable[..., Job]) -> None:
    files = {"p.csv": "sku,subject\nA,grün\n".encode()}
    assert not read("products: p.csv\nprompt: '{subject}'\n", files=files).warnings


def test_cells_are_text_exactly_as_written() -> None:
    assert rows(b'a,b\n" no ","line\nbreak, ""quoted"""\n') == [{"a": " no ", "b": 'line\nbreak, "quoted"'}]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    _, problems = parse_catalogue(b'\na,b\n"x\ny",1\n\nonly\n', file="p.csv", max_rows=9)
    assert [str(problem) for problem in problems] == [
        "p.csv:6:1: This line has 1 cell, the first line has 2. Add the missing cells."
    ]


def test_every_fault_is_told_up_to_a_hundred() -> None:
    _, problems = parse_catalogue(b"a,b\n" + b"x\n" * 5000, file="p.csv", max_rows=10_000)
    assert len(problems) == 100


def test_a_cell_that_swallows_the_file_is_told_where_it_begins() -> None:
    _, problems = parse_catalogue(b'a,b\n1,"' + b"x\n" * 100_000, file="p.csv", max_rows=9)
    assert problems[0].line == 2
    assert "quotation mark is not closed" in problems[0].message


def test_a_file_beyond_the_limit_is_refused_unread(read: Callable[..., Job]) -> None:
    too_large = b"a\n" + b"x" * Limits().csv_bytes
    with pytest.raises(JobInvalid, match="more than 8,388,608 bytes"):
        read("products: p.csv\nprompt: a\n", files={"p.csv": too_large})


def test_too_many_rows_are_refused() -> None:
    _, problems = parse_catalogue(b"a\n" + b"x\n" * 11, file="p.csv", max_rows=10)
    assert "more than 10 products" in problems[0].message


JOB = """products: p.csv
file_name: "{sku}_{angle}_{index:02}"
metadata: {title: "{title}", deep: [{note: "{sku}"}]}
matrix: {angle: [front view, three-quarter view]}
shot:
  product: {subject: "{what}", colour: "{colour}", material: glossy ceramic}
  scene: light grey concrete wall
  light: frontal softbox
  camera: "{angle}, shallow depth of field"
  texture: fine glaze texture
  avoid: logo
"""


@pytest.mark.slow
def test_ten_thousand_pictures_expand_in_five_seconds_and_300_mb(tmp_path: Path) -> None:
    folder = tmp_path / "big"
    folder.mkdir()
    (folder / "job.yaml").write_text(JOB)
    (folder / "p.csv").write_text("sku,title,what,colour\n" + "".join(f"S{n},t {n},mug {n},red\n" for n in range(5000)))
    program = (
        "import sys; from pathlib import Path; from worker.job.reader import JobFiles; from worker.records import *;"
        "r = Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0);"
        "job = JobFiles(Limits(), r, guidance_matters=True).read(Path(sys.argv[1]), stem='big');"
        "assert len(job.requests) == 10_000;"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    began = time.monotonic()
    command = [sys.executable, "-c", program, str(folder)]
    peak_kib = subprocess.run(command, cwd=Path(__file__).parents[3], check=True, capture_output=True, text=True).stdout
    assert time.monotonic() - began < 5
    assert int(peak_kib) < 300 * 1024
