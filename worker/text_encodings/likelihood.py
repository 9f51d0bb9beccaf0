"""How likely a text is in a language's table of products: what tells an encoding from those that give noise.

A wrong encoding turns text into rare characters, private ones, or letters that no word has beside each other. The
likelihood is that of the whole text, character by character, so that encodings of one and of two bytes can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache

from worker.lazy_patterns import LazyPattern
from worker.text_encodings.characters import KANJI, KOREAN, SIMPLIFIED, TRADITIONAL

BESIDE_LETTERS = math.log(0.02)
"""Of a small ASCII letter right beside an East Asian character, as a word with an accent would give it."""
_EAST_ASIAN = "[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
_AGAINST_LETTERS = LazyPattern(f"[a-z](?={_EAST_ASIAN})|(?<={_EAST_ASIAN})[a-z]")
_KANA = LazyPattern("[\u3040-\u30ff]")
_INSIDE_WORDS = LazyPattern(f"(?<=[A-Za-z])(?:{_EAST_ASIAN}+|[\uff0a\uff10-\uff5a])(?=[a-z])")
ASCII = math.log(1 / 40)
"""Of a plain letter, the same in every language: it decides where one encoding has it and another has none."""
COMMON, KNOWN, RARE, ALIEN = 0, 1, 2, 3
"""How well a character suits: a frequent one, one of the everyday set, one of the encoding's rest, none of a text."""

MARKS = frozenset("，。、；：？！（）％～￥＋－＊·—–‘’“”…×÷℃°±€£¥½¼²³φΦ①②③④⑤※★☆●■→‰§№")
"""Signs that texts of every language have, and each of these encodings."""
PINYIN = frozenset("āáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜü")
"""Latin letters of GB2312, which Western words in a Chinese office's tables are written with."""

Suits = Callable[[str], int]


def _bytes(character: str, encoding: str) -> bytes:
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return b""


def _mark(character: str) -> bool:
    """Whether it is a mark or a full-width sign of East Asian writing."""
    return "\u3000" <= character <= "\u301f" or character in MARKS


@lru_cache(maxsize=32_768)
def simplified(character: str) -> int:
    """How well it suits a Chinese table in GBK: GB2312 puts everyday characters at 0xB0A1 to 0xD7F9."""
    if character in SIMPLIFIED or _mark(character):
        return COMMON
    code = _bytes(character, "gb2312")
    if character in PINYIN or "\uff00" <= character <= "\uff5e":
        return KNOWN
    if code[:1] >= b"\xb0":
        return KNOWN if code[0] <= 0xD7 else RARE
    return KNOWN if character in TRADITIONAL else ALIEN  # which GBK has beside those of GB2312


@lru_cache(maxsize=32_768)
def traditional(character: str) -> int:
    """How well it suits a Chinese table in Big5: everyday characters stand at 0xA440 to 0xC67E."""
    if character in TRADITIONAL or _mark(character):
        return COMMON
    code = _bytes(character, "big5")
    if len(code) == 2:
        return KNOWN if b"\xa4\x40" <= code <= b"\xc6\x7e" else RARE
    return ALIEN


@lru_cache(maxsize=32_768)
def korean(character: str) -> int:
    """How well it suits a Korean table: 2,350 of 11,172 syllables are those of KS X 1001."""
    if character in KOREAN or _mark(character):
        return COMMON
    code = _bytes(character, "euc_kr")
    return KNOWN if b"\xb0" <= code[:1] <= b"\xc8" else RARE if "\uac00" <= character <= "\ud7a3" else ALIEN


@lru_cache(maxsize=32_768)
def japanese(character: str) -> int:
    """How well it suits a Japanese table: either alphabet, and the everyday characters of JIS at 0x889F to 0x9872."""
    if "\u3040" <= character <= "\u30ff" or character in KANJI or _mark(character):
        return COMMON
    if "\uff61" <= character <= "\uff9f":
        return RARE  # half-width, one byte each: nearly any bytes are such
    code = _bytes(character, "shift_jis")
    return ALIEN if len(code) < 2 else KNOWN if b"\x88\x9f" <= code <= b"\x98\x72" else RARE


SHARES: Mapping[str, tuple[Suits, tuple[float, float, float, float]]] = {
    "gb18030": (simplified, (1e-3, 6e-5, 6e-6, 1e-8)),
    "cp950": (traditional, (1e-3, 4e-5, 1.5e-6, 1e-8)),
    "cp949": (korean, (3e-3, 9e-5, 1e-6, 2e-7)),
    "cp932": (japanese, (2e-3, 1e-4, 6e-6, 1e-8)),
    "euc_jp": (japanese, (2e-3, 1e-4, 6e-6, 1e-8)),
}
"""How often one such character stands in a text, by encoding: the share of its kind divided by how many there are
(GB2312 has 3,755 and 3,008, Big5 5,401 and 7,652, KS X 1001 2,350 syllables, JIS 2,965 and 3,390)."""
UNLIKELY: Mapping[str, float] = {"cp950": -1, "cp949": -3, "euc_jp": -3}
"""Added to the log-likelihood: tables that a Chinese shop meets less often."""
READABLE = 0.8
"""Least share of characters that are common or known, for a text to be one."""


def east_asian(text: str, encoding: str) -> tuple[float, bool]:
    """How likely a text is.

    Args:
        text: as that encoding reads the bytes.
        encoding: one of SHARES.

    Returns:
        Its log-likelihood, and whether it can be a text at all: nearly all of its characters are everyday ones.
    """
    suits, shares = SHARES[encoding]
    kinds = [0, 0, 0, 0]
    plain = 0
    for character in text:
        if character.isascii():
            plain += 1
        else:
            kinds[suits(character)] += 1
    total = sum(kinds)
    log = plain * ASCII + len(_AGAINST_LETTERS.findall(text)) * BESIDE_LETTERS
    log += sum(count * math.log(share) for count, share in zip(kinds, shares, strict=True))
    log += UNLIKELY.get(encoding, 0)
    against = len(_AGAINST_LETTERS.findall(text))
    if 2 * len(_INSIDE_WORDS.findall(text)) > total or (2 * kinds[COMMON] < total and 2 * against > total):
        return log, False  # noise between the letters of words
    if encoding == "euc_jp" and not _KANA.search(text):
        return log, False  # Chinese in GBK reads as such characters; few programs still write EUC-JP
    has_common = total < 4 or 5 * kinds[COMMON] >= total
    is_told_by_one = encoding != "gb18030" and 0 < total <= 2 and not kinds[COMMON]
    if text.count("\ufffd") == 1 and total > 8:
        kinds[ALIEN] -= 1  # one bad byte; whoever decodes the whole says where
    strange = kinds[RARE] + 2 * kinds[ALIEN]
    if encoding == "gb18030" and not kinds[ALIEN]:
        # a short table may have two rare characters
        return log, 2 * kinds[RARE] <= total and (has_common or 8 * kinds[RARE] <= total)
    spared = 1 if total > 1 and not kinds[ALIEN] else 0
    return log, total > 0 and has_common and not is_told_by_one and strange <= max((1 - READABLE) * total, spared)
