"""Slips in the raw text of a job: each with the line at which it must be told, and what must be named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

SPACES = "\u00a0\u1680\u2000\u2002\u2003\u2005\u2007\u2009\u200a\u202f\u205f\u3000"
INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2063\u2066\u2069\ufeff\ufff9\U000e0041"
LINE_ENDS = "\u2028\u2029\u0085\v\f"
COLONS = "：﹕︰∶꞉"
DASHES = "–—−－‐•·●▪◦*＊・"
LETTERS = {"prompt": "рrompt рromрt ρrompt ｐｒｏｍｐｔ prоmpt", "steps": "stеps ѕteps ｓteps", "size": "ѕize sіze"}
TWO_SHOTS = "shots:\n  - id: A\n    prompt: 红杯\n  - id: B\n    prompt: 蓝杯\nseed: 7\n"
PROSE = (
    "Sure! Here is your YAML:", "Here's the job file you asked for:", "Certainly, here you go:",
    "以下是您要的任务文件：", "好的，这是为您生成的任务：", "当然可以！下面是任务：", "Below is the YAML:",
    "Of course. Here it is:",
)  # fmt: skip
VALUES = (
    ("steps: ８", "８"), ("size: １024x1024", "１"), ("format: рng", "р"), ("size: 1024＊1024", "＊"),
    ("allow: ［new_seed，tiled_decode］", "［"), ("size: [1024，1024]", "，"),
)  # fmt: skip


class Slip(NamedTuple):
    """A job with one slip."""

    text: str
    line: int
    names: str


def code(character: str) -> str:
    """As messages name a character."""
    return f"U+{ord(character):04X}"


def slips() -> Iterator[Slip]:
    """All of them."""
    yield from _colons()
    yield from _spaces()
    yield from _invisible()
    yield from _line_ends()
    yield from _marks()
    yield from _copied()
    yield from _json()
    yield from _blocks()


def _colons() -> Iterator[Slip]:
    for colon in COLONS:
        yield Slip(f"prompt{colon}红杯\nsteps: 8\n", 1, code(colon))
        yield Slip(f"prompt: 红杯\nsteps{colon}8\nsize: square\n", 2, code(colon))
        yield Slip(TWO_SHOTS.replace("shots:", f"shots{colon}"), 1, code(colon))
        yield Slip(TWO_SHOTS.replace("id: B", f"id{colon}B"), 4, code(colon))
        yield Slip(f"shot: {{product: {{subject{colon}杯}}}}\nseed: 1\n", 1, code(colon))
        yield Slip(f"prompt: 红杯\n'steps'{colon} 8\n", 2, code(colon))


def _spaces() -> Iterator[Slip]:
    for space in SPACES:
        yield Slip(TWO_SHOTS.replace("  - id: B", f"{space}{space}- id: B"), 4, code(space))
        yield Slip(TWO_SHOTS.replace("- id: B", f"-{space}id: B"), 4, code(space))
        yield Slip(TWO_SHOTS.replace("seed: ", f"seed:{space}"), 6, code(space))
        yield Slip(TWO_SHOTS.replace("seed: 7", f"seed: 7{space}"), 6, code(space))
        yield Slip(TWO_SHOTS.replace("seed", f"seed{space}"), 6, code(space))
        yield Slip(f"prompt: 红杯\n{space}seed: 7\n", 2, code(space))


def _invisible() -> Iterator[Slip]:
    for character in INVISIBLE:
        yield Slip(TWO_SHOTS.replace("seed", f"{character}seed"), 6, code(character))
        yield Slip(TWO_SHOTS.replace("seed", f"se{character}ed"), 6, code(character))
        yield Slip(TWO_SHOTS.replace("seed: 7", f"seed: 7{character}"), 6, code(character))
        yield Slip(TWO_SHOTS.replace("- id: B", f"{character}- id: B"), 4, code(character))
        yield Slip(TWO_SHOTS.replace("id: B", f"id: {character}B"), 4, code(character))


def _line_ends() -> Iterator[Slip]:
    for end in LINE_ENDS:
        yield Slip(f"name: a\nprompt: white mug{end}steps: 3\n", 2, code(end))
        yield Slip(f"name: a\nprompt: white mug{end}soft light\n", 2, code(end))
        yield Slip(f"prompt: |\n  white mug{end}  soft light\nseed: 1\n", 2, code(end))
        yield Slip(f"prompt: mug\n# before {end}steps: 3\nseed: 1\n", 2, code(end))


def _marks() -> Iterator[Slip]:
    for dash in DASHES:
        yield Slip(TWO_SHOTS.replace("- id: B", f"{dash} id: B"), 4, code(dash))
    for opening, closing in ("“”", "‘’", "「」", "『』", "＂＂", "«»", "„“"):
        yield Slip(f"name: a\n{opening}prompt{closing}: mug\n", 2, code(opening))
        yield Slip(f"name: a\nprompt: {opening}a mug: red{closing}\n", 2, code(opening))
        yield Slip(f"name: a\nshot: {{{opening}prompt{closing}: mug}}\n", 2, code(opening))
    for key, wrong in LETTERS.items():
        for word in wrong.split():
            foreign = next(c for c in word if not c.isascii())
            yield Slip("name: a\nprompt: mug\nsteps: 8\nsize: square\n".replace(f"{key}:", f"{word}:"),
                       {"prompt": 2, "steps": 3, "size": 4}[key], code(foreign))  # fmt: skip
    for written, odd in VALUES:
        yield Slip(f"prompt: mug\n{written}\n", 2, code(odd))
    yield Slip("prompt: mug\n＃ 说明\nsteps: 8\n", 2, code("＃"))
    yield Slip("———\nprompt: mug\n", 1, code("—"))
    yield Slip("name: a\nshot: {subject: 1，prompt: mug}\n", 2, code("，"))


def _copied() -> Iterator[Slip]:
    for fence in ("```", "```yaml", "~~~", "``` yaml title=x", '"""'):
        yield Slip(f"{fence}\nprompt: mug\n", 1, "fence")
        yield Slip(f"prompt: mug\n{fence}\n", 2, "fence")
    for sentence in PROSE:
        yield Slip(f"{sentence}\n\nprompt: mug\n", 1, "Delete line 1")
    yield Slip("prompt: mug\n\nLet me know if this works!\n", 3, "delete the line")
    yield Slip("提示词: 杯\n希望对您有帮助！\n", 2, "delete the line")
    for prefix in ("> ", "+", "+ "):
        yield Slip(f"{prefix}prompt: mug\n{prefix}steps: 8\n", 1, "lines 1 and 2")
    yield Slip("name: a\nprompt: &quot;mug&quot;\n", 2, "&quot;")


