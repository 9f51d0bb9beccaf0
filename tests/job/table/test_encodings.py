"""Encodings: what can be judged is read, what cannot be is refused, and nothing is misread."""

from __future__ import annotations

import codecs
import random
from contextlib import suppress

import pytest

from worker.job.table.encodings import decoded
from worker.text_encodings.judged import NAMES
from worker.text_encodings.letters import ENCODINGS, OWN_ALPHABETS
from worker.text_encodings.likelihood import SHARES
from worker.yaml_reader.document import Misread

WORDS = {
    "gb18030": (
        "陶瓷马克杯 红色 玻璃花瓶 蓝色 手工编织篮子 米白 青花瓷茶具 天青釉 哑光黑 不锈钢保温杯 实木餐桌 "
        "亚麻桌布 复古台灯 羊毛围巾 真皮钱包 帆布双肩包 珍珠项链 银戒指 香薰蜡烛 蝴蝶兰盆栽 竹编收纳筐 搪瓷杯 "
        "粗陶碗 骨瓷盘 琥珀色 墨绿 藏青 酒红 渐变粉 珊瑚橙 豆沙绿 男士皮鞋 女士连衣裙 儿童卫衣 龙井茶叶罐 "
        "宜兴紫砂壶 榨汁机 蚕丝被 檀木梳 折叠椅 露营灯 猫爬架"
    ),
    "cp950": (
        "陶瓷馬克杯 紅色 玻璃花瓶 藍色 手工編織籃子 米白 青花瓷茶具 霧面黑 不鏽鋼保溫杯 實木餐桌 亞麻桌布 "
        "復古檯燈 羊毛圍巾 真皮皮夾 帆布後背包 珍珠項鍊 銀戒指 香氛蠟燭 竹編收納籃 琺瑯杯 骨瓷盤 墨綠 藏青 "
        "酒紅 漸層粉 女用洋裝 鳳梨酥 烏龍茶 便當盒"
    ),
    "cp949": (
        "도자기 머그컵 빨강 유리 꽃병 파랑 접시 흰색 검정 원목 식탁 스테인리스 텀블러 린넨 식탁보 양모 목도리 "
        "가죽 지갑 캔버스 백팩 진주 목걸이 은반지 향초 대나무 바구니 법랑컵 짙은녹색 남색 와인색 녹차 캠핑등 "
        "고양이 유모차 립스틱 크림"
    ),
    "cp932": (
        "陶器マグカップ 赤 ガラス花瓶 青 湯呑み 急須 木製テーブル ステンレス タンブラー 麻のクロス ウール "
        "マフラー 革財布 リュック 真珠ネックレス 銀の指輪 アロマキャンドル 竹かご ほうろうカップ 皿 白 黒 "
        "紺色 深緑 緑茶 ランタン 猫ちぐら 有田焼 箸置き 浴衣"
    ),
    "cp1252": (
        "Blumentöpfe groß grün weiß Läufer Küche Kissenbezüge crème brûlée théière étagère chêne lumière fête à côté"
    ),
    "cp1251": ("кружка красная ваза синяя тарелка глубокая белая чашка чайник стеклянный сервиз шерстяной шарф рюкзак"),
}


def table(words: list[str]) -> str:
    return "sku,subject\n" + "".join(f"A-{number},{word}\n" for number, word in enumerate(words))


@pytest.mark.parametrize("encoding", WORDS)
def test_tables_of_a_few_words_are_read_or_refused_and_never_misread(encoding: str) -> None:
    choose = random.Random(7)
    refused = dict.fromkeys((3, 8, 20), 0)
    for size in refused:
        for _ in range(40):
            text = table(choose.choices(WORDS[encoding].split(), k=size))
            try:
                assert decoded(text.encode(encoding)).text == text
            except Misread:
                refused[size] += 1
    assert refused[3] <= 6
    assert refused[20] == 0


