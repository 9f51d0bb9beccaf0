"""Tables made to hurt: each is read or refused in a second of CPU, whatever it holds."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from job.table.workbooks import HEADER, with_part, workbook

from worker.job.table.parse import parse_catalogue

MIB = 1024 * 1024
HEAD = "sku,subject,colour"
HOSTILE = {
    "one line of blanks": " " * 300_000,
    "one line of tabs": "\t" * 300_000,
    "a rule that is none": "a|b\n" + "-" * 200_000 + "x\n",
    "columns without a name": HEAD + "," * 60_000 + "\nA,mug,red\n" * 500,
    "columns of one name": f"{HEAD},{','.join(['size'] * 900)}\nA,mug,red{',' * 900}\n",
    "more columns than are read": ",".join(f"column{number}" for number in range(40_000)) + "\nA,mug,red\n",
    "more lines than are read": HEAD + "\n" + "a\n" * 150_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_costs_little(name: str) -> None:
    data = HOSTILE[name].encode()
    began = time.process_time()
    parse_catalogue(data, file="p.csv", max_rows=100, used=("subject", "colour"))
    assert time.process_time() - began < 1
    tracemalloc.start()
    parse_catalogue(data, file="p.csv", max_rows=100, used=("subject", "colour"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * MIB


def test_blank_cells_far_to_the_right_are_no_columns() -> None:
    data = f"{HEAD}{',' * 16_000}\nA,mug,red{',' * 16_000}\nB,vase,blue\n".encode()
    catalogue, problems = parse_catalogue(data, file="p.csv", max_rows=9, used=("subject", "colour"))
    assert not problems
    assert [row.values["subject"] for row in catalogue.rows] == ["mug", "vase"]
    assert catalogue.columns == ("sku", "subject", "colour")


def test_values_far_to_the_right_are_refused_with_their_line() -> None:
    data = f"{HEAD}\nA,mug,red{',' * 16_000}x\n".encode()
    _, problems = parse_catalogue(data, file="p.csv", max_rows=9)
    assert [str(problem) for problem in problems] == [
        "p.csv:2:1: Line 2 reaches beyond 1,000 columns. Remove what stands far to the right, formats too."
    ]


def test_columns_of_one_name_are_told_apart_by_numbers() -> None:
    catalogue, _ = parse_catalogue(b"sku,size,size,size (2),size\nA,1,2,3,4\n", file="p.csv", max_rows=9)
    assert catalogue.columns == ("sku", "size", "size (2)", "size (2) (2)", "size (3)")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;  ", "\nsep=;"])
def test_a_first_line_says_what_parts_the_cells(first: str) -> None:
    catalogue, problems = parse_catalogue(
        f"{first}\nsku;subject\nA;mug, red\n".encode(), file="p.csv", max_rows=9, used=("subject",)
    )
    assert not problems
    assert [row.values["subject"] for row in catalogue.rows] == ["mug, red"]


def test_a_table_in_markdown_with_many_rules_loses_no_line() -> None:
    lines = "".join(f"| A{number} | mug {number} |\n| --- | --- |\n" for number in range(5))
    data = f"| sku | subject |\n| --- | --- |\n{lines}".encode()
    catalogue, problems = parse_catalogue(data, file="p.csv", max_rows=5, used=("subject",))
    assert not problems
    assert [row.id for row in catalogue.rows] == ["A0", "A1", "A2", "A3", "A4"]


@pytest.mark.slow
def test_formats_without_values_do_not_keep_the_worker_for_minutes() -> None:
    rows = b"<row>" + b"<c/>" * 3_000 + b"</row>"
    data = with_part(
        workbook(HEADER, ("A", "mug", "red")),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</sheetData>", rows * 1_100 + b"</sheetData>"),
    )
    _, problems = parse_catalogue(data, file="p.xlsx", max_rows=9, used=("subject", "colour"))
    assert ["more cells, formats and text" in str(problem) for problem in problems] == [True]
