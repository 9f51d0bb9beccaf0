"""Workbooks are read as their authors see them, and no faster or larger than is safe."""

from __future__ import annotations

import random
import re
import time
import tracemalloc
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from job.table.workbooks import HEADER, values, with_part, workbook
from job.table.workbooks import read as read_table
from openpyxl import load_workbook

from worker.errors import JobInvalid
from worker.job.table.findings import Findings
from worker.job.table.parse import parse_catalogue
from worker.job.table.workbook import lines_of
from worker.records import Job

SHEET = "xl/worksheets/sheet1.xml"
JOB = 'products: products.xlsx{sheet}\nprompt: "a {{colour}} {{subject}}"\n'


def prompts(job: Job) -> list[str]:
    return [f"{request.file} {request.prompt}" for request in job.requests]


def test_a_workbook_is_read_as_it_is(read: Callable[..., Job]) -> None:
    files = {"products.xlsx": workbook(HEADER, (12.0, "mug", "red"), ("A-2", "vase", "blue"))}
    job = read(JOB.format(sheet=""), files=files)
    assert prompts(job) == ["12_01.png a red mug", "A-2_01.png a blue vase"]
    assert not job.warnings


def test_a_sheet_is_named_behind_the_file(read: Callable[..., Job]) -> None:
    def add(book, _) -> None:
        for row in (HEADER, ("B", "vase", "blue")):
            book.worksheets[1].append(row) if len(book.worksheets) > 1 else book.create_sheet("Spring 2026").append(row)

    files = {"products.xlsx": workbook(HEADER, ("A", "mug", "red"), change=add)}
    assert prompts(read(JOB.format(sheet="#spring 2026"), files=files)) == ["B_01.png a blue vase"]
    first = read(JOB.format(sheet=""), files=files)
    assert prompts(first) == ["A_01.png a red mug"]
    assert [warning.rule for warning in first.warnings] == ["table.sheets"]
    with pytest.raises(JobInvalid, match="no sheet `Autumn`"):
        read(JOB.format(sheet="#Autumn"), files=files)


@pytest.mark.parametrize(
    ("value", "form", "seen"),
    [
        (123, "00000", "00123"), (12.0, "General", "12"), (0.1 + 0.2, "General", "0.3"), (0.15, "0%", "15%"),
        (1234.5, "#,##0.00", "1,234.50"), (500, '0"ml"', "500ml"), (19.9, '"¥"#,##0.00', "¥19.90"),
        (12.5, "0.0##", "12.5"), (7, '"A-"000', "A-007"), (-3.5, "0.0;[Red]-0.0", "-3.5"), (1.5, "# ?/?", "1.5"),
        (6901234567890, "0.00E+00", "6901234567890"), (True, "General", "TRUE"), ("00123", "@", "00123"),
        (date(2026, 3, 2), "yyyy-mm-dd", "2026-03-02"), ("a\r\nb", "@", "a\nb"),
        (datetime(2026, 3, 2, 14, 30), "yyyy-mm-dd hh:mm", "2026-03-02 14:30"),
    ],
)  # fmt: skip
def test_a_value_is_what_its_author_sees(value: object, form: str, seen: str) -> None:
    def style(_, sheet) -> None:
        sheet["B2"].number_format = form

    assert values(workbook(HEADER, ("A", value, "red"), change=style)) == [("A", seen, "red")]


def test_a_formula_that_was_never_computed_is_refused_where_it_is_used() -> None:
    _, problems = read_table(workbook((*HEADER, "stock"), ("A", "=B9", "red", "=1+1"), ("B", "vase", "blue", 1)))
    assert problems == [
        "p.xlsx:2:1: subject (B2): This cell is a formula whose value was never saved. Open the workbook in Excel, WPS"
        " or LibreOffice and save it, or paste the values."
    ]


def test_a_formula_that_was_computed_is_its_value() -> None:
    data = workbook(HEADER, ("A", "=B9", "red"))
    data = with_part(data, SHEET, lambda part: re.sub(rb"<f>B9</f><v ?/>|<f>B9</f><v></v>", b"<f>B9</f><v>7</v>", part))
    assert values(data) == [("A", "7", "red")]


