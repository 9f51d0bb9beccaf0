"""`check` of a large catalogue, with the real command, in time of the processor: no torch, and no waiting."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from program import ENVIRONMENT

from slips.tables import Table
from slips.wording import WORDS, Tongue
from slips.workbooks import workbook

pytestmark = pytest.mark.slow

JOB = """\
products: {products}
matrix:
  angle: [front view]
shot:
  product: {{subject: "{{subject}}", colour: "{{colour}}", material: "{{material}}", details: "{{details}}"}}
  scene: white seamless paper
  light: frontal softbox, soft shadow
  camera: "{{angle}}"
metadata: {{title: "{{title}}"}}
"""
MOST_S = {500: 0.5, 10_000: 5.0}
"""Seconds of the processor for the whole command, alone, by rows; 0.4 s are Python's own start and the imports."""
BOOK_MOST_S = {500: 1.0, 10_000: 5.0}
"""Of a workbook: openpyxl and its XML take most of it."""
BESIDE = 1.6 if "PYTEST_XDIST_WORKER" in os.environ else 1.0
"""A core that is shared with other tests takes so many times as long."""
TRIES = 5
"""The least counts: other work on the machine makes a processor slower, never faster."""


def catalogue(folder: Path, rows: int, *, tongue: Tongue, encoding: str = "utf-8", is_book: bool = False) -> Path:
    random, words = Random(rows), WORDS[tongue]
    cells = tuple(
        (f"SKU-{n:05}", f"{random.choice(words.subjects)} {n}", random.choice(words.subjects),
        random.choice(words.colours),
         random.choice(words.materials), random.choice(words.details), str(n), "https://cdn.example.com/a.jpg")
        for n in range(rows)
    )  # fmt: skip
    columns = ("sku", "title", "subject", "colour", "material", "details", "price", "Image Src")
    table = Table(columns=columns, rows=cells)
    name = "products.xlsx" if is_book else "products.csv"
    data = workbook({"S": [columns, *cells]}) if is_book else table.text.encode(encoding, "replace")
    folder.mkdir()
    (folder / "job.yaml").write_text(JOB.format(products=name), "utf-8")
    (folder / name).write_bytes(data)
    return folder


def processor_s(path: Path) -> float:
    """What `check` of a path takes of the processor, from the start of its process to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "import sys; from worker.cli import main; code = main(sys.argv[1:]); "
               "sys.exit(99 if 'torch' in sys.modules else code)", "check", path.name]  # fmt: skip
    done = subprocess.run(
        command, cwd=path.parent, env={**ENVIRONMENT, **os.environ, "PYTHONPATH": ENVIRONMENT["PYTHONPATH"]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("rows", MOST_S)
@pytest.mark.parametrize("form", ["en", "zh", "gbk", "workbook"])
def test_check_of_a_catalogue_is_quick(rows: int, form: str, tmp_path: Path, record_property) -> None:
    encoding, tongue = ("gbk", "zh") if form == "gbk" else ("utf-8", "zh" if form == "zh" else "en")
    folder = catalogue(tmp_path / "large", rows, tongue=tongue, encoding=encoding, is_book=form == "workbook")
    small = catalogue(tmp_path / "small", 1, tongue=tongue, encoding=encoding, is_book=form == "workbook")
    start_s, whole_s = (min(processor_s(path) for _ in range(TRIES)) for path in (small, folder))
    told = f"{form}: {rows} rows: {whole_s:.2f} s, of which {start_s:.2f} s for one row"
    record_property("processor_s", told)
    print(told)
    most_s = BOOK_MOST_S if form == "workbook" else MOST_S
    assert whole_s < most_s[rows] * BESIDE, told
