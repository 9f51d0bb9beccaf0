"""Quotation marks in prompts: Z-Image draws quoted words as text, so a whole prompt in quotes asks for lettering.

Knows pairs of marks of several scripts; knows no job.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.job.prompts.findings import Finding
from worker.lazy_patterns import LazyPattern
from worker.translation import gettext
from worker.yaml_reader.document import clipped

_PAIRS = (
    ('"“”„‟＂', '"“”„‟＂'), ("«", "»"), ("»", "«"), ("‹", "›"), ("「", "」"), ("『", "』"), ("﹁", "﹂"), ("﹃", "﹄"),
    ("‘‚‛'＇", "’‘'＇"), ("`", "`´'’"), ("〝", "〞〟"),
)  # fmt: skip
"""Marks that open, and those that close what they opened. Titles in 《》 are none: a book may be what is pictured."""
_LETTERING = LazyPattern(
    r"\b(?:words?|text|letters|lettering|reads?|reading|says?|saying|labell?ed|titled?|called|named|marked|printed|"
    r"signs?|poster|banner|logo|slogan|caption|headline|quote|neon|sticker)\b"
    r"|[写寫印刻题題][着著有]|字|标语|標語|口号|口號|文案|标题|標題|招牌|海报|海報|横幅|標籤|标签|书名|書名"
    r"|\b(?:aufschrift|schriftzug|text|wort|schild)|文字|看板|と書",
    re.IGNORECASE,
)
"""Words before, or the name of, a value that is to be drawn as lettering."""
_CULTIVAR = LazyPattern(r"variet|cultivar|sorte|nickname|品种|品種", re.IGNORECASE)
_DOUBLE = '"“”„‟＂'
_QUOTED = LazyPattern(
    r'"[^"\n]{0,300}"|“[^”\n]{0,300}”|„[^“”\n]{0,300}[“”]|«[^»\n]{0,300}»|‹[^›\n]{0,300}›|「[^」\n]{0,300}」|『[^』\n]{0,300}』|＂[^＂\n]{0,300}＂|〝[^〞〟\n]{0,300}[〞〟]'
    r"|(?<!\w)‘[^‘\n]{0,300}?’(?!\w)|(?<!\w)'[^'\n]{0,300}'(?!\w)"
)


def without_quoted(text: str) -> str:
    """The text with what stands in quotation marks blotted out, character by character: it is to be drawn, not read."""
    return _QUOTED.sub(lambda found: "\x01" * len(found[0]), text)


def quote_findings(text: str, *, is_drawn: bool = True) -> Iterator[Finding]:
    """What to say of quotation marks around a whole text, or of a lone one at its beginning; nothing of others.

    Args:
        text: of a prompt, a field of it, or an id.
        is_drawn: whether it becomes (part of) a prompt.
    """
    text = text.strip()
    marks = _around(text) or _around(text.rstrip(",.;，。；"))
    if marks is not None:
        message = gettext(
            "`{text}` stands in quotation marks, and they are part of the text."
            " Z-Image draws quoted words as lettering.",
            text=clipped(text),
        )
        if not is_drawn:
            message = gettext("`{text}` stands in quotation marks, and they are part of the text.", text=clipped(text))
        yield Finding(
            rule="prompt.quoted",
            cause="around" if is_drawn else "id",
            message=message,
            remedy=gettext(
                "Leave the marks {marks} out; keep them only around words that should be read in the picture.",
                marks=marks,
            )
            if is_drawn
            else gettext("Leave the marks {marks} out.", marks=marks),
        )


def is_lettering(name: str, before: str) -> bool:
    """Whether a value is meant to be read in the picture, or is quoted by custom, so that its quotes are right.

    Args:
        name: of the column or the matrix key.
        before: the text in front of its placeholder.
    """
    words = f"{name.replace('_', ' ')} {before[-40:]}"
    return _LETTERING.search(words) is not None or _CULTIVAR.search(name) is not None


def _around(text: str) -> str | None:
    if len(text) < 2:
        return None
    for opening, closing in _PAIRS:
        if text[0] in opening and text[-1] in closing:
            inner = text[1:-1].strip(_DOUBLE + "'‘’`")  # ""a mug"" is quoted twice
            is_whole = not any(mark in inner for mark in {*opening, *closing} - set("'’‘"))
            apart = re.search(r"(?<!\w)['‘]|['’](?!\w)", inner) if opening[0] == "‘" else None
            return f"{text[0]} {text[-1]}" if is_whole and not apart else None
    if text[0] in "“„「『" and not any(mark in text[1:] for mark in '”“」』"'):
        return text[0]
    if text[0] == '"' and text.count('"') == 1 and not re.search(r"[“”„]", text):
        return text[0]
    if text[-1] == '"' and text.count('"') == 1 and not re.search(r'\d\s?"$|[“”„]', text):
        return text[-1]
    if text[-1] == "”" and not any(mark in text[:-1] for mark in '“”„"'):
        return text[-1]
    return None
