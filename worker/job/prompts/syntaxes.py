"""Syntax of other programs: a row for each mark, with what it is and what to write here instead.

To know another program's mark, add a row. Knows patterns, no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from worker.job.placeholders import EACH_IN_A_MATRIX
from worker.job.prompts.options import LEAVE_IT_OUT, LORA, NEGATIVE
from worker.job.prompts.ordinary_uses import is_bare_word, is_shouted_alone, is_weight
from worker.lazy_patterns import LazyPattern
from worker.translation import Text, gettext

ONLY_TEXT = gettext("here it is only part of the text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """A mark of other programs."""

    cause: str
    pattern: LazyPattern
    what: Text
    remedy: Text
    effect: Text = ONLY_TEXT
    holds: Callable[[re.Match[str]], bool] = lambda _: True
    """Whether what the pattern finds is meant so."""


_PLAIN_WORDS = gettext("Say it in words instead: what stands first and is said most exactly counts most.")
_WEIGHT = gettext("a weight of other programs")
_NESTED = r"\((?:[^()\n]|\([^()\n]{0,100}\)){0,200}\)"
"""Brackets, and such in them once more: what is deeper has a weight of its own further in."""
_LATIN = "A-Za-z0-9À-ɏ"
_SIGNS = r"(?:\+{2,5}(?![\w+])|--(?=\s*(?:[,.。;]|$)))"
_SIGNED_NAMES = r"(?!(?:pa|spf\d+|a{2,3}|na|ca|mg|fe|zn|cu|notepad|dpm|clang|libc|libstdc)\+)(?<!CHF )(?<!EUR )"
"""What ends in signs by itself: the protection PA+++, ions, programs; prices such as `CHF 25--`."""

SYNTAXES = (
    Syntax(
        cause="lora",
        pattern=LazyPattern(
            r"<\s*(?:lora|lyco|lycoris|locon|loha|lokr|hypernet|ti|emb|embedding)\s*[:=][^<>]{0,200}>", re.I | re.A
        ),
        what=gettext("a LoRA or embedding of other programs"),
        remedy=LORA,
    ),
    Syntax(
        cause="embedding",
        pattern=LazyPattern(r"\b(?:embedding|lora|lyco):[\w./-]+", re.I | re.A),
        what=gettext("a LoRA or embedding of other programs"),
        remedy=LORA,
    ),
    Syntax(
        cause="swarm",
        pattern=LazyPattern(
            r"<(?:random|alternate|alt|fromto|wildcard|wc|repeat|segment|object|region|clear|break|preset|param|setvar|"
            r"var|seq|video|comment)\s*[:\[][^<>]{0,200}>",
            re.I | re.A,
        ),
        what=gettext("a tag of other programs"),
        remedy=EACH_IN_A_MATRIX,
    ),
    Syntax(
        cause="weight",
        pattern=LazyPattern(
            rf"\((?P<words>(?:[^()]|{_NESTED}){{1,1500}}?):\s*(?:[-+]?(?:[0-2]?\.\d+|(?<=[A-Za-z]:)[12]|(?<=[^\W\d_]:)0)|[-+]\d)"
            r"\s*(?:\)|$)"
        ),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
        holds=is_weight,
    ),
    Syntax(
        cause="weight",
        pattern=LazyPattern(r"(?:^|,)(?P<words>[^(),:\n]{1,60}):[01]\.\d+(?=\s*(?:,|$))", re.MULTILINE),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
        holds=is_weight,
    ),
    Syntax(
        cause="weight",
        pattern=LazyPattern(
            rf"\(\((?:[^()]|{_NESTED}){{1,1500}}\)\)|\[\[(?:[^\[\]]|\[[^\[\]]{{0,200}}\]){{1,1500}}\]\]"
            r"|\{\{\{\{[^{}|]{1,200}\}\}\}\}"
        ),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="weight",
        pattern=LazyPattern(
            rf"\)(?:\+{{2,5}}|--|\+(?=\s*(?:,|$))|[01]\.\d+(?![\w.]))|(?<![{_LATIN}+.$€£¥]){_SIGNED_NAMES}[{_LATIN}][{_LATIN}:]+{_SIGNS}"
            rf"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{_SIGNS}"
            r"|(?<![\w.])(?:f/)?\d+\.\d+[A-Za-z]{0,3}\+{2,5}(?![\w+])",
            re.I,
        ),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="weight",
        pattern=LazyPattern(r"[^\s:]{1,60}(?: ?::\s?-?\d[\d.]*|::(?=\s|$))|(?<![\w.])-?\d(?:\.\d+)?::(?=\S)"),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="schedule",
        pattern=LazyPattern(r"\[(?P<words>[^\[\]\n|]{1,200}):\s*(?:0?\.\d+|[01]\.\d+|(?<=[^\s:]:)\d{1,2})\]"),
        what=gettext("a change between steps of other programs"),
        remedy=gettext("Write only what the picture should show."),
        holds=lambda found: is_weight(found) or "::" in found[0],
    ),
    Syntax(
        cause="choice",
        pattern=LazyPattern(
            r"\[[^\[\]|\n]{1,200}\|[^\[\]\n]{1,200}\]|<[^<>|\n]{1,200}\|[^<>|\n]{1,200}>|\{{1,4}[^{}|\n]{1,200}\|[^{}\n]{1,200}\}{1,4}|\{{1,4}\d{1,3}\$\$[^{}]{1,200}\}{1,4}"
        ),
        what=gettext("a choice of other programs"),
        remedy=EACH_IN_A_MATRIX,
    ),
    Syntax(
        cause="brackets",
        pattern=LazyPattern(
            r"\[(?!(?:front|back|side|top|bottom|left|right|rear|inside|outside|interior|exterior|detail|details|view|macro|inset|"
            r"open|closed|before|after|small|medium|large|sic|optional)\])[a-z]{2,20}\]"
        ),
        what=_WEIGHT,
        remedy=_PLAIN_WORDS,
        holds=is_bare_word,
    ),
    Syntax(
        cause="wildcard",
        pattern=LazyPattern(r"(?<![A-Za-z0-9_])__[^\W_](?:[\w/*.-]{0,60}[\w*])?__(?![A-Za-z0-9_])"),
        what=gettext("a wildcard of other programs"),
        remedy=EACH_IN_A_MATRIX,
    ),
    Syntax(
        cause="break",
        pattern=LazyPattern(r"(?<![\w'-])(?:BREAK|ADDCOMM|ADDBASE|ADDCOL|ADDROW)(?![\w'-])", re.A),
        what=gettext("a mark of other programs"),
        remedy=gettext("Leave it out, and write one text."),
        holds=is_shouted_alone,
    ),
    Syntax(
        cause="and",
        pattern=LazyPattern(r"(?<=[\w).,}\]] )AND(?= [\w({\[<])"),
        what=gettext("a mark of other programs"),
        remedy=gettext("Write `and` in small letters."),
        holds=is_shouted_alone,
    ),
    Syntax(
        cause="negative",
        pattern=LazyPattern(
            r"\bnegative[ _]?prompts?\s*[:=]|(?:^|\n|[,。，、.;|(\[]\s*)(?:negatives?|neg|uc|undesired content"
            r"|avoid|exclude|do not (?:include|show)|ネガティブ|[负負]面|反向|排除)\s*:"
            r"|(?:^|[\s,。，、.;|(\[])不要(?:出现|有)?\s*:"
            r"|(?:反向提示[词詞语]?|[负負][面向](?:提示|描述)[词詞语]?|反向[词詞]|[负負]面[词詞]|(?:ネガティブ|否定)プロンプト"
            r"|(?:부정|네거티브) ?프롬프트"
            r"|negativer[ -]prompt|prompt n[ée]gatif|prompt negativo|[Нн]егативный промпт)\s*:",
            re.I | re.A,
        ),
        what=gettext("a label of other programs"),
        remedy=NEGATIVE,
    ),
    Syntax(
        cause="settings",
        pattern=LazyPattern(
            r"\b(?:steps\s*[:=]\s*\d+\s*,\s*(?:sampler|cfg|seed|size|schedul\w*|model|guidance)\b"
            r"|sampler(?:_name)?\s*[:=]\s*"
            r"(?:euler|dpm|ddim|uni|lcm|heun|lms|plms|res_|er_sde)|cfg(?:[ _]?scale)?\s*[:= ]\s*\d|seed\s*[:=]\s*-?\d"
            r"|schedule[r ]?(?:type)?\s*[:=]\s*(?:karras|simple|normal|beta)|model hash\s*[:=]|clip skip\s*[:=]"
            r"|\b(?:width|height)\s*[:=]\s*\d{3,4}(?!\s*(?:\d|[mc]m))|\bsteps\s*[:=]\s*\d{2}"
            r"|denoising strength\s*[:=]|lora hashes\s*[:=]|\bvae\s*[:=]\s*\S+\."
            r"|\bmodel\s*[:=]\s*(?:flux|sdxl|sd_|z[-_]image|qwen)|num_inference_steps\s*[:=]"
            r"|\bguidance(?:[ _]scale)?\s*[:=]\s*\d|\bversion\s*[:=]\s*(?:v1\.\d|f\d\.))"
            r"|采样步?[数數]?器?\s*[:=]|步[数數]\s*[:=]\s*\d|[种種]子\s*[:=]\s*\d{3}|引[导導]系[数數]\s*[:=]",
            re.I | re.A,
        ),
        what=gettext("a setting of other programs"),
        remedy=gettext("Write settings as keys of the job: `steps`, `guidance`, `seed`, `size`."),
    ),
    Syntax(
        cause="command",
        pattern=LazyPattern(
            r"^\s*(?:[/!](?:imagine|image|dream|draw|paint|create|gen|generate)\b(?:\s+prompt)?\s*:?"
            r"|imagine prompt\s*:)",
            re.I | re.A,
        ),
        what=gettext("a command of other programs"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="label",
        pattern=LazyPattern(
            r"^\s*(?:-{1,2})?(?:(?:positive |image |final )?prompt(?: ?\d{1,3})?|bild-?prompt"
            r"|(?:图片|画面|正[向面])?提示[词詞]|正[向面]提示|正[向面](?:[词詞])?|画面描述|プロンプト)\s*[:=]"
            r"|^\s*--prompt\b|^\s*\x01+\s*:\s*\x01+[\s,]*$"
            r"|^\s*(?:### ?\w+|human|user|assistant|system|用户|助手|系统)\s*:"
            r"|^\s*(?:sure|certainly|of course|here(?:'s| is| are))\b[^:\n]{0,80}\bprompts?\b[^:\n]{0,40}:"
            r"|^\s*(?:好的|当然|以下|这是)[^:\n]{0,40}提示[词詞][^:\n]{0,10}:",
            re.I | re.A,
        ),
        what=gettext("a label of other programs"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="address",
        pattern=LazyPattern(r"^\s*<?https?://\S+\.(?:png|jpe?g|webp|gif)\S*", re.I | re.A),
        what=gettext("a picture for other programs to look at"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="blend",
        pattern=LazyPattern(r"\.(?:swap|blend)\("),
        what=gettext("a mark of other programs"),
        remedy=_PLAIN_WORDS,
    ),
    Syntax(
        cause="markdown",
        pattern=LazyPattern(
            r"\*\*[^\s*](?:[^*\n]{0,200}[^\s*])?\*\*|```|~~[^\s~][^~\n]{0,200}~~|^\s{0,3}#{2,6} (?=\S)"
            r"|!?\[[^\[\]\n]{0,200}\]\((?:https?:|\w)[^()\s]{0,300}\)"
        ),
        what=gettext("a mark of Markdown"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="chat",
        pattern=LazyPattern(r"<\|[^<>|\n]{1,40}\|>|\[/?INST\]|</?think>"),
        what=gettext("a mark of language models"),
        effect=gettext("the text encoder takes it for the begin or end of a turn"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="score",
        pattern=LazyPattern(
            r"\b(?:score_\d(?:_up)?|rating[_:](?:safe|questionable|explicit)|source_(?:anime|furry|cartoon|pony))\b",
            re.A,
        ),
        what=gettext("a tag for other models"),
        remedy=LEAVE_IT_OUT,
    ),
    Syntax(
        cause="escape",
        pattern=LazyPattern(r"\\[()\[\]\"\x01]"),
        what=gettext("an escape of other programs"),
        remedy=gettext("Write brackets and quotation marks without a backslash."),
    ),
    Syntax(
        cause="code",
        pattern=LazyPattern(
            r"&(?:amp|nbsp|quot|lt|gt|apos|#\d{2,5}|#x[0-9a-f]{2,5});|(?<!:)\\[nrt]|\\u[0-9a-f]{4}",
            re.I,
        ),
        what=gettext("a code for a character"),
        remedy=gettext("Write the character itself."),
    ),
    Syntax(
        cause="code",
        pattern=LazyPattern(r"(?<=[a-z,])%(?:20|2c|0a)(?=[a-z%])|(?:%[0-9a-f]{2}){3,}|^[a-z]+(?:\+[a-z]+){2,}$", re.I),
        what=gettext("a code for a character"),
        remedy=gettext("Write the character itself."),
        holds=lambda found: "://" not in found.string,
    ),
    Syntax(
        cause="area",
        pattern=LazyPattern(
            r"(?<!\w)(?:(?:COUPLE|FILL|I?MASKW?|AREA|FEATHER|STYLE|NOISE|SHIFT|ATTN|TE)\([\w .,%:+-]{0,60}\)"
            r"|AND_(?:SALT|PERP|TOPK|ALIGN|MASK_ALIGN)(?!\w)|STYLE:(?:A1111|perp|compel|comfy|down_weight))"
        ),
        what=gettext("a mark of other programs"),
        remedy=gettext("Leave it out, and write one text."),
    ),
    Syntax(
        cause="html",
        pattern=LazyPattern(r"</?(?:b|i|u|s|br|p|div|span|strong|em|li|ul|h[1-6]|font)(?:\s[^<>]*)?/?>", re.I | re.A),
        what=gettext("a tag of web pages"),
        remedy=LEAVE_IT_OUT,
    ),
)
"""In the order in which they are told; of those that find the same place, the first."""
