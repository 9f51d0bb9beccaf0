"""M1, M2 and M16: marks that YAML does not know, or knows otherwise than people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from slips.characters import code
from slips.drops import Slip
from slips.right_jobs import RightJob
from slips.variants import Make, Variant, read, told, with_text

COLONS = "：﹕︰∶꞉ː"
"""Full-width, small, vertical, ratio, modifier letter, length mark."""
DASHES = "–—•·－‐−◦▪*＊"
WHOLE = (
    ('"prompt"：mug', 1, "："), ("'prompt'：马克杯\nsteps: 8", 1, "："), ('"prompt"： "mug"\n"steps": 8', 1, "："),
    ('"a red mug" on wood', 1, ""),
    ("'a red mug' on wood\nsteps: 8", 1, ""), ('prompt: "red" mug', 1, "quot"),
    ("prompt: 'red' mug\nsteps: 8", 1, "quot"),
    ("steps: 8\nprompt: 'it's a mug'", 2, "quot"), ('steps: 8\nprompt: "a 12" vase"', 2, "quot"),
    ('{"prompt": "mug"}\n{"prompt": "vase"}', 2, ""),
    ('{"prompt": "mug"},', 1, ""), ('{"prompt": "mug"},\n{"prompt": "vase"}', 1, ""), ('{"prompt": "mug"}}', 1, ""),
    ('{"prompt": "mug"} thanks', 1, ""),
    ('{"prompt": "mug"}\nsteps: 8', 2, ""), ("prompt: mug\n...\nsteps: 8", 3, ""),
    ("prompt: mug\n---\nprompt: vase", 2, ""),
    ("prompt: mug\n...\n", 0, ""), ('[{"prompt": "mug"}]', 1, ""), ('"prompt": "mug"\n"steps"：8', 2, "："),
    ("“prompt”: mug", 1, "“"),
    ("“prompt”：“mug”", 1, "“"), ("「prompt」: mug", 1, "「"), ('"prompt" mug', 1, ""),
    ('"prompt": "mug" "vase"', 1, "quot"),
    ("'prompt': 'mug', 'steps': 8", 1, ""), ('"prompt": "mug",\n"steps": 8', 1, ""),
    ("prompt: mug;\nsteps: 8;", 2, ""),
    ("prompt: [red] mug", 1, "quot"), ("prompt: {red} mug", 1, "quot"), ('prompt: "mug\nsteps: 8', 1, "clos"),
    ("prompt: mug\nsteps 8", 2, "colon"),
    ("prompt:mug", 1, "colon"), ("prompt: mug\nsteps:8\nsize: square", 2, "colon"), ("%prompt: mug", 1, "%"),
    ("prompt: @home mug", 1, "@"),
    ("prompt: mug: red", 1, "colon"), ("prompt: \\", 0, ""), ('prompt: "C:\\pics"', 1, "\\"),
    ("prompt: `mug`", 1, "`"), ("prompt: %s mug", 1, "%"),
)  # fmt: skip
"""Whole files, the line to be told (0: nothing has to be said) and a word of what is said."""


def variants() -> Iterator[Variant]:
    """All of the three kinds."""
    for text, line, word in WHOLE:
        if line:
            yield Variant(kind="M1", name=text.replace("\n", "⏎"), make=_whole(text, line, word), forms=("bare",))
    for colon in COLONS:
        for name, pattern in _COLONS.items():
            yield Variant(kind="M2", name=f"{code(colon)} {name}", make=_colon(colon, pattern))
        yield Variant(kind="M2", name=f"{code(colon)} without a space", make=_colon(colon, _COLONS["anywhere"], gap=""))
    for dash in DASHES:
        yield Variant(kind="M2", name=f"{code(dash)} for a dash", make=_dash(dash), forms=("shots",))
    for name, make in _MARKS.items():
        yield Variant(kind="M2", name=name, make=make, forms=("matrix",))
    for name, tabbed in _TABS.items():
        yield Variant(kind="M16", name=name, make=_tabs(tabbed), forms=("bare", "shots", "product", "matrix", "table"))


def _whole(text: str, line: int, word: str) -> Make:
    never = () if "%" in text else ("cannot begin with `%`",)
    looser = {"“": ("“", "U+201C", "curly"), "：": ("：", "U+FF1A"), "「": ("「", "U+300C"), "%": ("%",)}

    def make(job: RightJob, _: Random) -> Slip:
        says = looser.get(word, (word,) if word else ())
        return told(with_text(job, f"{text}\n"), [("job.yaml", line)], *says, never=never)

    return make


_COLONS = {
    "anywhere": r"^(\s*(?:- )?[a-z_]+)(: ?)(.*)$",
    "before another key": r"^([a-z_]+)(: )(.+)$(?=\n[a-z_]+:)",
    "over a mapping": r"^(\s*[a-z_]+)(:)()$",
    "at the end": r"^(\s*(?:- )?[a-z_]+)(: )(.*)$(?=\n*\Z)",
    "behind a dash": r"^(\s*- [a-z_]+)(: )(.*)$",
}


def _colon(colon: str, pattern: str, *, gap: str | None = None) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        found = [*re.finditer(pattern, job.text, re.MULTILINE)]
        found = found or [*re.finditer(_COLONS["anywhere"], job.text, re.MULTILINE)]
        one = random.choice(found)
        between = colon + (one[2][1:] if gap is None else gap)
        slipped = f"{job.text[: one.start()]}{one[1]}{between}{one[3]}{job.text[one.end() :]}"
        line = job.text.count("\n", 0, one.start()) + 1
        return told(with_text(job, slipped), [("job.yaml", line)], colon, code(colon), right=job)

    return make


def _dash(dash: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        numbers = [n for n, line in enumerate(job.text.splitlines(), start=1) if line.startswith("  - ")]
        number = random.choice(numbers)
        line = job.text.splitlines()[number - 1].replace("- ", f"{dash} ", 1)
        return told(job.with_line(number, line), [("job.yaml", number)], f"{dash}", code(dash), right=job)

    return make


def _angles(written: str, *says: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        number = job.line_of("angle")
        right = job.with_line(number, "  angle: [front, side]")
        return told(job.with_line(number, f"  angle: {written}"), [("job.yaml", number)], *says, right=right)

    return make


def _steps(written: str, *says: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        rest = "\n".join(line for line in job.text.splitlines() if not line.startswith(("steps:", "size:")))
        right = replace(job, model="base", text=f"steps: 8\nsize: 1024x1024\n{rest}\n")
        lines = [n for n, line in enumerate(written.split("\n"), start=1) if not line.isascii()]
        return told(right.with_line(1, written.split("\n", maxsplit=1)[0]).with_line(2, written.split("\n")[1]),
                    [("job.yaml", n) for n in lines], *says, right=right)  # fmt: skip

    return make


_MARKS = {
    "［ ］ for brackets": _angles("［front, side］", "［", "U+FF3B", "list"),
    "【 】 for brackets": _angles("【front, side】", "【", "U+3010", "list"),
    "［ ］ and ，": _angles("［front，side］", "［", "U+FF3B", "list"),
    "〔 〕 for brackets": _angles("〔front, side〕", "〔", "U+3014", "list"),
    "curly quotes in a list": _angles("[“front”, “side”]", "“", "U+201C", "quot"),
    "corner quotes in a list": _angles("[「front」, 「side」]", "「", "U+300C", "quot"),
    "full-width quotes in a list": _angles("[＂front＂, ＂side＂]", "＂", "U+FF02", "quot"),
    "full-width steps": _steps("steps: ８\nsize: 1024x1024", "８", "U+FF18", "full-width"),
    "full-width size": _steps("steps: 8\nsize: １０２４x１０２４", "１", "U+FF11", "full-width"),
    "× in a size": _steps("steps: 8\nsize: 1024×1024", "×", "1024x1024"),
    "＊ in a size": _steps("steps: 8\nsize: 1024＊1024", "＊", "U+FF0A", "1024x1024"),
    "full-width hash": _steps("steps: 8 ＃ wenig\nsize: 1024x1024", "＃", "U+FF03"),
    "Chinese numeral": _steps("steps: 八\nsize: 1024x1024", "八"),
    "Arabic numeral": _steps("steps: ٨\nsize: 1024x1024", "٨", "U+0668"),
    "х (Cyrillic) in a size": _steps("steps: 8\nsize: 1024х1024", "х", "U+0445", "1024x1024"),
}

_TABS = {
    "at the end of each line": lambda text: re.sub(r"$(?=\n)", "\t", text, flags=re.MULTILINE),
    "tabs and blanks at the ends": lambda text: re.sub(r"$(?=\n)", " \t ", text, flags=re.MULTILINE),
    "on a line of its own": lambda text: text + "\t\n",
    "before a comment": lambda text: (
        text.replace("\n", "\t# note\n", 1) if ":" in text.split("\n")[0] else text + "\t# x\n"
    ),
    "after the first key": lambda text: re.sub(r":$", ":\t", text, count=1, flags=re.MULTILINE),
    "several at the end of the first line": lambda text: text.replace("\n", "\t\t\t\n", 1),
    "at the end of the file": lambda text: text.rstrip("\n") + "\t",
    "with CR LF": lambda text: text.replace("\n", "\t\r\n"),
}


def _tabs(tabbed: Callable[[str], str]) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        return read(with_text(job, tabbed(job.text)), job)

    return make
