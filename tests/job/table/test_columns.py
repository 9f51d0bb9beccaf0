"""Columns: which names the products, which may be called anything, and how one is written in braces."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.errors import JobInvalid
from worker.job.table.header import in_braces
from worker.job.table.parse import parse_catalogue
from worker.records import Job

ROWS = "{header},subject\nA-7,mug\nB-8,vase\n"
SILENT = """
    sku SKU Sku "sku " SKU编码 "Variant SKU" seller-sku 商家编码 货号 款号 商品编码 产品编号 物料编码 宝贝id
    貨號 品番 商品コード 상품코드 품번
    "Item No." "ITEM NUMBER" item_code "Article number" "Art. No." Artikelnummer Artikel-Nr. "Product ID" productnumber
    ordernumber "Style No" "Stock Code" "Part #No" id ID Code 编号 编码 Артикул "Código producto"
    "Référence article" SKU* Sku# Código Kód Codice Κωδικός Cikkszám "Mã sản phẩm" รหัสสินค้า "رقم المنتج" "kode produk"
    "מק״ט" "Κωδικός προϊόντος" "Šifra proizvoda" Materialnummer コード
"""
TOLD = 'Handle EAN GTIN 条码 型号 Model № "Our SKU (internal)" 货号（必填） "Barcode" reference ASIN'


def words(text: str) -> list[str]:
    import shlex

    return shlex.split(text)


def read(table: str, *, used: tuple[str, ...] = ("subject",), asked: str = "") -> tuple[list[str], list[str]]:
    """Ids, and rules of the warnings."""
    catalogue, problems = parse_catalogue(table.encode(), file="p.csv", max_rows=99, used=used, asked_id=asked)
    assert not problems
    return [row.id for row in catalogue.rows], [warning.rule for warning in catalogue.warnings]


@pytest.mark.parametrize("header", words(SILENT))
def test_a_column_that_is_plainly_the_id_is_taken_without_a_word(header: str) -> None:
    assert read(ROWS.format(header=header)) == (["A-7", "B-8"], [])


@pytest.mark.parametrize("header", words(TOLD))
def test_a_column_that_may_be_the_id_is_taken_and_told(header: str) -> None:
    assert read(ROWS.format(header=header)) == (["A-7", "B-8"], ["table.id_guessed"])


@pytest.mark.parametrize(
    "header", ["colour", "序号", "price", "title", "名称", "skull", "idea", "encoding", "barcoded"]
)
def test_other_columns_are_no_id_and_that_is_told(header: str) -> None:
    assert read(ROWS.format(header=header)) == (["1", "2"], ["table.id_unknown"])


@pytest.mark.parametrize("header", ["colour", "EAN", "型号"])
def test_the_job_may_name_the_column(header: str) -> None:
    assert read(ROWS.format(header=header), asked=header.lower()) == (["A-7", "B-8"], [])


def test_the_surest_of_several_names_is_taken() -> None:
    table = "EAN,id,货号,SKU,subject\n1,2,3,4,mug\n5,6,7,8,vase\n"
    assert read(table) == (["4", "8"], [])
    assert read(table.replace("SKU", "x")) == (["3", "7"], [])
    assert read(table.replace("SKU", "款号")) == (["3", "7"], ["table.id_guessed"])


def test_a_column_that_repeats_or_has_gaps_yields_to_one_that_does_not() -> None:
    assert read("商品编码,EAN,subject\n1,7,mug\n1,8,vase\n") == (["7", "8"], ["table.id_guessed"])
    assert read("货号,编号,subject\n,7,mug\n2,8,vase\n") == (["7", "8"], [])
    assert read("Variant SKU,Handle,subject\n,a,mug\n,b,vase\n") == (["a", "b"], ["table.id_guessed"])


def test_sku_is_the_id_whatever_its_column_is_called(read: Callable[..., Job]) -> None:
    job = read("products: p.csv\nprompt: '{sku} {货号}'\n", files={"p.csv": "货号,sku x\n007,b\n".encode()})
    assert [(request.file, request.prompt) for request in job.requests] == [("007_01.png", "007 007")]


def test_results_keep_the_table_as_it_was(read: Callable[..., Job]) -> None:
    files = {"p.csv": b'Product Title,sku,,x,x\n"=""07""",A,,1,2\n'}
    job = read("products: p.csv\nprompt: '{Product_Title}'\n", files=files)
    assert job.columns == ("Product Title", "sku", "x", "x (2)")
    assert dict(job.requests[0].product) == {"Product Title": '="07"', "sku": "A", "x": "1", "x (2)": "2"}
    assert job.requests[0].prompt == "07"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("subject", "subject"), ("产品名称", "产品名称"), ("Product Title", "Product_Title"), ("Body (HTML)",
        "Body_HTML"),
        ("2nd", "column_2nd"), ("颜色/款式", "颜色_款式"), ("price €", "price"), ("Größe (cm)", "Größe_cm"),
    ],
)  # fmt: skip
def test_any_name_can_be_written_in_braces(name: str, written: str, read: Callable[..., Job]) -> None:
    assert in_braces(name) == written
    files = {"p.csv": f'sku,"{name}"\nA,mug\n'.encode()}
    assert read(f"products: p.csv\nprompt: 'a {{{written}}}'\n", files=files).requests[0].prompt == "a mug"


