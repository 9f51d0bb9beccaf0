"""A prompt that says one thing and the job, or the prompt itself, another.

Knows sizes, ratios and backgrounds in words, English and Chinese; tells only what is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.job.prompts.quotes import without_quoted
from worker.lazy_patterns import LazyPattern
from worker.records import Request
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

_PICTURE_SIDES = (
    "512|576|640|672|720|768|832|864|896|960|1024|1080|1088|1152|1216|1280|1344|1440|1536|1920|2048|2160|2560|3840|4096"
)
_SIZE = LazyPattern(
    rf"(?<![\d.])(?P<width>{_PICTURE_SIDES})\s*(?:px)?\s*[x×X*]\s*(?P<height>{_PICTURE_SIDES})(?![\d.])"
    r"(?!\s*(?:mm|cm|m\b|inch|毫米|厘米))(?!\s*(?:\w+\s)?(?:monitor|screen|display|tiles?|panel|显示|屏))",
    re.IGNORECASE,
)
_RATIOS = "1:1|4:3|3:4|16:9|9:16|3:2|2:3|21:9|9:21|4:5|5:4|2:1|1:2|16:10|10:16|5:7|7:5"
_RATIO = LazyPattern(
    rf"(?:(?:aspect[ -]?ratio|(?<![a-z—–-])(?<!- )ar|(?:宽高|长宽|画面|画幅|图片|纵横)比例?|画幅)"
    rf"(?:\s*(?:of|is|为|是))?\s*[:：]?\s*)(?<!\d)(?P<after>{_RATIOS})(?!\d)"
    rf"|(?<![\d:])(?P<before>{_RATIOS})(?![\d:])\s*(?:的)?"
    r"(?:aspect|(?:宽高|长宽|画面|画幅|纵横)比|画幅|横版|竖版|横屏|竖屏|横构图|竖构图)",
    re.IGNORECASE,
)
_SHAPE = LazyPattern(
    r"(?P<wide>\b(?:landscape|horizontal) (?:orientation|format|aspect)\b|横版构图|横构图|横向构图|querformat)"
    r"|(?P<high>\b(?:portrait|vertical) (?:orientation|format|aspect)\b|竖版构图|竖构图|竖向构图|hochformat)",
    re.IGNORECASE,
)
"""The shape of the picture, in words; told where the picture lies the other way, not where it is a square."""
_SHAPED = LazyPattern(
    r"(?:phone|tablet|screen|monitor|frame|print|photo|card|poster|canvas)\w* in (?:an? )?$", re.IGNORECASE
)
"""A thing in the picture of which a shape is said."""
_TWO_NUMBERS = LazyPattern(r"\d(?:px)?\s*[x×X*:]\s*\d")
_ASPECT_SLACK = 0.06
"""Sides are multiples of 16: 1152x864 is 4:3, and 1360x768 is near enough to 16:9."""

_COLOURS = {
    "white": ("white", "ivory", "cream", "白"),
    "black": ("black", "黑", "黒"),
    "grey": ("grey", "gray", "灰"),
    "red": ("red", "crimson", "红", "紅"),
    "orange": ("orange", "橙", "橘"),
    "yellow": ("yellow", "黄", "黃"),
    "green": ("green", "绿", "綠", "緑"),
    "blue": ("blue", "navy", "蓝", "藍"),
    "purple": ("purple", "violet", "紫"),
    "pink": ("pink", "粉"),
    "brown": ("brown", "beige", "棕", "褐", "米色"),
}
"""Colours of a background, with their words."""
_WORD = {word: colour for colour, words in _COLOURS.items() for word in words}
_ENGLISH = "|".join(word for word in _WORD if word.isascii())
_CHINESE = "|".join(word for word in _WORD if not word.isascii())
_PLAIN = r"(?:pure|plain|solid|clean|seamless|simple|bright)"
_BACKGROUND = LazyPattern(
    rf"(?<![\w-])(?:{_PLAIN}\s+)?(?P<en>{_ENGLISH})\s+(?:(?:studio|seamless|paper|plain)\s+)?(?:background|backdrop)"
    r"(?!\s+(?:pattern|details|figure))|isolated on (?:an? )?(?:pure )?(?P<on>white|black)(?!\s+\w)"
    rf"|(?<![\u3400-\u9fff])(?:纯|浅|深|淡|暗|亮|干净的?|简洁的?)?(?P<zh>{_CHINESE})色?的?背景"
    rf"|纯(?P<plain>{_CHINESE})色?(?:背景|底)|(?<![\u3400-\u9fff])(?P<ground>{_CHINESE})底(?=$|[\s,，。、；;图])",
    re.IGNORECASE,
)
_NOT = LazyPattern(
    r"(?:\b(?:no|not|without|never|instead of|nor|from|fading|into|than|to)(?:\s+(?:an?|the))?|"
    r"不要|没有|无|非|不是|而非|渐变|过渡到|从|到)\s*$",
    re.I,
)
_LONGEST_NOT = 30
"""Characters before a background among which those words stand."""
_SURFACE = LazyPattern(
    r"\b(?:table\w*|desk|floor|counter|shelf|board|marble|plinth|podium|surface|stone|sand|grass|cloth|sofa|chair|bed|top)\b"
    r"|[桌台架板床椅]|地面|沙发|草地|石",
    re.IGNORECASE,
)
"""What a product may stand on before a background of another colour."""
_ANY_COLOUR = LazyPattern(rf"(?<![a-z])(?P<en>{_ENGLISH})(?![a-z])|(?P<zh>{_CHINESE})", re.IGNORECASE)
_WITHOUT = LazyPattern(
    r"(?:(?<![\w-])(?P<not>without|with no)\s+(?:an?\s+|any\s+|the\s+)?|(?P<zh_not>没有|不带|不含))"
    r"(?P<thing>[^,，.。;；、\n]{1,30}?)"
    r"(?=$|[,，.。;；、\n]|\s(?:and|or|but|on|in)\s)",
    re.IGNORECASE,
)
_MOST_THINGS = 10
"""How many things that a prompt does not want are looked for in the rest of it."""


def contradictions(request: Request, *, scene: str = "", others: str = "") -> Iterator[Finding]:
    """What one picture is told twice, in two ways.

    Args:
        request: of the picture.
        scene: field of a composed prompt, filled; empty for a free one.
        others: the other fields of it.
    """
    prompt = without_quoted(request.prompt[:LOOKED_AT])
    yield from _sizes(prompt, request)
    yield from _backgrounds(prompt, scene=without_quoted(scene[:LOOKED_AT]), others=without_quoted(others[:LOOKED_AT]))
    yield from _things(prompt)
    yield from _wanted_and_not(prompt, without_quoted(request.negative_prompt[:LOOKED_AT]))


def _sizes(prompt: str, request: Request) -> Iterator[Finding]:
    if not (_TWO_NUMBERS.search(prompt) or _SHAPE.search(prompt)):
        return
    actual = f"{request.width_px}x{request.height_px}"
    remedy = gettext("The picture's size comes from `size` alone: set it there, and leave it out of the prompt.")
    for found in _SIZE.finditer(prompt):
        if (int(found["width"]), int(found["height"])) != (request.width_px, request.height_px):
            yield _finding("size", _size_message(found[0], actual), remedy)
    for found in _RATIO.finditer(prompt):
        wide, high = map(int, (found["after"] or found["before"]).split(":"))
        if abs(wide / high * request.height_px / request.width_px - 1) > _ASPECT_SLACK:
            yield _finding("size", _size_message(found[0], actual), remedy)
    for found in _SHAPE.finditer(prompt):
        across, along = request.width_px, request.height_px
        is_other = across < along if found.lastgroup == "wide" else across > along
        if is_other and not _SHAPED.search(prompt[: found.start()]):
            yield _finding("size", _size_message(found[0], actual), remedy)


def _size_message(found: str, actual: str) -> Text:
    return gettext("The prompt says `{found}`, and the picture is {actual}.", found=clipped(found), actual=actual)


def _finding(cause: str, message: Text, remedy: Text) -> Finding:
    return Finding(rule="prompt.contradiction", cause=cause, message=message, remedy=remedy)


def _backgrounds(prompt: str, *, scene: str, others: str) -> Iterator[Finding]:
    said = dict(_background_colours(others if scene else prompt))
    if not said:
        return
    remedy = gettext("Keep one of the two.")
    if scene:
        in_scene = {_colour(found): found[0] for found in _ANY_COLOUR.finditer(scene)}
        if in_scene and not _SURFACE.search(scene) and not in_scene.keys() & said.keys():
            words, place = next(iter(said.values())), clipped(scene)
            message = gettext("The prompt says `{words}`, and its scene is `{scene}`.", words=words, scene=place)
            yield _finding("background", message, remedy)
        return
    if len(said) > 1:
        first, second, *_ = said.values()
        message = gettext("The prompt says `{first}` and `{second}`.", first=first, second=second)
        yield _finding("background", message, remedy)


def _background_colours(text: str) -> Iterator[tuple[str, str]]:
    if not any(word in text.lower() for word in ("background", "backdrop", "isolated", "背景", "底")):
        return
    for found in _BACKGROUND.finditer(text):
        if not _NOT.search(text[max(found.start() - _LONGEST_NOT, 0) : found.start()]):
            yield _colour(found), found[0].strip()


def _colour(found: re.Match[str]) -> str:
    word = next(word for word in found.groupdict().values() if word)
    return _WORD[word.lower()]


def _things(prompt: str) -> Iterator[Finding]:
    """A thing that the same prompt wants and does not want."""
    if not any(word in prompt.lower() for word in ("without", "with no", "没有", "不带", "不含")):
        return
    for found in islice(_WITHOUT.finditer(prompt), _MOST_THINGS):
        thing = found["thing"].strip()
        if prompt.lower().count(thing.lower()) == 1:
            continue  # nothing else speaks of it
        words = (
            rf"(?:with|带有?|有)\s*(?:an?\s+|the\s+)?{re.escape(thing)}(?=$|[,，.。;；、\n]|\s(?:and|or|but|on|in)\s)"
        )
        rest = f"{prompt[: found.start()]}\n{prompt[found.end() :]}"
        wanted = re.search(rf"(?<![\w没])(?:{words})", rest, re.IGNORECASE)
        is_pair = re.search(
            r"\b(?:one|other|another|left|right|some|both|two|first|second|half)\b|另|一[个只款]|左|右|两|前|后", prompt
        )
        if thing and wanted and not is_pair:
            message = gettext(
                "The prompt says `{first}` and `{second}`.", first=clipped(wanted[0]), second=clipped(found[0])
            )
            yield _finding("thing", message, gettext("Keep one of the two."))


def _wanted_and_not(prompt: str, negative: str) -> Iterator[Finding]:
    """The same words between commas, in the prompt and in the negative prompt."""
    unwanted = {*_terms(negative)}
    both = [term for term in _terms(prompt) if term in unwanted] if unwanted else []
    if both:
        message = gettext("`{words}` stands in the prompt and in the negative prompt.", words=clipped(both[0]))
        yield _finding("negative", message, gettext("Keep one of the two."))


def _terms(text: str) -> Sequence[str]:
    return [term for part in re.split(r"[,，、;；。\n]", text) if len(term := part.strip(" .").casefold()) > 1]
