"""results.csv reads back as what went in."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import pytest

from worker.delivery.results_table import results_table


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


PROMPT = "a red mug, white background"
BLACK = "Every try was black. Try another seed."
OURS = ["shot", "file", "status", "seed", "error", "index", "size", "prompt", "sha256"]


def test_the_products_columns_come_first_then_the_result(folder, samples):
    folder.add(samples.made(product={"sku": "007", "title": '白色"马克杯", 大\n号'}, file="a.png", index=2))
    folder.add(samples.failed(product={"sku": "=1+1"}, file="b.png"))
    table = rows(results_table(folder.entries, columns=("sku", "title")))
    sha256 = folder.entries[0].sha256
    assert table == [
        ["sku", "title", *OURS],
        ["007", '白色"马克杯", 大\n号', "MUG-01", "a.png", "ok", "7", "", "2", "64x48", PROMPT, sha256],
        [
            "=1+1",
            "",
            "MUG-01",
            "b.png",
            "failed",
            "7",
            "Every try was black. Try another seed.",
            "1",
            "64x48",
            PROMPT,
            "",
        ],
    ]


def test_the_matrix_s_values_stand_in_columns_of_their_own(folder, samples):
    folder.add(samples.made(matrix={"angle": "front view"}, file="a.png"))
    folder.add(samples.made(matrix={"light": "=dusk", "angle": "正面"}, file="b.png"))
    folder.add(samples.made(file="c.png"))
    table = rows(results_table(folder.entries, columns=()))
    assert table[0] == [*OURS, "angle", "light"]
    assert [row[-2:] for row in table[1:]] == [["front view", ""], ["正面", "=dusk"], ["", ""]]


def test_a_name_of_the_shop_s_own_stays_the_shop_s_and_ours_becomes_another(folder, samples):
    product = {"status": "in stock", "File": "old.jpg", "SEED": "spring", "zimage_status": "x", "error": "none"}
    folder.add(samples.made(product=product, matrix={"size": "XL", "shot": "top"}))
    head, row = rows(results_table(folder.entries, columns=tuple(product)))
    assert len({name.casefold() for name in head}) == len(head)
    cells = dict(zip(head, row, strict=True))
    assert {name: cells[name] for name in product} == product
    assert (cells["size"], cells["shot"]) == ("XL", "top")
    ours = {"zimage_file": "MUG-01_01.png", "zimage_zimage_status": "ok", "zimage_seed": "7", "zimage_error": "",
            "zimage_size": "64x48", "zimage_shot": "MUG-01", "index": "1"}  # fmt: skip
    assert {name: cells[name] for name in ours} == ours


@pytest.mark.parametrize(("theirs", "ours"), [(",", ","), (";", ";"), ("\t", "\t"), ("|", "|"), ("，", ","), ("", ",")])
def test_the_shop_s_own_delimiter_is_kept_where_spreadsheets_know_it(folder_of, samples, theirs, ours):
    product = {"sku": "1", "title": "a,b;c\td|e"}
    folder = folder_of(replace(samples.record, delimiter=theirs)).add(samples.made(product=product)).close()
    text = folder.files["results.csv"].decode("utf-8-sig")
    assert text.startswith(f"sku{ours}title{ours}shot{ours}")
    assert [*csv.reader(StringIO(text, newline=""), delimiter=ours)][1][:3] == ["1", "a,b;c\td|e", "MUG-01"]


def test_a_spreadsheet_recognises_the_encoding_and_the_lines(folder, samples):
    data = results_table(folder.add(samples.made()).entries, columns=())
    assert data.startswith(b"\xef\xbb\xbfshot,file,status,seed,error,index,size,prompt,sha256\r\n")
    assert data.endswith(b"\r\n")
