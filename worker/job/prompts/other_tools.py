"""What other programs would read in a prompt, and this one reads as plain words.

Knows where in a text marks are looked for; which there are stands in `syntaxes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.job.prompts.options import LEAVE_IT_OUT, OPTION, OPTION_REMEDIES
from worker.job.prompts.quotes import without_quoted
from worker.job.prompts.syntaxes import ONLY_TEXT, SYNTAXES
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

HALF_WIDTH = str.maketrans("（）［］｛｝＜＞：％＄＿｜＠＃－，；", "()[]{}<>:%$_|@#-,;")
"""Full-width marks as their half-width forms: a Chinese keyboard writes either; no text changes its length."""

_ANY_MARK = re.compile(
    r"[()\[\]<>{}|\\=:/—–!&`]|^[A-Za-z]+\+[A-Za-z]+\+|__|\*\*|[Cc][Ff][Gg]|score_|rating_|source_|--|-ar|采样|步[数數]|\+\+|AND|BREAK|ADD[BC]|#|~~|%[0-9A-Fa-f]{2}"
)
"""Without one of these there is nothing to find."""


def other_tools(text: str) -> Iterator[Finding]:
    """What other programs would read in a text, a finding for each kind of mark; nothing of what stands in quotes."""
    plain = without_quoted(text[:LOOKED_AT]).translate(HALF_WIDTH)
    if not _ANY_MARK.search(plain):
        return
    taken: list[range] = []
    for found in OPTION.finditer(plain):
        taken.append(range(*found.span()))
        yield _option(found, text)
    for syntax in SYNTAXES:
        for found in syntax.pattern.finditer(plain):
            span = range(*found.span())
            if any(span.start < one.stop and one.start < span.stop for one in taken) or not syntax.holds(found):
                continue
            taken.append(span)
            yield _finding(
                syntax.cause, text[span.start : span.stop], what=syntax.what, remedy=syntax.remedy, effect=syntax.effect
            )
            break


def _option(found: re.Match[str], text: str) -> Finding:
    flag = (found["flag"] or found["turned"]).lower()
    remedy = next((said for flags, said in OPTION_REMEDIES.items() if flag in flags), LEAVE_IT_OUT)
    what = gettext("an option of other programs")
    return _finding(f"--{flag}", text[found.start() : found.end()], what=what, remedy=remedy)


def _finding(cause: str, found: str, *, what: Text, remedy: Text, effect: Text = ONLY_TEXT) -> Finding:
    return Finding(
        rule="prompt.other_tools",
        cause=cause,
        found=found,
        message=gettext("`{found}` is {what}; {effect}.", found=clipped(found.strip(" ,")), what=what, effect=effect),
        remedy=remedy,
    )