def test_errors_are_refused_with_their_cell() -> None:
    def spoil(_, sheet) -> None:
        sheet["C3"].value, sheet["C3"].data_type = "#N/A", "e"

    _, problems = read_table(workbook(HEADER, ("A", "mug", "red"), ("B", "vase", "x"), change=spoil))
    assert problems == [
        "p.xlsx:3:1: colour (C3): `#N/A` stands where a spreadsheet had no value to show."
        " Write the value that is meant."
    ]


def test_merged_cells_hold_for_each_line_and_a_title_is_passed_over() -> None:
    def merge(_, sheet) -> None:
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("C3:C4")

    rows = [("春季产品",), ("货号", "subject", "colour"), ("A", "mug", "red"), ("B", "vase"), ("C", "bowl", "blue")]
    data = workbook(*rows, change=merge)
    assert values(data) == [("A", "mug", "red"), ("B", "vase", "red"), ("C", "bowl", "blue")]
    assert [warning.rule for warning in read_table(data)[0].warnings] == ["table.title_lines"]


def test_hidden_rows_are_read_and_told_and_hidden_sheets_are_passed_over() -> None:
    def hide(book, sheet) -> None:
        shown = book.create_sheet("Shown")
        for row in (HEADER, ("A", "mug", "red"), ("B", "vase", "blue")):
            shown.append(row)
        shown.row_dimensions[3].hidden = True
        sheet.sheet_state = "hidden"
        book.active = 1

    data = workbook(HEADER, ("X", "x", "x"), change=hide)
    assert [row[0] for row in values(data)] == ["A", "B"]
    assert [warning.rule for warning in read_table(data)[0].warnings] == ["table.hidden_rows"]


def test_a_sheet_of_notes_is_no_table() -> None:
    def add(book, sheet) -> None:
        for row in (HEADER, ("A", "mug", "red")):
            book["Table"].append(row) if "Table" in book.sheetnames else book.create_sheet("Table").append(row)

    data = workbook(("How to fill this in",), ("One product a line",), ("Ask Anna",), change=add)
    assert values(data) == [("A", "mug", "red")]
    assert read_table(data)[0].warnings == ()


def test_a_table_of_one_column_is_read() -> None:
    assert [row.id for row in read_table(workbook(("sku",), ("A",), ("B",)))[0].rows] == ["A", "B"]


