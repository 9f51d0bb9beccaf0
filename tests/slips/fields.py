"""W7 and W8, the rest: quotes and other tools' marks in fields, ids and cells; prompts that contradict their job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from slips.drops import TABLE, Place, Slip
from slips.right_jobs import RightJob
from slips.variants import TABLES, Make, Variant, quoted, told, with_text, words_place

FIELDS = ("scene", "light", "camera", "texture")
PAIRS = ("“%s”", "「%s」", "'\"%s\"'", "『%s』", "«%s»", "”%s“", "＂%s＂")
MARKS = (
    "%s --ar 1:1", "(%s:1.2)", "<lora:x:0.7> %s", "%s, {red|blue}", "((%s)), masterpiece:1.3", "__wall__ %s",
    "%s --v 6",
    "[%s:0.5]", "%s::2",
)  # fmt: skip
CONTRADICTIONS = (
    ("prompt: a red mug, 768x1344\nsize: 1024x1024\n", 1),
    ("size: 1024x1024\nprompt: a red mug, image size 1536 x 640\n", 2),
    ("size: 1024x1024\nprompt: 红色马克杯，尺寸 768×1344\n", 2),
    ("size: square\nprompt: a red mug, aspect ratio 16:9\n", 2),
    ("size: square\nprompt: 红色马克杯，画面比例16:9\n", 2),
    ("size: wide\nprompt: a red mug, 9:16 aspect ratio\n", 2),
    ("shot:\n  product: {subject: mug, details: on a pure white background}\n  scene: black background\n", 2),
    ("shot:\n  product: mug\n  scene: black background\n  texture: photorealistic, white background\n", 4),
    ("shot:\n  product: 马克杯\n  scene: 黑色背景\n  texture: 写实摄影，纯白背景\n", 4),
    ("shot:\n  product: {subject: 马克杯, details: 白底图}\n  scene: 纯黑背景\n", 2),
)  # fmt: skip
"""Whole jobs, and a line at which it may be told; any line of the shot is right."""


def variants() -> Iterator[Variant]:
    """All of them."""
    for pair in PAIRS:
        yield Variant(kind="W7", name=f"an id in {pair % '…'}", make=_id(pair), forms=("shots",))
        yield Variant(
            kind="W7", name=f"a field in {pair % '…'}", make=_field(pair, "prompt.quoted"), forms=("product",)
        )
        yield Variant(kind="W7", name=f"a cell in {pair % '…'}", make=_cell(pair), forms=TABLES)
    for mark in MARKS:
        makes = _field(mark, "prompt.other_tools", "prompt.not_filled", "matrix")
        yield Variant(kind="W7", name=f"in a field: {mark}", make=makes, forms=("product",))
    for text, line in CONTRADICTIONS:
        yield Variant(kind="W8", name=text.replace("\n", "⏎"), make=_contradiction(text, line), forms=("bare",))


def _written(pair: str, text: str) -> str:
    """As somebody types it: quotes that YAML does not know stand there as they are."""
    return pair % text.replace("'", "").replace('"', "")


def _id(pair: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        number = next(n for n, line in enumerate(job.text.splitlines(), start=1) if "- id:" in line)
        slipped = job.with_line(number, f"  - id: {_written(pair, 'MUG-01')}")
        return told(slipped, [("job.yaml", number), ("job.yaml", number + 1)], "quot", "prompt.quoted")

    return make


def _field(pair: str, *says: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        field = random.choice([name for name in FIELDS if f"  {name}:" in job.text] or ["subject"])
        text = {"scene": "white wall", "light": "softbox", "camera": "front view", "texture": "grain"}.get(field, "mug")
        written = _written(pair, text) if says[0] == "prompt.quoted" else quoted(pair % text)
        slipped = job.with_value(field, written)
        places: list[Place] = [("job.yaml", slipped.line_of(field)), *words_place(slipped)]
        return told(slipped, places, *says, "brace", "placeholder")

    return make


def _cell(pair: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        assert job.table
        row = random.randrange(len(job.table.rows))
        slipped = replace(job, table=job.table.with_cell(row, "subject", _written(pair.strip("'"), "mug")))
        return told(slipped, [(TABLE, row + 2), *words_place(job)], "quot", "prompt.quoted")

    return make


def _contradiction(text: str, line: int) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        first = next(n for n, one in enumerate(text.splitlines(), start=1) if one.startswith(("shot:", "prompt:")))
        last = len(text.splitlines()) if "shot:" in text else line
        places = [("job.yaml", n) for n in range(first, last + 1)]
        return told(with_text(replace(job, model="base"), text), places, "prompt.contradiction")

    return make
