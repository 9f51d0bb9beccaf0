"""Cells that a spreadsheet spoilt are known, and sound ones get no word."""

from __future__ import annotations

import pytest

from worker.job.table.error_names import ERRORS, LEFTOVERS
from worker.job.table.parse import parse_catalogue

SOUND = [
    "mug", "red mug", "00123", "A-01", "12", "12.5", "3E5", "E10", "1/2", "3-4", "#1", "#FF0000", "# 5",
    "#hashtag", "a=b",
    "=", "= red =", "==", "+5", "-", "May", "March", "Mar", "2 Mar", "Maroon-02", "Dec", "1月", "2026",
    "2026春", "5月新款",
    "really?", "what??", "?", "10%", "50 × 20 cm", "30°C", "Größe", "Ça va? «Été»", "L’été – à côté", "珐琅彩",
    "榫卯", "陶瓷马克杯",
    "陶器のマグカップ", "도자기 머그컵", "馬克杯", "Кружка", "قميص", "👨‍👩‍👧 mug", "a ‘b’ “c”",
    "690123456789012345", "6901234567890", "'tis", "café’s",
    "Â propos", "São Paulo", "ÄÖÜ", "naïve", "smörgåsbord", "Łódź", "İstanbul", "Kč 100", "5€", "™", "é", "Ã",
    "½ pint", "-", "—", "Nan", "none", "Null Bock", "#LOVE!", "#MUM", "Set", "2-Set", "Gen-02", "MAR-01",
    "Ara", "1-Gen", "out", "3.5", "Aug", "Error 404", "100-out", "45-Sep", "...", "(red)", "[a]", "4E5", "无", "'90s",
]  # fmt: skip


def read(cell: str, *, column: str = "subject") -> tuple[list[str], list[str], str]:
    """Rules of faults and of warnings, and what fills the placeholder."""
    quoted = cell.replace('"', '""')
    table = f'sku,subject\n"{quoted}",mug\n' if column == "sku" else f'sku,subject\nA,"{quoted}"\nB,mug\n'
    catalogue, problems = parse_catalogue(table.encode(), file="p.csv", max_rows=9, used=("subject",))
    rules = [warning.rule for warning in catalogue.warnings]
    return [problem.rule for problem in problems], rules, catalogue.rows[0].values[column]


@pytest.mark.parametrize("cell", SOUND)
def test_a_sound_cell_gets_no_word_and_stays_as_written(cell: str) -> None:
    assert read(cell) == ([], [], cell)


@pytest.mark.parametrize(
    "cell",
    [
        "A-01",
        "00123",
        "3E5",
        "12",
        "MAR-01",
        "DEC-24",
        "GEN-02",
        "5E10",
        "6.9",
        "L'OR",
        "6901234567890",
        "2026-01",
        "款-1",
        "M/10",
        "ABC 1",
        "#7",
    ],
)
def test_a_sound_id_gets_no_word_and_stays_as_written(cell: str) -> None:
    assert read(cell, column="sku") == ([], [], cell)


@pytest.mark.parametrize(
    "cell",
    [
        *sorted(ERRORS), "########", " #N/A ", "#n/a", "#¡VALOR!", "#¿NOMBRE?", "＃REF！", "Err:502", "Fehler:508",
        "Erreur :502", "错误:504",
    ],
)  # fmt: skip
def test_an_error_of_a_spreadsheet_is_refused(cell: str) -> None:
    assert read(cell)[0] == ["table.spoilt_cell"]


@pytest.mark.parametrize("cell", sorted(LEFTOVERS))
@pytest.mark.parametrize("column", ["sku", "subject"])
def test_what_a_program_writes_for_no_value_is_told(cell: str, column: str) -> None:
    assert read(cell, column=column) == ([], ["table.spoilt_cell"], cell)