def _json() -> Iterator[Slip]:
    yield Slip('{"prompt": "mug"}\n{"prompt": "vase"}\n', 2, "second object")
    yield Slip('{"prompt": "mug"},\n', 1, "comma")
    yield Slip('{"prompt": "mug",\n "seed": 1} // note\n', 2, "//")
    yield Slip('{"prompt": "mug"\n "seed": 1}\n', 2, "comma is missing")
    yield Slip('{"name": "a",\n "prompt": "mug,\n "seed": 1}\n', 2, "closed only in a line below")
    yield Slip('{"seed": 1,\n "prompt": "\\ud83d"}\n', 2, "U+D83D")
    yield from _brackets()
    yield Slip('{"seed": NaN,\n "prompt": "mug"}\n', 1, "NaN")


def _brackets() -> Iterator[Slip]:
    yield Slip('{"prompt": "a mug",\n "matrix": {"colour": ["red", "blue"],\n "count": 2}\n', 2, "no `}` closes it")
    yield Slip('{\n  "prompt": "mug",\n  "allow": ["new_seed"\n  "count": 2\n}\n', 3, "no `]` closes it")
    yield Slip('{\n  "matrix": {\n    "colour": ["red"\n  },\n  "prompt": "mug"\n}\n', 3, "no `]` closes it")
    yield Slip('{\n  "shots": [\n    {"id": "a", "prompt": "x"\n  ],\n  "seed": 1\n}\n', 3, "no `}` closes it")
    yield Slip('{"prompt": "mug", "size": [64, 64}, "seed": 1}\n', 1, "no `]` closes it")
    yield Slip('{"prompt": "mug"},\n "seed": 1}\n', 1, "ends with this bracket")
    yield Slip('{\n "prompt": "mug"\n},\n "seed": 1\n}\n', 3, "ends with this bracket")
    yield Slip("prompt: mug\nallow: [\n", 2, "never closed")
    yield Slip('{"prompt": "mug",\n "seed": 1\n', 1, "never closed")
    yield Slip('{"prompt": "mug",\n "seed": 1}}\n', 2, "`}` closes nothing")
    yield Slip("prompt: mug\nallow: [new_seed]]\nseed: 1\n", 2, "`]` closes nothing")
    yield Slip("prompt: mug\nallow: [new_seed, tiled_decode\nseed: 1\n", 2, "no `]` closes it")
    yield Slip("prompt: mug\nmatrix: {colour: [red, blue]\nseed: 1\n", 2, "no `}` closes it")
    yield Slip("shots:\n  - {id: a, prompt: mug\n  - {id: b, prompt: vase}\n", 2, "no `}` closes it")


def _blocks() -> Iterator[Slip]:
    for mark in "|>":
        yield Slip(f"prompt: {mark}\na red mug\nsteps: 8\n", 2, "further right")
        yield Slip(f"name: a\nprompt: {mark}\n主题: 红杯\nsteps: 8\n", 3, "further right")
        yield Slip(f"prompt: {mark}\n\ta red mug\n", 2, "tab")
    yield Slip("prompt: a red mug,\n  on wood # table\n  soft light\n", 2, "comment")
    yield Slip("prompt: a red mug,\n  # table\n  soft light\nsteps: 8\n", 2, "comment")
    yield Slip("name: a\nshots:\n\t- prompt: mug\n", 3, "tab")
    yield Slip("name: a\nprompt mug\nsteps: 8\n", 2, "no `: `")
    yield Slip("name: a\nshots:\n  - id A\n    prompt: mug\n", 3, "no `: `")
    yield Slip("name: a\nmatrix:\n  colour [red, blue]\n  material: [clay]\nprompt: a {colour} mug\n", 3, "no `: `")
    yield Slip("name: a\nmatrix:\n  颜色 [红, 蓝]\n  款式: [大]\nprompt: 一个{颜色}杯子\n", 3, "no `: `")
    yield Slip("shot:\n  product\n    subject: mug\n    colour: red\n", 2, "no `: `")
    yield Slip("name: a\nprompt:mug\nsteps: 8\n", 2, "space is missing")
    yield Slip("shots:\n  -prompt: mug\n", 2, "space is missing")
    yield Slip('name: a\nprompt: "red" mug\n', 2, "closing quotation mark")
    yield Slip("name: a\nshot: {product: &id001 mug}\n", 2, "ignore_aliases")
