"""W4, M5 and M6: tables in the encodings of the world, names in two compositions, one bad byte."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from slips.drops import ALL, TABLE, Slip, Wanted
from slips.right_jobs import RightJob
from slips.tables import Table
from slips.variants import TABLES, Make, Variant, read, told, with_table

ROWS = {
    "zh-Hant": ("陶瓷馬克杯,紅色", "玻璃花瓶,藍色", "手工編織籃,米白色", "真皮錢包,黑色", "羊毛圍巾,深灰色",
    "鑄鐵鍋,墨綠色"),
    "zh-Hans": ("陶瓷马克杯,红色", "玻璃花瓶,蓝色", "手工编织篮,米白色", "真皮钱包,黑色", "羊毛围巾,深灰色",
    "铸铁锅,墨绿色"),
    "ja": ("陶器のマグカップ,赤", "ガラスの花瓶,青", "手編みのかご,生成り", "革の財布,黒", "ウールのマフラー,グレー",
    "鋳物の鍋,緑"),
    "ko": ("도자기 머그컵,빨간색", "유리 꽃병,파란색", "수공예 바구니,아이보리", "가죽 지갑,검정", "울 스카프,회색",
    "주물 냄비,초록색"),
    "de": ("Blumentöpfe groß,grün", "Müslischale,weiß", "Frühstücksbrett,natur", "Gürtel für Männer,schwarz",
    "Mützchen,gelb", "Öllampe,rot"),
    "fr": ("tasse à café,crème", "assiette décorée,bleu pâle", "théière émaillée,doré", "sac à main,châtaigne",
    "écharpe,gris foncé", "bougie parfumée,rosé"),
    "pl": ("filiżanka,żółty", "świecznik,złoty", "łyżka,biały", "miseczka,różowy", "dzbanek na sól,niebieski",
    "półka,brązowy"),
    "ru": ("керамическая кружка,красный", "стеклянная ваза,синий", "корзина,белый", "кошелёк,чёрный", "шарф,серый",
    "чугунок,зелёный"),
    "el": ("κούπα,κόκκινο", "βάζο,μπλε", "καλάθι,λευκό", "πορτοφόλι,μαύρο", "κασκόλ,γκρι", "κατσαρόλα,πράσινο"),
    "tr": ("seramik fincan,kırmızı", "çiçek vazosu,yeşil", "örgü sepet,beyaz", "cüzdan,siyah", "atkı,koyu gri",
    "döküm tencere,şarap"),
}  # fmt: skip
"""Six products in each language: subject and colour."""
CODECS = (
    ("zh-Hant", "big5"), ("zh-Hant", "cp950"), ("zh-Hant", "big5hkscs"), ("zh-Hant", "gb18030"),
    ("zh-Hant", "utf-16"),
    ("zh-Hans", "gbk"), ("zh-Hans", "gb2312"), ("zh-Hans", "gb18030"), ("zh-Hans", "utf-16"),
    ("zh-Hans", "utf-16-le"),
    ("zh-Hans", "utf-16-be"), ("zh-Hans", "utf-32"), ("zh-Hans", "hz"),
    ("ja", "shift_jis"), ("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("ja", "utf-16-le"),
    ("ko", "euc_kr"), ("ko", "cp949"), ("ko", "utf-16"), ("ko", "johab"),
    ("de", "cp1252"), ("de", "latin-1"), ("de", "mac_roman"), ("de", "cp850"), ("de", "utf-16-le"), ("fr", "cp1252"),
    ("fr", "mac_roman"),
    ("pl", "cp1250"), ("pl", "iso8859_2"), ("ru", "cp1251"), ("ru", "koi8_r"), ("ru", "cp866"), ("ru", "utf-16-be"),
    ("el", "cp1253"),
    ("tr", "cp1254"),
)  # fmt: skip
NAMES = (
    "Müller.csv", "ガラス.csv", "größe.csv", "Été 2026.csv", "한글.csv", "Sữa.csv", "Ürünler.csv",
    "produtos-maçã.csv",
    "バッグ.csv", "çanta.csv",
)  # fmt: skip
COLUMNS = ("größe", "couleur_préférée", "サイズ_ガラス", "색상", "màu_sắc", "renk_çeşidi", "maçã", "ё_цвет")
BAD = (
    (b"\xb2", "a stray byte"), (b"\xe9\x99", "two bytes of three"), (b"\xff", "0xFF"),
    (b"\x80", "a lone continuation"), (b"\xb2\xa3\xc1\xa7", "GBK in UTF-8"),
    (b"caf\xe9", "Latin-1 in UTF-8"), (b"it\x92s", "Word's apostrophe"), (b"\xed\xa0\xbd\xed\xb8\x80", "CESU-8"),
    (b"\xc0\xaf", "an overlong form"),
    (b"\xf0\x9f\x98", "three bytes of an emoji"), (b"\xfe\xfe", "0xFE"), (b"\xa4\xa4\xa4\xe5", "Big5 in UTF-8"),
    (b"\xe3\x81", "half of a kana"),
)  # fmt: skip


def variants() -> Iterator[Variant]:
    """All of the three kinds."""
    yield from _encodings()
    yield from _compositions()
    yield from _bad_bytes()


def _encodings() -> Iterator[Variant]:
    for tongue, codec in CODECS:
        for rows in (1, 2, 6):
            name = f"{tongue} in {codec}, {rows} rows"
            yield Variant(kind="W4", name=name, make=_encoded(tongue, codec, rows), forms=TABLES)


def _compositions() -> Iterator[Variant]:
    for name in NAMES:
        for is_job_nfd in (False, True):
            yield Variant(
                kind="M5", name=f"{name}, decomposed {_in(is_job_nfd)}", make=_named(name, is_job_nfd), forms=TABLES
            )
    for name in COLUMNS:
        for is_job_nfd in (False, True):
            made = _placeholder(name, is_job_nfd)
            yield Variant(kind="M5", name=f"{{{name}}} decomposed {_in(is_job_nfd)}", make=made, forms=("table",))


def _bad_bytes() -> Iterator[Variant]:
    for data, name in BAD:
        for has_mark in (False, True):
            yield Variant(
                kind="M6", name=f"{name}{', after a mark' * has_mark}", make=_bad(data, has_mark), forms=TABLES
            )
        yield Variant(
            kind="M6", name=f"{name}, below a cell of two lines", make=_bad(data, False, two_lines=True), forms=TABLES
        )


def _in(is_job_nfd: bool) -> str:
    return "in the job" if is_job_nfd else "outside the job"


def products(tongue: str, rows: int) -> Table:
    """So many products in a language."""
    cells = tuple((f"A-{n:02}", *row.split(",")) for n, row in enumerate(ROWS[tongue][:rows], start=1))
    return Table(columns=("sku", "subject", "colour"), rows=cells)


def _encoded(tongue: str, codec: str, rows: int) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        right = replace(job, table=products(tongue, rows))
        drop = with_table(job, right.table.text.encode(codec))
        says = ("table.encoding", "encod", "UTF-8", "UTF-16", "GB18030", "zero bytes")
        wanted = Wanted(places=((TABLE, ALL),), says=says, may_read="utf-16" in codec, must_keep=True)
        return Slip(drop=drop, wanted=wanted, right=right.drop)

    return make


def _named(name: str, is_job_nfd: bool) -> Make:
    nfc, nfd = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))

    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        table = replace(job.table, name=nfc if is_job_nfd else nfd)
        slipped = replace(job, table=table).with_value("products", nfd if is_job_nfd else nfc)
        return read(slipped, job)

    return make


def _placeholder(name: str, is_job_nfd: bool) -> Make:
    nfc, nfd = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))

    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        table = job.table.renamed("colour", nfc if is_job_nfd else nfd)
        line = job.text.splitlines()[job.line_of("prompt") - 1]
        slipped = job.with_line(
            job.line_of("prompt"), line.replace("{colour}", "{" + (nfd if is_job_nfd else nfc) + "}")
        )
        return read(replace(slipped, table=table), job)

    return make


def _bad(data: bytes, has_mark: bool, *, two_lines: bool = False) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        table = products(random.choice(["zh-Hans", "ja", "de"]), 6).with_column("note", "好 ß")
        row, above = random.randrange(1, 6), 0
        if two_lines:
            table, above = table.with_cell(0, "note", "first\nsecond"), 1
        text = table.with_cell(row, "subject", "\ue000x").text.encode()
        broken = text.replace("\ue000".encode(), data)
        drop = with_table(job, (b"\xef\xbb\xbf" if has_mark else b"") + broken)
        return told(drop, [(TABLE, row + 2 + above)], "byte", "UTF-8")

    return make