@pytest.mark.parametrize(
    "cell",
    [
        "N/A", "n/a", "k. A.", "待定", "暂无", "TBD", "sin datos", "请选择", "--请选择颜色--", "Bitte wählen",
        "-- Select --", "Choose...",
        "同上", "〃", "ditto", "siehe oben", "see above", '"', "TRUE", "WAHR", "['red', 'blue']",
        '{"value": "red"}', "red #REF! mug", "mug #N/A", "02/03/2024", "2.3.2024",
    ],
)  # fmt: skip
def test_a_cell_that_holds_no_word_of_a_picture_is_told(cell: str) -> None:
    assert read(cell) == ([], ["table.spoilt_cell"], cell)


@pytest.mark.parametrize(
    "cell",
    [
        "待办清单",
        "true",
        "Select",
        "Choose Love",
        "TRUE Religion",
        "[sic]",
        "Dito Bag",
        "Sum 41",
        "What? Why?",
        "好吗?",
    ],
)
def test_words_that_only_begin_like_it_get_no_word(cell: str) -> None:
    assert read(cell) == ([], [], cell)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("合计", "table.empty_line"), ("Total", "table.empty_line"), ("Summe:", "table.empty_line"),
        ("小计", "table.empty_line"), ("编号", "table.repeated_header"),
        ("同上", "table.spoilt_cell"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_product_is_told_by_its_id(cell: str, rule: str) -> None:
    assert read(cell, column="sku")[:2] == ([], [rule])


@pytest.mark.parametrize("cell", ["TOTAL-1", "SUM01", "CODE1", "小计1"])
def test_an_id_that_only_begins_like_one_gets_no_word(cell: str) -> None:
    assert read(cell, column="sku") == ([], [], cell)


@pytest.mark.parametrize("cell", ["Gr?n", "???杯", "M??ller"])
def test_question_marks_in_the_place_of_letters_are_told(cell: str) -> None:
    assert read(cell) == ([], ["table.mojibake"], cell)


@pytest.mark.parametrize(
    "cell",
    [
        "=A1",
        "{=A1}",
        "=A1&B2",
        "=VLOOKUP(A2;X;2)",
        "=SUM(A1:A9)",
        "=$B$2",
        "='Sheet 2'!A1",
        "=List!A1",
        "=-A1",
        "=1+1",
        "=@IF(A1,2)",
    ],
)
def test_a_formula_in_the_place_of_its_value_is_refused(cell: str) -> None:
    assert read(cell)[0] == ["table.formula"]


@pytest.mark.parametrize(
    "cell",
    [
        "GrÃ¼n",
        "cafÃ©",
        "é™¶ç“·",
        "闄剁摲鑺辩摱",
        "锟斤拷",
        "烫烫烫",
        "a\ufffdb",
        "????",
        "?? ??",
        "СЃРёРЅРёР№",
        "gr├╝n",
        "gr√ºn",
        "吵病皑\ue710狹",
    ],
)
def test_characters_that_were_lost_are_refused(cell: str) -> None:
    assert read(cell)[0] == ["table.mojibake"]


@pytest.mark.parametrize(
    ("cell", "column", "faults", "warnings", "meant"),
    [
        ('="00123"', "sku", [], ["table.spoilt_cell"], "00123"),
        ("'00123", "sku", [], ["table.spoilt_cell"], "00123"),
        ('="a ""red"" mug"', "subject", [], ["table.spoilt_cell"], 'a "red" mug'),
        ("6.90123E+12", "sku", ["table.spoilt_cell"], [], "6.90123E+12"),
        ("6,90123E+12", "sku", ["table.spoilt_cell"], [], "6,90123E+12"),
        ("7E+12", "sku", ["table.spoilt_cell"], [], "7E+12"),
        ("6.90123E+12", "subject", [], ["table.spoilt_cell"], "6.90123E+12"),
        ("690123456789012000", "sku", [], ["table.spoilt_cell"], "690123456789012000"),
        ("2-Mar", "sku", [], ["table.spoilt_cell"], "2-Mar"),
        ("Mar-02", "subject", [], ["table.spoilt_cell"], "Mar-02"),
        ("02. Mrz", "subject", [], ["table.spoilt_cell"], "02. Mrz"),
        ("02-Mrz", "sku", [], ["table.spoilt_cell"], "02-Mrz"),
        ("2-ene", "sku", [], ["table.spoilt_cell"], "2-ene"),
        ("02.мар", "subject", [], ["table.spoilt_cell"], "02.мар"),
        ("avr-02", "subject", [], ["table.spoilt_cell"], "avr-02"),
        ("6.9E12", "sku", ["table.spoilt_cell"], [], "6.9E12"),
        ("'MUG-01", "sku", [], ["table.spoilt_cell"], "MUG-01"),
        ("3月2日", "subject", [], ["table.spoilt_cell"], "3月2日"),
        ("2026/3/2", "subject", [], ["table.spoilt_cell"], "2026/3/2"),
        ("2026-03-02", "sku", [], ["table.spoilt_cell"], "2026-03-02"),
        ("mu\u200bg", "subject", [], ["table.invisible"], "mug"),
        ("mu\u3164g", "subject", [], ["table.invisible"], "mug"),
        ("mu\x07g", "subject", [], ["table.invisible"], "mug"),
        ("a mug\u2028red", "subject", [], ["table.invisible"], "a mug red"),
        ("כוס\u200f, אדום", "subject", [], [], "כוס\u200f, אדום"),
        ("❤\ufe0f pin", "subject", [], [], "❤\ufe0f pin"),
        ("A\u200b-\u200c01\ufeff", "sku", [], ["table.invisible"], "A-01"),
        ("A\u061c-\u034f01\u3164\ufff9\U000e0041", "sku", [], ["table.invisible"], "A-01"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e007f mug",
            "subject",
            [],
            [],
            "\U0001f3f4\U000e0067\U000e0062\U000e007f mug",
        ),
        ("\u00a0A-01\u3000", "sku", [], [], "A-01"),
        ("\u00a0", "subject", [], [], ""),
    ],
)
def test_what_is_mended_refused_and_told(
    cell: str, column: str, faults: list[str], warnings: list[str], meant: str
) -> None:
    assert read(cell, column=column) == (faults, warnings, meant)


def test_a_column_of_dates_gets_no_word() -> None:
    for header, cells in (("date", ("2-Mar", "2026-03-02")), ("when", ("2026-03-02", "2026-03-04"))):
        table = f"sku,{header}\nA,{cells[0]}\nB,{cells[1]}\n".encode()
        catalogue, problems = parse_catalogue(table, file="p.csv", max_rows=9, used=(header,))
        assert (problems, catalogue.warnings) == ([], ())


def test_a_column_of_sizes_that_all_became_dates_is_told() -> None:
    table = "sku,尺码\nA,2026/3/2\nB,2026/5/4\n".encode()
    (warning,) = parse_catalogue(table, file="p.csv", max_rows=9, used=("尺码",))[0].warnings
    assert (warning.rule, warning.where, warning.count) == ("table.spoilt_cell", "尺码", 2)


def test_one_cause_in_many_rows_is_one_warning_with_a_count_and_three_examples() -> None:
    table = "sku,subject\n" + "".join(f'"=""{number:05}""",mug\n' for number in range(900))
    catalogue, _ = parse_catalogue(table.encode(), file="p.csv", max_rows=900, used=("subject",))
    (warning,) = catalogue.warnings
    assert (warning.line, warning.where, warning.count) == (2, "sku", 900)
    assert warning.examples == ('="00000"', '="00001"', '="00002"')
    assert catalogue.rows[899].id == "00899"


def test_what_stands_in_columns_that_nobody_uses_is_told_once_or_not_at_all() -> None:
    table = b'sku,subject,a,b\nA,mug,#N/A,"=""1"""\nB,mug,=A1,#REF!\n'
    catalogue, problems = parse_catalogue(table, file="p.csv", max_rows=9, used=("subject",))
    assert not problems
    assert [(warning.rule, warning.where, warning.count) for warning in catalogue.warnings] == [
        ("table.spoilt_cell", "a", 2)
    ]
