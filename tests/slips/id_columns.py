"""W2 and M9: the column that says which product a row is, by its many names; columns that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from slips.drops import TABLE, Slip
from slips.right_jobs import RightJob
from slips.variants import TABLES, Make, Variant, read, told

KNOWN = (
    "SKU", "Sku", "sKu", "SKU ", " sku", "sku:", "SKU#", "SKU No.", "sku_id", "SKU-ID", "SKU ID", "sku code",
    "SKU编码", "SKU号", "sku编号",
    "货号", "商品货号", "商品编码", "商品编号", "商家编码", "商品ID", "商品id", "产品编号", "产品编码", "产品货号",
    "款号", "款式编号", "编号", "编码", "型号",
    "物料编码", "貨號", "商品編號", "產品編號", "品番", "商品コード", "商品番号", "管理番号", "상품코드", "품번",
    "Artikelnummer", "Artikel-Nr.", "Artikelnr", "Art.-Nr.", "ArtNr", "Bestellnummer", "Produktnummer", "Produkt-ID",
    "Article number", "Article No.", "article_no", "Item number", "Item No.", "Item #", "item_id", "item-sku",
    "seller-sku", "Seller SKU",
    "Variant SKU", "Handle", "handle", "Product ID", "product_id", "ProductID", "Product Code", "product number",
    "Style No", "Style Code",
    "Model No.", "Part Number", "Part No", "MPN", "Référence", "Reference", "Réf.", "Codice articolo", "Código",
    "Código del producto",
    "Artikelnummer (SKU)", "SKU (optional)", "Артикул", "артикул", "Код товара", "ID", "Id", "id", "№", "No.", "Nr.",
    "code", "Code",
    "ＳＫＵ", "\ufeffsku", "Listing ID", "asin", "ASIN", "EAN", "Barcode", "GTIN", "条码", "货品编号", "内部编码",
    "Numéro d'article", "barcode 条码",
)  # fmt: skip
"""Of Excel, Shopify, WooCommerce, Amazon, Etsy, Taobao, 1688, JTL, Shopware, 1C; any case, blank, hyphen, full stop."""
UNKNOWN = ("Bezeichner", "col1", "Column1", "列1", "Unnamed: 0", "key", "x", "bezeichnung", "Name des Kunden", "A")
PAIRS = (
    ("Handle", "Variant SKU"), ("ID", "SKU"), ("条码", "货号"), ("EAN", "Artikelnummer"), ("Product ID", "Item No."),
)  # fmt: skip
UNUSED = (
    "Body (HTML)", "Option1 Name", "a b", "价格（元）", "价格(元)", "Größe/Size", "id", "index", "seed", "file",
    "status",
    "shot", "error", "x" * 200,
    "1st", "🎁", "{curly}", "a,b", "two\nlines", "#", "%", "price,", "in-stock", "Weight [g]", "Variant Price",
    "C:\\pics", "=A1", "备注：", "...",
    "no. of items", "Google Shopping / Age Group", "SEO Title", "Gift Card", "class", "def", "None", "\u00a0", "a'b",
    'a"b', "Ünïcode ñame", "name?",
    "Cost per item", "是否上架", "__typename", "Meta: _wc_gla_sync", "Image #1", "Tags;Labels", "price €",
    "Published?",
)  # fmt: skip


def variants() -> Iterator[Variant]:
    """Names over the column with the ids; columns beside it."""
    for name in KNOWN:
        yield Variant(kind="W2", name=f"called {name!r}", make=_called(name), forms=TABLES)
    for name in UNKNOWN:
        yield Variant(kind="W2", name=f"called {name!r}", make=_called(name), forms=TABLES)
    for one, other in PAIRS:
        yield Variant(kind="W2", name=f"{one!r} beside {other!r}", make=_both(one, other), forms=TABLES)
    yield Variant(kind="W2", name="no column with ids", make=_none, forms=TABLES)
    yield Variant(kind="W2", name="an empty name over the ids", make=_called(""), forms=TABLES)
    for name in UNUSED:
        yield Variant(kind="M9", name=f"a column {name!r}", make=_beside(name), forms=TABLES)
    yield Variant(kind="M9", name="an empty column between", make=_beside("", at=1, value=""), forms=TABLES)
    yield Variant(kind="M9", name="an empty name over values", make=_beside("", at=2, value="7"), forms=TABLES)
    yield Variant(kind="M9", name="two columns of one name", make=_twice, forms=TABLES)
    yield Variant(kind="M9", name="ten empty columns behind", make=_many, forms=TABLES)
    yield Variant(
        kind="M9", name="a broken cell in an unused column", make=_beside("notes", value="#N/A"), forms=TABLES
    )
    yield Variant(
        kind="M9", name="a number Excel shortened, unused", make=_beside("EAN", value="4.00638E+12"), forms=TABLES
    )


def _with_ids(job: RightJob, name: str) -> RightJob:
    assert job.table
    return replace(job, table=job.table.renamed(job.table.columns[0], name))


def _called(name: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        if "," in name or job.table is None:
            raise AssertionError
        return told(
            _with_ids(job, name), [(TABLE, 1)], "table.id", "id column", "`sku`", "no name", right=_with_ids(job, "sku")
        )

    return make


def _both(one: str, other: str) -> Make:
    """Two columns that may both be the id; the second is."""

    def make(job: RightJob, _: Random) -> Slip:
        table = _with_ids(job, other).table
        assert table
        rows = tuple((f"x-{n}", *row) for n, row in enumerate(table.rows))
        slipped = replace(job, table=replace(table, columns=(one, *table.columns), rows=rows))
        return told(slipped, [(TABLE, 1)], "table.id", "id column", right=_with_ids(job, "sku"))

    return make


def _none(job: RightJob, _: Random) -> Slip:
    assert job.table
    rows = tuple(row[1:] for row in job.table.rows)
    table = replace(job.table, columns=job.table.columns[1:], rows=rows)
    return told(replace(job, table=table), [(TABLE, 1)], "table.id", "id column")


def _beside(name: str, *, at: int | None = None, value: str = "a value") -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        right = _with_ids(job, "sku")
        assert right.table
        return read(replace(right, table=right.table.with_column(name, value, at=at)), right)

    return make


def _twice(job: RightJob, _: Random) -> Slip:
    right = _with_ids(job, "sku")
    assert right.table
    table = right.table.with_column("Price", "1").with_column("Price", "2")
    return read(replace(right, table=table), right)


def _many(job: RightJob, _: Random) -> Slip:
    right = _with_ids(job, "sku")
    table = right.table
    assert table
    for _n in range(10):
        table = table.with_column("", "")
    return read(replace(right, table=table), right)