def test_a_date_among_ids_is_told() -> None:
    catalogue, _ = read_table(workbook(HEADER, (date(2026, 3, 2), "mug", "red"), ("B", "vase", "blue")))
    assert [(warning.rule, warning.where) for warning in catalogue.warnings] == [("table.spoilt_cell", "sku (A2)")]


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        pytest.param(SHEET, lambda part: part + b" " * 140_000_000, "unpacks to 140 MB", marks=pytest.mark.slow),
        (SHEET, lambda part: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + part, "not as a spreadsheet"),
        (SHEET, lambda part: part[: len(part) // 2], "cannot be read"),
        ("xl/workbook.xml", lambda part: b"", "cannot be read"),
        ("[Content_Types].xml", lambda part: b"\xff\xfe<", "not as a spreadsheet"),
    ],
    ids=["bomb", "entities", "cut off", "no workbook", "utf-16"],
)
def test_a_hostile_or_damaged_workbook_is_refused(name: str, change: Callable[[bytes], bytes], told: str) -> None:
    data = with_part(workbook(HEADER, ("A", "mug", "red")), name, change)
    tracemalloc.start()
    _, problems = read_table(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(problems) == 1
    assert told in problems[0]
    assert peak < 20_000_000


def test_cells_far_to_the_right_and_below_cost_nothing() -> None:
    def far(_, sheet) -> None:
        sheet["A1048576"].number_format = "0.0"
        sheet["XFD3"].number_format = "0.0"

    assert values(workbook(HEADER, ("A", "mug", "red"), change=far)) == [("A", "mug", "red")]
    _, problems = read_table(workbook(HEADER, ("A", "mug", "red"), change=lambda _, sheet: sheet.cell(2, 1200, "far")))
    assert "reaches beyond 1,000 columns" in problems[0]


def test_more_rows_than_pictures_are_allowed_are_refused_without_reading_on() -> None:
    _, problems = read_table(workbook(HEADER, *((f"S{number}", "mug", "red") for number in range(30))), max_rows=10)
    assert problems == ["p.xlsx:12:1: There are more than 10 products. Make several jobs of them."]


@pytest.mark.slow
def test_five_hundred_rows_of_a_workbook_take_half_a_second() -> None:
    rows = [(f"S{number}", "mug " * 5, "red", *["a text of a shop"] * 9) for number in range(500)]
    data = workbook((*HEADER, *"abcdefghi"), *rows)
    read_table(data)  # openpyxl is imported
    began = time.process_time()
    assert len(parse_catalogue(data, file="p.xlsx", max_rows=500)[0].rows) == 500
    assert time.process_time() - began < 0.5


def test_an_empty_workbook_is_told() -> None:
    assert read_table(workbook())[1] == [
        "p.xlsx:1:1: The file is empty. Its first line names the columns, such as `sku,subject,colour`."
    ]


def test_a_workbook_by_another_name_is_one_all_the_same(read: Callable[..., Job]) -> None:
    files = {"products.csv": workbook(HEADER, ("A", "mug", "red"))}
    assert prompts(read('products: products.csv\nprompt: "{subject}"\n', files=files)) == ["A_01.png mug"]


@pytest.mark.slow
@given(st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_a_workbook_with_any_damage_is_read_or_has_a_problem(choose: random.Random) -> None:
    def damage(part: bytes) -> bytes:
        at = choose.randrange(len(part))
        new = choose.choice([b"", b"<", b'"', b'<c r="ZZ9"/>', b"9" * 9])
        return part[:at] + new + part[at + choose.randint(0, 9) :]

    data = with_part(workbook(HEADER, ("A", "mug", "red"), ("B", "=A1", 1.5)), SHEET, damage)
    catalogue, problems = read_table(data)
    assert problems or catalogue.rows


FORMS = ["General", "0.00", "00000", "yyyy-mm-dd", "m/d/yy h:mm", "[h]:mm", "h:mm:ss", '"A-"000', "0%", "@"]
VALUES = (
    st.none()
    | st.integers(-60_000, 60_000)
    | st.floats(-1e9, 1e9, allow_nan=False)
    | st.booleans()
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="=\ufffe\uffff"))
    | st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1))
)


def as_openpyxl_reads(data: bytes) -> list[tuple[int, list[object]]]:
    """Each row with a value, as the library's own reader has it."""
    sheet = load_workbook(BytesIO(data), data_only=True).worksheets[0]
    rows = ((number, [cell.value for cell in row]) for number, row in enumerate(sheet.iter_rows(), start=1))
    return [(number, row) for number, row in rows if any(str("" if one is None else one).strip() for one in row)]


@pytest.mark.slow
@given(st.lists(st.lists(st.tuples(VALUES, st.sampled_from(FORMS)), max_size=4), max_size=5))
@settings(max_examples=150)
def test_cells_are_those_that_openpyxl_reads(rows: list[list[tuple[object, str]]]) -> None:
    def fill(_, sheet) -> None:
        for number, row in enumerate(rows, start=1):
            for column, (value, form) in enumerate(row, start=1):
                cell = sheet.cell(number, column, value)
                cell.number_format = cell.number_format if isinstance(value, datetime) else form

    data = workbook(change=fill)
    expected = as_openpyxl_reads(data)
    found = lines_of(data, Findings("p.xlsx"), sheet="", most_lines=99)
    assert [line.number for line in found] == [number for number, _ in expected]
    for line, (_, cells) in zip(found, expected, strict=True):
        kept = [*line.cells, *[""] * (len(cells) - len(line.cells))]
        for at, (text, value) in enumerate(zip(kept, cells, strict=True)):
            assert (text == "") == (not str("" if value is None else value).strip())
            assert (at in line.dates) == isinstance(value, date)
            if isinstance(value, str):
                assert text == value.replace("_x000D_", "").replace("\r\n", "\n")
            elif isinstance(value, bool):
                assert text == str(value).upper()