@pytest.mark.parametrize(
    ("encoding", "cell"),
    [
        ("gb18030", "红"), ("gb18030", "货号"), ("gb18030", "橄榄绿"), ("gb18030", "搪瓷漏勺"),
        ("gb18030", "500ml玻璃杯"),
        ("gb18030", "拼图"), ("gb18030", "联通"), ("gb18030", "“白色”，杯"), ("cp950", "紅"), ("cp932", "マグカップ"),
        ("cp932", "湯呑み"), ("euc_jp", "ガラスの花瓶"), ("cp949", "흰색"), ("cp949", "검정색 가죽 소파"),
        ("hz", "红色马克杯"), ("gb18030", "藍色陶瓷馬克杯"), ("cp1252", "café"),
        ("cp1252", "Größe 30 × 20 cm"), ("cp1252", "niño"), ("cp1252", "Kid’s mug – red"),
        ("mac_roman", "grün Größe"), ("cp850", "grün Größe"), ("cp1250", "zielony żółty"), ("cp1250", "červený hrnek"),
        ("iso8859_2", "śliwkowy źródło"), ("iso8859_2", "žlutá dřevěná lžíce"),
        ("cp1254", "yeşil kırmızı"), ("koi8_r", "Кружка красная"),
        ("cp1253", "κόκκινη κούπα από πορσελάνη και ξύλινος δίσκος"),
        ("utf-16-le", "马克杯"), ("utf-16-be", "马克杯 一"), ("utf-8", "שלום"), ("utf-8", "Кружка"),
        ("utf-8", "rosé c\u0327es\u0327idi"),
    ],
)  # fmt: skip
def test_one_cell_is_enough_where_no_other_reading_makes_sense(encoding: str, cell: str) -> None:
    assert decoded(table([cell]).encode(encoding)).text == table([cell])


@pytest.mark.parametrize(
    ("encoding", "cell"),
    [
        ("cp1250", "fűszer"),
        ("cp874", "แก้วกาแฟสีแดง"),
        ("cp1256", "كوب أحمر من السيراميك"),
        ("cp1254", "kırmızı"),
        ("cp932", "ﾏｸﾞｶｯﾌﾟ"),
    ],
)
def test_what_cannot_be_judged_is_refused(encoding: str, cell: str) -> None:
    with pytest.raises(Misread) as raised:
        decoded(table([cell]).encode(encoding))
    assert (raised.value.rule, "CSV UTF-8" in raised.value.remedy) == ("table.encoding", True)


WESTERN = (
    "Größe señorita smörgås crème théière lumière bibliothèque siècle progrès caffè perché città niño botella año"
    " açúcar xícara mañana Küche blå grön kjøkken œuf Weiß Öl Ärmel"
)
CENTRAL = (
    "červený bílá koláček pečivo značka kočka žlutá růžová světlo tlačítko źródło zielony żółty łyżka świeca kőris zöld"
)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("cp1252", WESTERN), ("cp1250", CENTRAL), ("iso8859_2", CENTRAL)],
    ids=["western", "central", "iso"],
)
def test_words_of_many_latin_languages_are_never_misread(encoding: str, words: str) -> None:
    choose = random.Random(3)
    for size in (1, 2, 3, 6):
        for _ in range(40):
            text = table(choose.choices(words.split(), k=size))
            with suppress(Misread):
                assert decoded(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("mark", "encoding", "is_certain"),
    [
        (codecs.BOM_UTF8, "utf-8", True),
        (codecs.BOM_UTF16_LE, "utf-16-le", True),
        (codecs.BOM_UTF16_BE, "utf-16-be", True),
        (codecs.BOM_UTF32_LE, "utf-32-le", False),
        (codecs.BOM_UTF32_BE, "utf-32-be", False),
    ],
)
def test_a_mark_decides(mark: bytes, encoding: str, is_certain: bool) -> None:
    found = decoded(mark + table(["马克杯", "grün"]).encode(encoding))
    assert (found.text, found.is_certain) == (table(["马克杯", "grün"]), is_certain)


def test_every_encoding_that_is_judged_has_a_name() -> None:
    assert {*SHARES, *ENCODINGS, *OWN_ALPHABETS} <= set(NAMES)


def test_a_large_table_is_judged_by_a_part_of_it_and_read_as_a_whole() -> None:
    text = table(["红色陶瓷马克杯，浅灰背景"] * 20_000)
    assert decoded(text.encode("gb18030")).text == text


def test_a_byte_beyond_the_sample_is_told_with_its_line() -> None:
    data = table(["红色陶瓷马克杯，浅灰背景"] * 20_000).encode("gb18030")
    with pytest.raises(Misread) as raised:
        decoded(data + b"A-9,\xff\n")
    assert raised.value.place == (20_002, 5)
