"""Bytes are judged by the text they would be; what cannot be read has the place an editor shows."""

from __future__ import annotations

import codecs

import pytest

from worker.text_encodings.judge import judged
from worker.text_encodings.judged import Judged, Unfit

OLD = {
    "gb18030": [
        "prompt: 红色马克杯\n", "sku,品名,颜色\nA-1,马克杯,红色\nA-2,花瓶,蓝色\n", "prompt: 琉璃盏\n",
        "prompt: 一只猫", "prompt: a mug （红）", "prompt: 5元",
        "提示词：白色陶瓷杯，柔光箱正面打光，写实摄影\n尺寸：1024x1024", "货号,名称\n1,杯\n",
        "品名\n搪瓷缸\n", "name: 琥珀", "商品編號,品名\n1,陶瓷馬克杯\n2,藍色花瓶",
    ],
    "cp950": [
        "sku,品名,顏色\n1,馬克杯,紅色\n2,花瓶,藍色\n", "prompt: 紅色陶瓷馬克杯，柔光\n", "編號,名稱\n1,茶壺\n",
        "prompt: 白瓷碗", "sku,subject\n1,骨瓷杯",
    ],
    "cp932": [
        "sku,商品名,色\n1,マグカップ,赤\n2,花瓶,青\n", "prompt: 赤いマグカップ、白い背景\n",
        "品番,名称\n1,茶碗\n2,急須\n", "sku,subject\n1,湯呑み",
    ],
    "cp949": [
        "sku,상품명,색상\n1,머그컵,빨간색\n2,꽃병,파란색\n", "prompt: 빨간 머그컵, 흰 배경\n", "품번,이름\n1,접시\n",
        "sku,subject\n1,도자기 그릇",
    ],
    "cp1252": [
        "sku,Name\n1,Müller Tasse grün\n", "prompt: a café table\n", "Größe,Farbe\nL,weiß\n", "prompt: a mug – red\n",
        "ref,désignation\n1,théière rouge à pois", "sku,nombre\n1,niño con taza\n2,año",
    ],
    "cp1251": ["sku,название\n1,Красная кружка\n", "prompt: белая чашка на столе\n"],
}  # fmt: skip
TEXT = "prompt: a mug 白色\nsteps: 8\n"


@pytest.mark.parametrize(("encoding", "text"), [(encoding, text) for encoding, texts in OLD.items() for text in texts])
def test_an_old_encoding_is_known_by_its_letters(encoding: str, text: str) -> None:
    assert judged(text.encode(encoding)) == Judged(text=text, encoding=encoding, is_certain=False)


@pytest.mark.parametrize(
    "text",
    [text for texts in OLD.values() for text in texts]
    + ["Ελληνικά", "«Кружка»", "{·р~", "25 °С", "עִבְרִית", "№5", "🙂", ""],
)
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    assert judged(text.encode()) == Judged(text=text, encoding="utf-8", is_certain=True)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text", [TEXT, TEXT.replace("\n", "\r\n"), "提示词: 红色马克杯\n", "提示词: 水水水\n名称: 水桶\n"]
)
def test_utf16_and_utf32_are_read_with_and_without_a_mark(encoding: str, text: str) -> None:
    assert judged(text.encode(encoding)) == Judged(text=text, encoding=encoding, is_certain=False)
    marked = f"\ufeff{text}".encode(encoding)
    assert judged(marked) == Judged(text=text, encoding=encoding, is_certain=True)


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (b"prompt: a mug\r\nsize: square\r\n" + "steps: 8\r\n".encode("utf-16-le"), (3, 1), "UTF-16"),
        ("prompt: 白杯\r\n".encode() + "名称: 杯\r\n".encode("utf-16-le"), (2, 1), "UTF-16"),
        (b"prompt: a mug\n" + codecs.BOM_UTF16_LE + "steps: 8\r\n".encode("utf-16-le"), (2, 1), "UTF-16"),
        (b"prompt: a mug\n" + "steps: 8\n".encode("utf-16-be"), (2, 1), "UTF-16"),
        (b"a: b\n" + "steps: 8\n".encode("utf-16-le") + b"count: 2\n", (2, 1), "UTF-16"),
        ("prompt: a mug\r\n".encode("utf-16") + b"steps: 8\r\n", (2, 1), "two programs"),
        ("prompt: a mug\r\n".encode("utf-16") + b"steps: 8\n", (2, 1), "two programs"),
        ("prompt: 白色陶瓷\nname: 杯".encode() + b"\xff\nsteps: 8", (2, 8), "0xFF"),
        ("prompt: 白色陶瓷\rname: 杯".encode() + b"\x80\rsteps: 8", (2, 8), "0x80"),
        ("prompt: 白色陶瓷\r\nname: 杯".encode()[:-1], (2, 7), "0xE6"),
        (codecs.BOM_UTF8 + b"prompt: a m\xfcg\n", (1, 12), "0xFC"),
        ("1,红色马克杯\n2,花瓶\n3,".encode("gb18030") + b"\xff\xff" + "白色".encode("gb18030"), (3, 3), "GBK"),
        (b"prompt: \x81\xff\xfe\n", (1, 9), "0x81"),
        (b"prompt: a m\0ug, blue and white\nsteps: 8\n", (1, 12), "zero byte"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", (3, 1), "zero byte"),
    ],
    ids=range(15),
)
def test_what_is_no_text_has_the_place_that_an_editor_shows(data: bytes, place: tuple[int, int], said: str) -> None:
    found = judged(data)
    assert isinstance(found, Unfit)
    assert ((found.line, found.column), said in found.message) == (place, True), found
