"""How a prompt is composed from product fields.

First who and where and how the light falls, then the camera, the texture words last; in Chinese and English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from worker.lazy_patterns import LazyPattern

Language = Literal["zh", "en"]

_CJK = LazyPattern("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_DETERMINER = LazyPattern(
    r"(an?|the|one|two|three|four|five|six|some|several|many|no|this|these|my|our|your|his|her|their|\d+"
    r"|(?:a )?(?:pair|set|piece|bunch|stack|row) of) (.+)",
    re.IGNORECASE,
)
_PLURAL = LazyPattern(r"[^\W\d_]*[^\Wsui]s", re.IGNORECASE)
"""Last words that take no article: mugs and boxes; not glass, cactus or tennis."""
_MASS = {
    "knitwear", "jewellery", "jewelry", "clothing", "furniture", "tableware", "glassware", "cutlery", "bedding",
    "stationery", "footwear", "leather", "ceramic", "cotton", "linen", "wool", "tea", "coffee", "bread", "food",
    "soap", "perfume", "cosmetics", "people",
}  # fmt: skip
"""Words of shops that are used without an article."""
_VOWEL_SOUND = LazyPattern(r"(?:[aeio]|u(?!ni[^nm]|s[aeiu]|t[aei]|r[aeio])|hour|honest|heir)", re.IGNORECASE)
_CONSONANT_SOUND = LazyPattern(r"(?:eu|ewe|one\b|once)", re.IGNORECASE)
_GOES_ON = LazyPattern(r"(?:with|without|in|on|of|from|made|wearing|holding) ", re.IGNORECASE)
"""Details that follow their subject without a comma."""

_END = LazyPattern(r"(?:[\s,，;；、。]|(?<!\.)\.(?!\.))+$")
"""Blanks, commas and the full stop at the end of a field; an ellipsis stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The fields of a shot, placeholders filled; what is not given is empty."""

    subject: str
    colour: str = ""
    material: str = ""
    details: str = ""
    scene: str = ""
    light: str = ""
    camera: str = ""
    texture: str = ""

    @property
    def language(self) -> Language:
        """`zh` when any field holds a Chinese character, else `en`."""
        fields = (self.subject, self.colour, self.material, self.details)
        return language_of(*fields, self.scene, self.light, self.camera, self.texture)


def language_of(*texts: str) -> Language:
    """`zh` when any text holds a Chinese character, else `en`."""
    return "zh" if any(_CJK.search(text) for text in texts) else "en"


def compose_prompt(fields: Composition, *, language: Language) -> str:
    """The prompt.

    Args:
        fields: placeholders filled.
        language: decides order, commas and articles.

    Returns:
        Such as `a red glossy ceramic mug, light grey concrete wall, frontal softbox, fine glaze texture` or
        `红色亮面陶瓷马克杯，浅灰水泥墙，柔光箱正面打光，细腻釉面质感`.
    """
    who = _who_zh(fields) if language == "zh" else _who_en(fields)
    return join_parts((who, fields.scene, fields.light, fields.camera, fields.texture), language=language)


def join_parts(parts: Iterable[str], *, language: Language) -> str:
    """The parts that are not empty, with the language's comma between them and no comma twice.

    Args:
        parts: sentences or words of one prompt.
        language: decides the comma.
    """
    bare = (_END.sub("", part).lstrip(" \n\t,，;；、。") for part in parts)
    return ("，" if language == "zh" else ", ").join(part for part in bare if part)


def _who_zh(fields: Composition) -> str:
    who = ""
    for word in map(str.strip, (fields.colour, fields.material, fields.subject)):
        meets_latin = who[-1:].isascii() and who[-1:].isalnum() and word[:1].isascii() and word[:1].isalnum()
        who += f" {word}" if meets_latin else word
    return join_parts((who, fields.details), language="zh")


def _who_en(fields: Composition) -> str:
    subject = fields.subject.strip()
    described = [word.strip() for word in (fields.colour, fields.material) if word.strip()]
    own = _DETERMINER.fullmatch(subject)
    thing = " ".join([*described, own[2] if own else subject])
    who = f"{_fitting(own[1], thing)} {thing}" if own else f"{_article(subject, thing)}{thing}"
    details = fields.details.strip()
    return f"{who} {details}" if _GOES_ON.match(details) else join_parts((who, details), language="en")


def _fitting(determiner: str, thing: str) -> str:
    """The author's own determiner; `a` and `an` follow the word that now comes next."""
    return _a_or_an(thing) if determiner.lower() in ("a", "an") else determiner


def _article(subject: str, thing: str) -> str:
    head = re.split(r",| (?:with|in|on|of|for|from|by|and) ", subject)[0]
    last = head.split()[-1].lower() if head.split() else ""
    if _PLURAL.fullmatch(last) or last in _MASS or _CJK.search(subject):
        return ""
    return f"{_a_or_an(thing)} "


def _a_or_an(thing: str) -> str:
    return "an" if _VOWEL_SOUND.match(thing) and not _CONSONANT_SOUND.match(thing) else "a"
