"""Names of the column that says which product a row is, in shops' exports and spreadsheets of many languages."""

from __future__ import annotations

import re
import unicodedata

_OF_SKU = """
    variantsku productsku itemsku sellersku merchantsku skuid skuno skunr skunumber skucode sku编码 sku编号 sku码 sku号
    sku货号 sku代码 商品sku 产品sku 商家sku sku番号 商家编码 规格编码 商家sku编码
"""
_OF_ARTICLE = """
    货号 商品货号 产品货号 款号 款式编号 款式编码 商品编码 商品编号 商品代码 商品id 产品编码 产品编号 产品代码 产品id
    物料编码 物料编号 物料号 宝贝编码 货品编号 货品编码 宝贝id 数字id 品号 货品号 产品货号编码
    貨號 商品貨號 款號 商品編號 商品編碼 產品編號 產品編碼 產品代碼 料號 品號 貨品編號
    品番 商品番号 商品コード 商品id 製品番号 製品コード 型番 品目コード 管理番号 商品管理番号 商品管理番号商品url
    상품번호 상품코드 제품번호 제품코드 품번 품목코드 판매자상품코드 상품id 자체상품코드
    itemno itemnr itemnumber itemnum itemcode itemid itemref articleno articlenr articlenumber articlecode article
    articleid artno productid productcode productnumber productno productnr productref productkey prodid styleno
    stylenumber stylecode styleid stocknumber stockcode stockno partno partnumber modelno modelnumber listingid
    catalogno catalognumber catalogueno cataloguenumber externalid mpn
    artikelnummer artikelnr artnr artikelno artikelid artikelcode artikel produktnummer produktnr produktid produktcode
    bestellnummer bestellnr ordernumber ordernr varenummer varenr tuotenumero tuotekoodi
    referenceproduit refproduit codeproduit codearticle refarticle referencearticle codart
    codigoproducto codigodelproducto codigodeproducto codigoarticulo referenciaproducto codigoproduto codigodoproduto
    codicearticolo codiceprodotto indeksproduktu kodproduktu numerkatalogowy kodtowaru katalogovecislo
    teilenummer modellnummer materialnummer materialnr sachnummer
    cikkszam codprodus codarticol sifraproizvoda sifraartikla kodproduktu kodzbozi cislovyrobku cisloproduktu tootekood
    gaminiokodas kodeproduk kodebarang masanpham mahang masp κωδικοςπροιοντος κωδικοςειδους кодтовару артикултовару
    رقمالمنتج كودالمنتج رمزالمنتج کدمحصول کدکالا รหัสสินค้า מקט
    urunkodu stokkodu артикул артикултовара кодтовара артикулпродавца кодпродукта
"""
_OF_ANY = """
    id key uid uuid handle code no nr number num nummer ref reference referenz referencia codice kod codigo indeks
    код номер № # 编号 編號 编码 編碼 代码 代號 代号 型号 型號 番号 コード 번호 코드 model modell modelo slug uniqueid
    postid asin parentsku groupid contentid offerid
    codi cod sifra kodas kood kode ma κωδικος رمز كود کد รหัส קוד
"""
_OF_BARCODE = """
    ean ean13 gtin gtin13 upc barcode barcodenumber jan jancode isbn 条码 条形码 條碼 国际条码 商品条码 商品条形码
    barkod 바코드 штрихкод
"""
_SKU = re.compile(r"(?<![a-z])sku(?![a-z])")
_PARTS = """
    货号 貨號 款号 款號 商品编码 商品编号 产品编号 产品编码 品番 商品コード 商品番号 상품코드 상품번호 품번
    itemnumber artikelnummer artikelnr articlenumber productid productcode артикул
"""
"""What may stand inside a longer name, such as `Our SKU (internal)`."""
_PLAIN = """
    id code 编号 編號 编码 番号 번호 コード 코드 codigo codice codi kod код κωδικος sifra
"""
"""Short names that nobody gives another column."""
OBVIOUS = 2
"""Ranks up to this one are of names that mean nothing but an id."""


def _key(name: str) -> str:
    """The name without case, accents, blanks and marks; `№` and `#`, which are whole names, stay."""
    if name.strip() in ("№", "#"):
        return name.strip()
    plain = re.sub(r"(?<=\w)\s*#$", " no", unicodedata.normalize("NFKC", name).casefold().strip())
    latin = "".join(c for c in unicodedata.normalize("NFKD", plain) if not "\u0300" <= c <= "\u036f")
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", latin))


_RANKS: dict[str, int] = {}
for _rank, _names in ((4, _OF_BARCODE), (3, _OF_ANY), (2, _OF_ARTICLE), (1, _OF_SKU), (0, "sku")):
    _RANKS |= dict.fromkeys(map(_key, _names.split()), _rank)
PART_RANK = 5
PLAIN = frozenset(map(_key, _PLAIN.split()))


def rank_of(name: str) -> int | None:
    """How surely a column of that name holds the id: 0 for `sku` in any case, up to 5; None where it says nothing."""
    key = _key(name)
    if key in _RANKS:
        return _RANKS[key]
    parts = "".join(letter if letter.isalnum() else " " for letter in name.casefold())
    has_part = any(part in key for part in _PARTS.split()) or _SKU.search(parts)
    return PART_RANK if has_part else None


def is_plainly_an_id(name: str) -> bool:
    """Whether nobody need be told that this column was taken: `sku`, 货号, Artikelnummer, `id`."""
    rank = rank_of(name)
    return rank is not None and (rank <= OBVIOUS or _key(name) in PLAIN)
