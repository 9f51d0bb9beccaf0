"""results.csv reads back as what went in."""

from __future__ import annotations

import csv
from io import StringIO

from worker.delivery.results_table import results_table


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_products_columns_come_first_then_the_result(folder, samples):
    folder.add(samples.made(product={"sku": "007", "title": '白色"马克杯", 大\n号'}, file="a.png"))
    folder.add(samples.failed(product={"sku": "=1+1"}, file="b.png"))
    assert rows(results_table(folder.entries, columns=("sku", "title"))) == [
        ["sku", "title", "shot", "file", "status", "seed", "error"],
        ["007", '白色"马克杯", 大\n号', "MUG-01", "a.png", "ok", "7", ""],
        ["=1+1", "", "MUG-01", "b.png", "failed", "7", "Every try was black. Try another seed."],
    ]


def test_a_spreadsheet_recognises_the_encoding_and_the_lines(folder, samples):
    data = results_table(folder.add(samples.made()).entries, columns=())
    assert data.startswith(b"\xef\xbb\xbfshot,file,status,seed,error\r\n")
    assert data.endswith(b"\r\n")
