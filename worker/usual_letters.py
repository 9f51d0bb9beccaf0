"""Letters that are usual in a language: how much a text looks like Chinese, Japanese, Korean, Russian or Western.

Knows letters and how common they are; the lists of common ones are from memory, not counted in a corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


def score(text: str | None, encoding: str) -> float:
    """How much a text's letters look like a language that its encoding is for.

    Args:
        text: as it would be in that encoding; None when it cannot be.
        encoding: a key of LANGUAGES.

    Returns:
        Mostly 0 to 1, the mean over all letters beyond ASCII; below 0 for what cannot be.
    """
    if text is None:
        return -1.0
    weigh, padded = LANGUAGES[encoding], f" {text} "
    found = [weigh(*padded[at - 1 : at + 2]) for at in range(1, len(padded) - 1) if not padded[at].isascii()]
    few = min(len(found) / 8, 1.0) if encoding == "cp1251" else 1.0  # one rare Chinese word looks like four letters
    return few * sum(found) / len(found) if found else -1.0


def _chinese(_: str, character: str, __: str) -> float:
    try:
        lead, trail = character.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return _other_han(character)
    if character in _COMMON:
        return 1.0
    if lead < 0xB0:
        return 0.7 if lead in (0xA1, 0xA3) else 0.0
    return 0.6 if lead < 0xD8 and trail >= 0xA1 else 0.4


def _other_han(character: str) -> float:
    if character in _COMMON:
        return 0.9
    return -1.0 if "\ue000" <= character <= "\uf8ff" else 0.1


def _traditional(_: str, character: str, __: str) -> float:
    if character in _COMMON:
        return 1.0
    try:
        lead = character.encode("cp950")[0]
    except UnicodeEncodeError:
        return -1.0
    if lead < 0xA4:
        return 0.6
    return 0.6 if lead <= 0xC6 else 0.2


def _japanese(_: str, character: str, __: str) -> float:
    if "\u3041" <= character <= "\u30ff":
        return 1.0
    if "\uff61" <= character <= "\uff9f" or "\ue000" <= character <= "\uf8ff":
        return -0.2
    if "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e":
        return 0.6
    lead = character.encode("cp932", "replace")[0]
    return (0.8 if character in _COMMON else 0.6) if 0x88 <= lead <= 0x98 else 0.2


def _korean(_: str, character: str, __: str) -> float:
    if character in _KOREAN:
        return 1.0
    if "\uac00" <= character <= "\ud7a3":
        return 0.5 if _is_ks(character) else 0.0
    return 0.1


def _is_ks(character: str) -> bool:
    try:
        character.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True


def _western(before: str, character: str, after: str) -> float:
    """Accented letters stand alone between plain ones."""
    is_alone = before.isascii() and after.isascii()
    if character in _ACCENTED:
        return 1.0 if is_alone else 0.3
    return (
        0.5
        if is_alone and character in "\u20ac\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u2122®©°²³½·×«»\u00a0"
        else 0.0
    )


def _russian(before: str, character: str, after: str) -> float:
    is_word = before in _CYRILLIC or after in _CYRILLIC
    if character in _CYRILLIC:
        return 0.85 if is_word else 0.5
    is_first = "А" <= character <= "Я" and before not in _CYRILLIC
    return 0.8 if is_first else 0.0


_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同"
    "现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最"
    "重并物手应向头文体美相见被利什二等产或新己制身果加西月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真处走各入几口认"
    "条平系气题活更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直资山金指许统区保至形社便空展马科五基眼书非则听白却界达光"
    "放强即像难且象完设式色路记南品住告类求据程北边张该交规万取格望觉术领共确传观清今切院让识候带导运号编货款价格红蓝绿黄黑紫粉灰棕橙银青褐杏咖"
    "啡驼米杯瓶碗盘碟壶罐盒茶酒花草叶树竹木藤棉麻丝绸绒呢皮革毛线布纸石玉珠铁钢铜铝锡塑料胶陶瓷玻璃釉漆衣裙裤鞋靴帽袜巾包袋箱椅桌凳柜床灯烛镜"
    "沙发窗帘墙台架背景柔软硬光影箱侧俯仰视角斜拍摄写照片图案商主体颜材质感细节纹理清晰哑亮磨砂抛透明简约复古手柄圆方长短宽窄厚薄轻纯浅深淡暖冷"
    "自然室内外棚拍早晨午夜阳雨雪风云春夏秋冬马克苹果香蕉猫狗鸟鱼男孩模特人像半全身微笑站坐走握捧放置摆尺寸提示词步种反向负描述数引名称琥珀珊瑚翡翠玛瑙珐琅锦缎琉璃搪盏釉"
    "這個們來為國說時會對發後裡種經麼學現當沒動還進樣開實無與長機關點業將兩間問並應頭體見產話給門東聲員處幾條氣題變總電數報結務場計資統區馬書則"
    "聽卻達強難設記據邊張該規萬術領確傳觀讓識帶導運號編貨價紅藍綠黃銀壺盤絲綢絨鐵鋼銅鋁膠釉裙褲襪燈燭鏡發簾牆架攝寫圖顏質細節紋亮簡約復圓"
    "陽雲貓鳥魚負數稱尺寸馬克杯"
)
"""Characters that half of any Chinese text consists of, and words of shops and pictures, in both ways of writing."""
_KOREAN = frozenset(
    "이가다는의에을로지하한기고사도자인아리시나대어서보그정해일수게있원스라전주구장들것은부여트마제상세오비우조신공경과선내면생문성물소방학드레진안"
    "유통개관등를되용화으와위크동무분적모치형색배빛조명백청흑황녹회갈컵머그병접시그릇품번상품이름흰빨파란검노초록분홍주황"
)
"""Syllables that most Korean text consists of, and words of shops."""
_ACCENTED = frozenset("äöüßéèêàâçñíóúáîôûëïåøæœìòùãõÄÖÜÉÈÀÂÇÑÁÍÓÚÅØÆÊ")
_CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")

LANGUAGES: Mapping[str, Callable[[str, str, str], float]] = {
    "gb18030": _chinese,
    "cp950": _traditional,
    "cp932": _japanese,
    "cp949": _korean,
    "cp1252": _western,
    "cp1251": _russian,
}
"""For each encoding, how usual a character is in its languages, with its neighbours; the first of equals counts."""
