"""Placeholders as other programs write them, which nothing here fills.

Knows how templates mark a name, and which names a job could fill.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from worker.job.placeholders import OWN_NAMES, parse
from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.job.prompts.other_tools import HALF_WIDTH
from worker.job.prompts.quotes import without_quoted
from worker.lazy_patterns import LazyPattern
from worker.translation import gettext
from worker.yaml_reader.document import clipped
from worker.yaml_reader.problems import did_you_mean

Values = Mapping[str, Sequence[str]]
"""Names that a text may have in braces, each with some of its values; none for those that the worker fills itself."""

_NAME = r"[^\W\d]\w{0,39}"
_WORDS = r"[^\W\d_][\w .'-]{0,38}\w|[^\W\d_]"
_SURE = tuple(
    LazyPattern(pattern)
    for pattern in (
        r"\{{2,4}\s{0,3}(?:\w{1,40}\.|\w{1,40}\[['\"]){0,3}(?P<name>" + _NAME + r")(?:['\"]\]){0,3}\s{0,3}(?:\|\s?"
        r"(?:upper|lower|title|capitalize|trim|e|escape|safe|default|first|last|join|length)\b[^{}|]{0,60})?\}{2,4}",
        r"\{{2,3}(?P<name>)(?:[#/>^&!][^{}]{0,60}|\d{1,3})\}{2,3}",
        r"<%=?-?\s{0,3}(?:\w{1,40}\.){0,3}(?P<name>" + _NAME + r")\s{0,3}-?%>",
        r"(?<![\d%])%{1,2}(?P<name>" + _NAME + r")%{1,2}(?![\d%])",
        r"%\((?P<name>" + _NAME + r")\)[sd]",
        r"(?<!\d)(?<!\d )(?P<name>)%[sd](?![A-Za-z0-9_])",
        r"(?<![A-Za-z0-9_$])\$\((?P<name>" + _NAME + r")\)",
        r"(?<![A-Za-z0-9_$])\$(?P<name>[a-z][a-z0-9_]{2,39})(?![A-Za-z0-9_])",
        r"(?<![A-Za-z0-9_@])@{1,2}(?P<name>" + _NAME + r")@{1,2}(?![A-Za-z0-9_])",
        r"<<\s{0,3}(?P<name>[A-Za-z][\w ]{0,39})>>",
        r"<(?P<name>[A-Za-z](?:[\w .-]{0,38}\w)?)>(?!>)",
        r"<\?(?:=|php\s+echo)?\s{0,3}\$?(?P<name>" + _NAME + r")\s{0,3};?\s{0,3}\?>",
        r"(?P<name>)(?<!_)_{3,40}(?!_)",
    )
)
"""Marks that stand for nothing else, whatever the name."""
_FIELDS = (
    r"(?:your |the |insert |product |enter )?(?:subject|product|colou?r|material|background|scene|style|brand|name|"
    r"item|object|adjective|noun|text|title|size|angle|lighting|light|camera|texture|product name|"
    r"model|location|setting)"
    r"(?: here| name)?|(?:your|insert|enter|add) [\w ]{2,30}"
    r"|produkt(?:name)?|artikel(?:name)?|farbe|hintergrund|szene|marke|(?:ihre?|deine?) [\w ]{2,30}"
    r"|[\w ]{2,30} (?:einsetzen|einfügen|eintragen)|nom du produit|couleur|nombre del producto"
)
_FIELDS_ZH = (
    r"(?:(?:请|在此|此处)?(?:填写?|输入|插入)\w{0,8})?"
    r"(?:产品|產品|商品|主体|主體|主题|颜色|顏色|材质|材質|背景|场景|場景|品牌|名称|名稱|风格|風格|款式|型号|角度|光线|尺寸|文字|内容|人物){1,2}"
    r"(?:名|词)?|商品名|\w{1,8}を(?:入力|記入)"
)
_LIKELY = tuple(
    LazyPattern(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\[)\[\s{0,3}(?P<name>" + _FIELDS + r"|" + _FIELDS_ZH + r")\s{0,3}\](?!\])",
        r"<\s{0,3}(?P<name>" + _FIELDS_ZH + r")\s{0,3}>",
        r"【(?P<name>(?:请|在此|此处)?(?:填写?|输入|插入)\w{1,12}|\w{1,8}を(?:入力|記入))】",
        r"\(\s{0,3}(?P<name>insert \w[\w ]{0,30}|(?:请|在此|此处)(?:填写?|输入|插入)\w{0,12})\s{0,3}\)",
        r"(?P<mark>#{1,2}|[:~^!])(?P<name>" + _FIELDS + r"|" + _FIELDS_ZH + r")(?P=mark)",
        r"(?<!\w)(?:&(?P<name>" + _FIELDS + r");|(?:\$\$|@@)(?P<other>" + _FIELDS + r")(?!\w))",
        r"(?P<name>)(?:\[\s{2,6}\]|【\s{0,6}】|\[object object\])",
        r"(?P<name>)(?:lorem ipsum|(?:(?<![a-z0-9])x{2,4}|某某)(?=品牌|牌子|产品|商品|公司|色)|(?<![a-z])TBD(?![a-z]))",
        r"(?P<name>)(?:^|(?<=[,，]\s)|(?<=[,，]))(?:undefined|null|NaN|None|#(?:REF!|N/A|VALUE!|NAME\?))(?=\s*(?:[,，.。]|$))",
    )
)
"""Marks that have other uses too: only around words that name a blank to be filled."""
_AROUND = tuple(
    LazyPattern(pattern)
    for pattern in (
        r"\[{1,3}\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}\]{1,3}",
        r"\({1,2}\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}\){1,2}",
        r"<{1,2}\s{0,3}/?\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}/?>{1,2}",
        r"\{{1,4}\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}\}{1,4}",
        r"\{{2,4}\s{0,3}(?P<name>" + _NAME + r")\s{0,3}(?:[:?]|\|\||or\b|if\b|default\b)[^{}|]{0,60}\}{2,4}",
        r"\{{2,3}\s?[#/^&]\s?(?:(?:if|each|unless|with)\s+)?(?P<name>" + _NAME + r")\s?\}{2,3}",
        r"[【〖〔〈《「『«‹]{1,2}\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}[】〗〕〉》」』»›]{1,2}",
        r"(?P<mark>[@#&!^~*|`%$]{1,2}|::?|__?)(?P<name>" + _NAME + r"?)(?P=mark)(?![A-Za-z0-9_])",
        r"(?<![A-Za-z0-9_:@#&$%\\])[:@#&$%\\](?P<name>[A-Za-z][A-Za-z0-9_]{0,39})(?![A-Za-z0-9_:])",
        r"[@#$](?P<name>[\u3400-\u9fff]{1,12}?)(?=的|[\s,，。、]|$)",
    )
)
"""Marks around or before a name that the job could fill; around other words they are ordinary."""
_FULL_WIDTH_BRACES = LazyPattern(r"｛\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}｝")
_BRACES = LazyPattern(r"\{{1,4}\s{0,3}(?P<name>" + _WORDS + r")\s{0,3}\}{1,4}")
_GLUED = LazyPattern(
    r"(?<![{A-Za-z0-9])[$#%@]\{(?P<name>"
    + _NAME
    + r")\}%?|<\{(?P<wrapped>"
    + _NAME
    + r")\}>|\{\{\{(?P<braced>"
    + _NAME
    + r")\}\}\}"
)
"""A placeholder with what other programs write before or around it, which stays."""
_CALLED = LazyPattern(
    r"handle|account|user|nick|insta|twitter|weibo|tag\b|账号|帳號|微博|微信|昵称|话题|話題", re.IGNORECASE
)
"""Names of what is written behind `@` or `#`."""

_PLACEHOLDER = LazyPattern(r"(?<![{<$#%@])\{" + _NAME + r"\}(?![}>%])")
_ANY_MARK = LazyPattern(
    r"[^\w\s,.，。、；;'’\"“”!！?？-]|__|!\w{1,40}!|[Xx]{2}|TBD|[Ll]orem ipsum|某某|undefined|null|NaN|None"
)

Mark = tuple[re.Match[str], str | None]
"""A mark, and the name that the job could fill in its place."""


def unfilled(text: str, *, values: Values, is_template: bool) -> Iterator[Finding]:
    """What looks like a placeholder and is none.

    Args:
        text: as written; a template is well formed.
        values: what its placeholders may be called, or could be where it is no template.
        is_template: whether names in braces are filled; those of a cell or of a matrix value are not.
    """
    if not _ANY_MARK.search(_PLACEHOLDER.sub("", text[:LOOKED_AT]) if is_template else text[:LOOKED_AT]):
        return
    text, whole = text[:LOOKED_AT], text
    own = {piece.name for piece in parse(whole) if not isinstance(piece, str)} if is_template else set[str]()
    marks = [*_known(text, [name for name in values if name not in own])]
    if is_template:
        marks = [*_glued(text, values), *marks]
    marks += [(match, None) for match in _sure(without_quoted(text), is_template=is_template, knows_braces=bool(own))]
    taken: list[range] = []
    for match, name in marks:
        span = range(*match.span())
        if not any(span.start < one.stop and one.start < span.stop for one in taken):
            taken.append(span)
            yield _finding(text[span.start : span.stop], match, name, values=values, is_template=is_template)


def _known(text: str, names: Sequence[str]) -> Iterator[Mark]:
    """Marks around names that the job could fill."""
    plain, by_word = text.translate(HALF_WIDTH), _by_word(tuple(names))
    has_headings = any(_folded(word) not in by_word for word in re.findall("【([^】]*)】", text))
    for pattern in (*_SURE, *_AROUND) if by_word else ():
        for match in pattern.finditer(plain):
            name = by_word.get(_folded(match["name"]))
            if name is not None and not _heads(match, has_headings=has_headings):
                yield match, name


def _heads(match: re.Match[str], *, has_headings: bool) -> bool:
    """Whether a name in brackets is a heading: one of several, or before a colon."""
    if match[0][0] == "【" and has_headings:
        return True
    return match[0][0] not in "{<%" and match.string[match.end() :].lstrip(" ").startswith(":")


def _glued(text: str, values: Values) -> Iterator[Mark]:
    quoted = without_quoted(text)
    for match in _GLUED.finditer(text):
        name = match["name"] or match["wrapped"] or match["braced"]
        filled = values.get(name, ())
        is_price = all(re.match(r"[\s\d.,-]*\d", value) for value in filled)  # `${price}`, `#{number}` are meant so
        is_call = match[0][0] in "@#" and (
            _CALLED.search(name) is not None or quoted[match.start()] != text[match.start()]
        )
        if not (match["name"] and (is_price or is_call)):
            yield match, name


def _sure(text: str, *, is_template: bool, knows_braces: bool) -> Iterator[re.Match[str]]:
    """Marks that need no name: doubled braces are meant as such by those who write single ones beside them."""
    plain = text.translate(HALF_WIDTH)
    for pattern in _SURE[2 * knows_braces :]:
        yield from (one for one in pattern.finditer(plain) if not (_OTHERS.match(one[0]) or _is_on_paper(one)))
    yield from _FULL_WIDTH_BRACES.finditer(text)
    for pattern in _LIKELY:
        yield from (match for match in pattern.finditer(plain) if not _is_heading(match))
    if not is_template:
        yield from _BRACES.finditer(text)


_PAPER = LazyPattern(
    r"\bfill(?:ed|ing)?[ -](?:in|out)\b|\b(?:blanks?|forms?|lines?|underscores?|signature|worksheet|hangman|contract"
    r"|formular|linie)\b"
    r"|填空|填写|填寫|横线|橫線|下划线|底線|空白|签名|簽名|表格|试卷|試卷|空栏|空欄|下線",
    re.IGNORECASE,
)
"""What a line of underscores is drawn on."""


def _is_on_paper(match: re.Match[str]) -> bool:
    """Whether underscores are a line that the picture shows."""
    around = match.string[max(0, match.start() - 60) : match.end() + 30]
    return match[0][0] == "_" and _PAPER.search(around) is not None


_OTHERS = LazyPattern(
    r"</?(?:b|i|u|s|br|p|div|span|strong|em|li|ul|h[1-6]|font|think|ctrl|alt|shift|enter|esc|tab|del|space|f\d{1,2})>",
    re.IGNORECASE,
)
"""What the syntax of other programs tells, and keys of a keyboard."""


_ASKS = LazyPattern(
    r"^(?:请|在此|此处|填|输入|插入|your|insert|enter|add|ihr|dein)|(?:einsetzen|einfügen|eintragen|入力|記入)$",
    re.IGNORECASE,
)
"""How the words of a blank begin or end that asks to be filled."""
_HEADED = LazyPattern(
    r" (?!(?:on|in|at|with|against|under|near|beside|next|for|of|from|and|is|standing|auf|im|mit|vor|neben)\b)"
    r"[^\s,.，。]"
)
"""What follows a heading; behind a blank the sentence goes on."""


def _is_heading(match: re.Match[str]) -> bool:
    """Whether a bracketed word begins a part of the prompt, as in `[Subject] A red mug [Light] soft`."""
    text, after = match.string, match.string[match.end() :]
    if match[0][0] not in "[【" or _ASKS.search(match["name"]):
        return False
    if after.lstrip(" ").startswith((":", "\n")):
        return True
    is_headed = re.match(r"\s*[\[【][A-Z\u3400-\u9fff]", text) is not None
    return is_headed and (len(re.findall(r"[\[【]", text)) > 1 or _HEADED.match(after) is not None)


@lru_cache(maxsize=16)
def _by_word(names: tuple[str, ...]) -> Mapping[str, str]:
    """Names by how they are compared: the same for every cell of a table."""
    return {_folded(name): name for name in names}


def _folded(word: str) -> str:
    return re.sub(r"[\W_]+", "_", word.casefold()).strip("_")


def _finding(found: str, match: re.Match[str], name: str | None, *, values: Values, is_template: bool) -> Finding:
    word = name or match.groupdict().get("name") or ""
    message = gettext("Nothing fills `{found}`: it stands in the prompt as it is.", found=clipped(found))
    if name is not None and is_template:
        remedy = gettext("Write `{{{name}}}`, with nothing around it.", name=name)
    elif not is_template:
        remedy = gettext("Cells and values of a matrix are not filled once more: write here what is meant.")
    elif values.keys() - OWN_NAMES:
        names = [one for one in values if one not in OWN_NAMES]
        remedy = gettext(
            "Write what is meant, or a name that can be filled: {names}.{guess}",
            names=", ".join(f"{{{one}}}" for one in names[:10]),
            guess=did_you_mean(word, names),
        )
    else:
        remedy = gettext(
            "Write what is meant, or fill it from a list: `matrix: {{colour: [red, blue]}}` and `{{colour}}` in the"
            " text."
        )
    is_likely = found[0] not in _SOFT or match["name"] is None
    rule = "prompt.not_filled" if is_likely else "prompt.perhaps_not_filled"
    return Finding(rule=rule, cause=_folded(word) or "unnamed", found=found, message=message, remedy=remedy)


_SOFT = frozenset("(（〈《「『‹")
"""Open what is ordinary in texts too: what they hold may be meant so, even where it could be filled."""
