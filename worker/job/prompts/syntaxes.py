"""Syntax of other programs: a row for each mark, with what it is and what to write here instead.

To know another program's mark, add a row. Knows patterns, no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from worker.job.placeholders import EACH_IN_A_MATRIX
from worker.translation import Text, gettext

_NOT_WEIGHED = re.compile(
    r"(?:\b(?:f|iso|aperture|scale|ratio|lens|zoom|ev|gamma|version|v|no|mm|exposure|aspect|at|size|step|page|fig|figure|"
    r"qty|count|level|player|chapter|room|row|column|part|day|week|number|height|width|length|depth|price|weight|rate|"
    r"score|rating|value|diameter|distance|speed|age)|[高宽长深价重率倍值分度比距放光圈焦级号量数页图步]|第\S{0,3})\s*$",
    re.IGNORECASE,
)
"""Words before a colon and a number that say something else than a weight: `(aperture: 1.8)`."""


ONLY_TEXT = gettext("here it is only part of the text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """A mark of other programs."""

    cause: str
    pattern: re.Pattern[str]
    what: Text
    remedy: Text
    effect: Text = ONLY_TEXT
    holds: Callable[[re.Match[str]], bool] = lambda _: True
    """Whether what the pattern finds is meant so."""


def _is_weight(found: re.Match[str]) -> bool:
    words = found["words"].strip()
    return bool(re.search(r"[^\W\d]\W*$", words)) and not _NOT_WEIGHED.search(words)


def _is_shouted_alone(found: re.Match[str]) -> bool:
    """Whether a word in capitals stands in a text that is not: not on a sign such as COFFEE BREAK."""
    before, after = found.string[: found.start()].split(), found.string[found.end() :].split()
    neighbours = [*before[-1:], *after[:1]]
    is_loud = any(len(word) > 1 and word.isupper() for word in neighbours)
    return not is_loud and any(c.islower() or "\u3400" <= c <= "\u9fff" for c in found.string)


def _is_bare_word(found: re.Match[str]) -> bool:
    """Whether a bracketed word stands inside a sentence: not `[front] a mug`, which is a heading."""
    before, after = found.string[: found.start()].rstrip(" "), found.string[found.end() :]
    return bool(before) and before[-1] not in "\n.。:]" and not after.lstrip().startswith((":", "("))


_PLAIN_WORDS = gettext("Say it in words instead: what stands first and is said most exactly counts most.")
_LORA = gettext("LoRAs are not supported yet. Leave it out.")
LEAVE_IT_OUT = gettext("Leave it out.")
_NEGATIVE = gettext("Write what should not be there under `negative_prompt`, which acts above guidance 0.")
_WEIGHT = gettext("a weight of other programs")
_FLAG_WORDS = (
    "ar|aspect|v|version|s|stylize|style|q|quality|chaos|c|niji|seed|sameseed|no|neg|negative|negative_prompt|iw|sref|"
    "cref|oref|cw|sw|ow|tile|weird|raw|hd|fast|relax|turbo|stop|repeat|uplight|upbeta|test|testp|creative|video|p|"
    "profile|exp|draft|w|h|width|height|steps|cfg|guidance|n|i|sampler|model|m|lora"
)
OPTION = re.compile(
    rf"(?<![\w-])(?:--(?P<flag>{_FLAG_WORDS})(?![\w-])(?:[ =]+(?P<value>[^\s,]+))?"
    r"|(?:—{1,2}|–{1,2}|--? ?(?=ar\b))(?P<turned>ar|aspect|v|niji|stylize|chaos|seed|s|q|sref|cref|iw)[ =]+"
    r"(?P<number>\d[\d:.]*|https?://\S+)(?![\w]))",
    re.ASCII | re.IGNORECASE,
)
OPTION_REMEDIES = {
    ("ar", "aspect", "w", "h", "width", "height"): gettext("Write `size`, such as `size: 1280x720` or `size: wide`."),
    ("no", "neg", "negative", "negative_prompt"): _NEGATIVE,
    ("seed", "sameseed"): gettext("Write the key `seed`."),
    ("steps", "q", "quality"): gettext("Write the key `steps`."),
    ("cfg", "guidance"): gettext("Write the key `guidance`."),
    ("n", "repeat", "r"): gettext("Write the key `count`."),
    ("lora",): _LORA,
}

SYNTAXES = (
    Syntax(
        cause="lora",
        pattern=re.compile(
            r"<\s*(?:lora|lyco|lycoris|locon|loha|lokr|hypernet|ti|emb|embedding)\s*[:=][^<>]{0,200}>", re.I | re.A
        ),
        what=gettext("a LoRA or embedding of other programs"),
        remedy=_LORA,
    ),
    Syntax(
        cause="embedding",
        pattern=re.compile(r"\b(?:embedding|lora|lyco):[\w./-]+", re.I | re.A),
        what=gettext("a LoRA or embedding of other programs"),
        remedy=_LORA,
    ),
    Syntax(
        cause="swarm",
        pattern=re.compile(
            r"<(?:random|alternate|alt|fromto|wildcard|wc|repeat|segment|object|region|clear|break|preset|param|setvar|"
            r"var|seq|video|comment)\s*[:\[][^<>]{0,200}>",
            re.I | re.A,
        ),
        what=gettext("a tag of other programs"),
        remedy=EACH_IN_A_MATRIX,
    ),
    Syntax(
        cause="weight",
        pattern=re.compile(r"\((?P<words>[^()\n]{1,200}):\s*[-+]?(?:[0-2]?\.\d+|(?<=[A-Za-z]:)[0-2])\s*(?:\)|$)"),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
        holds=_is_weight,
    ),
    Syntax(
        cause="weight",
        pattern=re.compile(r"(?:^|,)(?P<words>[^(),:\n]{1,60}):[01]\.\d+(?=\s*(?:,|$))", re.MULTILINE),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
        holds=_is_weight,
    ),
    Syntax(
        cause="weight",
        pattern=re.compile(r"\(\([^()]{1,200}\)\)|\[\[[^\[\]]{1,200}\]\]|\{\{\{\{[^{}|]{1,200}\}\}\}\}"),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="weight",
        pattern=re.compile(
            r"\)(?:\+{2,5}|\+(?=\s*(?:,|$))|[01]\.\d+(?![\w.]))|(?<![\w+])(?!notepad|dpm)[a-z]{3,}\+{2,}(?![\w+])",
            re.I | re.A,
        ),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="weight",
        pattern=re.compile(r"[^\s:]{1,60}(?: ?::\s?-?\d[\d.]*|::(?=\s|$))|(?<![\w.])-?\d(?:\.\d+)?::(?=\S)"),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="schedule",
        pattern=re.compile(r"\[(?P<words>[^\[\]\n|]{1,200}):\s*(?:0?\.\d+|[01]\.\d+|(?<=[^\s:]:)\d{1,2})\]"),
        what=gettext("a change between steps of other programs"),
        remedy=gettext("Write only what the picture should show."),
        holds=lambda found: _is_weight(found) or "::" in found[0],
    ),
    Syntax(
        cause="choice",
        pattern=re.compile(
            r"\[[^\[\]|\n]{1,200}\|[^\[\]\n]{1,200}\]|\{{1,4}[^{}|\n]{1,200}\|[^{}\n]{1,200}\}{1,4}|\{{1,4}\d{1,3}\$\$[^{}]{1,200}\}{1,4}"
        ),
        what=gettext("a choice of other programs"),
        remedy=EACH_IN_A_MATRIX,
    ),
    Syntax(
        cause="brackets",
        pattern=re.compile(r"\[[a-z]{2,20}\]"),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
        holds=_is_bare_word,
    ),
    Syntax(
        cause="wildcard",
        pattern=re.compile(r"(?<![A-Za-z0-9_])__[^\W_](?:[\w/*.-]{0,60}[\w*])?__(?![A-Za-z0-9_])"),
        what=gettext("a wildcard of other programs"),
        remedy=EACH_IN_A_MATRIX,
    ),
    Syntax(
        cause="break",
        pattern=re.compile(r"(?<![\w'-])(?:BREAK|ADDCOMM|ADDBASE|ADDCOL|ADDROW)(?![\w'-])", re.A),
        what=gettext("a mark of other programs"),
        remedy=gettext("Leave it out, and write one text."),
        holds=_is_shouted_alone,
    ),
    Syntax(
        cause="and",
        pattern=re.compile(r"(?<=[\w).,}\]] )AND(?= [\w({\[<])"),
        what=gettext("a mark of other programs"),
        remedy=gettext("Write `and` in small letters."),
        holds=_is_shouted_alone,
    ),
    Syntax(
        cause="negative",
        pattern=re.compile(
            r"\bnegative[ _]prompt\s*[:=]"
            r"|(?:^|\n|[,。，、.]\s*)(?:negative|反向提示[词詞]?|[负負][面向]提示[词詞]?|反向[词詞]|[负負]面[词詞]|ネガティブプロンプト)\s*:",
            re.I | re.A,
        ),
        what=gettext("a label of other programs"),
        remedy=_NEGATIVE,
    ),
    Syntax(
        cause="settings",
        pattern=re.compile(
            r"\b(?:steps\s*[:=]\s*\d+\s*,\s*(?:sampler|cfg|seed|size|schedul\w*|model|guidance)\b"
            r"|sampler(?:_name)?\s*[:=]\s*"
            r"(?:euler|dpm|ddim|uni|lcm|heun|lms|plms|res_|er_sde)|cfg(?:[ _]?scale)?\s*[:= ]\s*\d|seed\s*[:=]\s*-?\d"
            r"|schedule[r ]?(?:type)?\s*[:=]\s*(?:karras|simple|normal|beta)|model hash\s*[:=]|clip skip\s*[:=]"
            r"|\b(?:width|height)\s*[:=]\s*\d{3,4}(?!\s*(?:\d|[mc]m))|\bsteps\s*[:=]\s*\d{2}"
            r"|denoising strength\s*[:=]|num_inference_steps\s*[:=]|guidance_scale\s*[:=])"
            r"|采样步?[数數]?器?\s*[:=]|步[数數]\s*[:=]\s*\d|[种種]子\s*[:=]\s*\d{3}|引[导導]系[数數]\s*[:=]",
            re.I | re.A,
        ),
        what=gettext("a setting of other programs"),
        remedy=gettext("Write settings as keys of the job: `steps`, `guidance`, `seed`, `size`."),
    ),
    Syntax(
        cause="command",
        pattern=re.compile(
            r"^\s*(?:/(?:imagine|image|dream|draw|generate)\b(?:\s+prompt)?\s*:?|imagine prompt\s*:)", re.I | re.A
        ),
        what=gettext("a command of other programs"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="label",
        pattern=re.compile(
            r"^\s*(?:(?:positive |image )?prompt|正[向面]提示[词詞]?|提示[词詞]|正向[词詞]|プロンプト)\s*:", re.I | re.A
        ),
        what=gettext("a label of other programs"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="chat",
        pattern=re.compile(r"<\|[^<>|\n]{1,40}\|>|\[/?INST\]|</?think>"),
        what=gettext("a mark of language models"),
        effect=gettext("the text encoder takes it for the begin or end of a turn"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="score",
        pattern=re.compile(
            r"\b(?:score_\d(?:_up)?|rating_(?:safe|questionable|explicit)|source_(?:anime|furry|cartoon|pony))\b",
            re.A,
        ),
        what=gettext("a tag for other models"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="escape",
        pattern=re.compile(r"\\[()\[\]]"),
        what=gettext("an escape of other programs"),
        remedy=gettext("Write brackets without a backslash."),
    ),
    Syntax(
        cause="html",
        pattern=re.compile(r"</?(?:b|i|u|s|br|p|div|span|strong|em|li|ul|h[1-6]|font)(?:\s[^<>]*)?/?>", re.I | re.A),
        what=gettext("a tag of web pages"),
        remedy=LEAVE_IT_OUT,
    ),
)
"""In the order in which they are told; of those that find the same place, the first."""