def test_a_name_that_stands_for_two_columns_is_refused_where_it_is_used() -> None:
    table = b"sku,Size (EU),Size EU\nA,1,2\n"
    assert not parse_catalogue(table, file="p.csv", max_rows=9, used=("sku",))[1]
    problems = parse_catalogue(table, file="p.csv", max_rows=9, used=("Size_EU",))[1]
    assert [str(problem) for problem in problems] == [
        "p.csv:1:1: Size_EU: There are two columns `Size_EU`. Rename or remove one."
    ]


def test_composed_and_decomposed_letters_are_one_name(read: Callable[..., Job]) -> None:
    table = "sku,gro\u0308ße,ガラス\nA,groß,瓶\n".encode()
    text = "products: p.csv\nmatrix: {ho\u0308he: [hoch]}\nprompt: '{größe} {höhe} {カ\u3099ラス}'\n".replace(
        "カ", "カ"
    )
    job = read(text.replace("カ\u3099", "ガ"), files={"p.csv": table})
    assert job.requests[0].prompt == "groß hoch 瓶"


def test_the_products_file_is_found_whatever_the_composition_of_its_name(read: Callable[..., Job]) -> None:
    table = b"sku,subject\nA,mug\n"
    for written, there in (("Mu\u0308ller.csv", "Müller.csv"), ("Süd.csv", "Su\u0308d.csv")):
        job = read(f"products: {written}\nprompt: '{{subject}}'\n", files={there: table}, stem=written)
        assert job.requests[0].prompt == "mug"


def test_a_matrix_key_and_a_column_of_one_name_are_refused(read: Callable[..., Job]) -> None:
    text = "products: p.csv\nmatrix: {colour: [red]}\nprompt: '{colour}'\n"
    with pytest.raises(JobInvalid, match="column of this name"):
        read(text, files={"p.csv": b"sku,colour\nA,red\n"})


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("Subject", "subject"), ("SUBJECT", "Subject"), ("Item Colour", "item_colour"), ("item-colour", "Item_Colour"),
        ("itemColour", "item_colour"), ("ｓｕｂｊｅｃｔ", "subject"), ("产品 名称", "产品名称"), ("STRASSE", "straße"),
    ],
)  # fmt: skip
def test_a_placeholder_is_filled_by_the_only_column_that_it_can_mean(
    column: str, written: str, read: Callable[..., Job]
) -> None:
    files = {"products.csv": f"sku,{column},size\nA,mug,S\n".encode()}
    job = read(f'products: products.csv\nprompt: "a photo of {{{written}}} on wood"\n', files=files)
    assert [request.prompt for request in job.requests] == ["a photo of mug on wood"]
    assert not job.warnings
    assert job.columns == ("sku", column, "size")


def test_a_placeholder_that_two_columns_may_mean_is_refused(read: Callable[..., Job]) -> None:
    with pytest.raises(JobInvalid, match=r"Nothing is called `\{item_colour\}`"):
        read("products: p.csv\nprompt: '{item_colour}'\n", files={"p.csv": b"sku,Item Colour,ItemColour\nA,red,blue\n"})
    job = read("products: p.csv\nprompt: '{Title}'\n", files={"p.csv": b"sku,Title,title\nA,red,blue\n"})
    assert job.requests[0].prompt == "red"


def test_what_the_job_fills_itself_is_no_near_name_of_a_column(read: Callable[..., Job]) -> None:
    text = 'products: p.csv\nmatrix: {colour: [red]}\nprompt: "{colour} {Subject} {name}"\n'
    job = read(text, files={"p.csv": b"sku,Colour,subject,Name\nA,blue,mug,Anna\n"})
    assert [request.prompt for request in job.requests] == ["red mug a-job"]


def test_braces_around_a_near_name_say_what_to_write(read: Callable[..., Job]) -> None:
    with pytest.raises(JobInvalid, match=r"Write `\{Product_Title\}`"):
        read("products: p.csv\nprompt: 'a {product title}'\n", files={"p.csv": b"sku,Product Title\nA,mug\n"})
