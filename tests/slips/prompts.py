"""W3, W5, W7, W8: prompts, lists and sizes that mean something else to Z-Image than to their author."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from slips.drops import TABLE, Slip
from slips.right_jobs import ANGLES, RightJob
from slips.variants import (
    FREE,
    TABLES,
    Make,
    Variant,
    quoted,
    told,
    value_of,
    with_text,
    with_words,
    words_place,
)
from slips.wording import WORDS, Tongue

TOOLS = (
    "(%s:1.3)", "((%s))", "(((%s)))", "[[%s]]", "[%s:0.5]", "[%s|vase]", "[mug:%s:0.5]", "%s::2",
    "%s::1.5 wood::-0.5", "(%s)1.4",
    "(%s)++", "%s++", "%s--", "{{{%s}}}", "<lora:gloss:0.8>, %s", "%s <lyco:gloss:1>", "%s, <hypernet:x:1>",
    "embedding:gloss, %s",
    "%s, <embedding:gloss>", "%s --ar 16:9", "%s --ar 3:4 --v 6", "%s --no text", "%s --seed 42", "%s --stylize 250",
    "%s --q 2",
    "%s --niji 5", "%s —ar 16:9", "%s –v 6", "%s --style raw", "%s --steps 30", "%s BREAK soft light",
    "%s AND a wooden table",
    "%s, __colour__", "__animal/*__, %s", "%s, {red|blue}", "{2$$red|blue|green} %s",
    "%s, {red|blue|green} background",
    "/imagine prompt: %s", "/imagine %s", "!dream \"%s\"", "<|im_start|>user %s<|im_end|>", "score_9, score_8_up, %s",
    "%s\nNegative prompt: lowres, text", "%s\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Size: 512x768",
    "%s\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, CFG scale: 7", "Prompt: %s", "prompt: %s",
    "Positive prompt: %s",
    "%s Negative prompt: text", "[from:%s:0.4]", "%s, <lora:a:1><lora:b:0.5>", "@gloss %s <lora:x>", "(%s:0)",
    "（%s：1.3）", "(%s：1.2)",
    "%s 反向提示词：文字", "%s，负面提示词：模糊", "%s, step 20, cfg 7, sampler euler", "%s --chaos 20",
    "%s --iw 2 --s 50",
)  # fmt: skip
"""Weights, adapters, Midjourney's options, wildcards, pasted infotext, chat marks; `%s` is the author's text."""
QUOTES = (
    "“%s”", "\"%s\"", "'%s'", "「%s」", "『%s』", "«%s»", "„%s“", "‘%s’", "``%s''", "“%s\"", "”%s”", "‹%s›",
    "\"\"%s\"\"", "＂%s＂", "`%s`",
)  # fmt: skip
SEPARATORS = ("，", "、", "；", ";", " ; ", "｜", "|", "， ", "､", "﹐", "،")
SIZES = (
    ("demo", "1024x1024"), ("demo", "square"), ("demo", "768x768"), ("demo", "1280x720"), ("demo", "2048x2048"),
    ("demo", "864x1152"),
    ("turbo folder", "64x64"), ("turbo folder", "128x128"), ("turbo folder", "2048x256"), ("base folder", "64x64"),
    ("base folder", "2048x256"), ("base folder", "256x2048"), ("turbo", "256x256"), ("base", "128x128"),
)  # fmt: skip


def variants() -> Iterator[Variant]:
    """All of the four kinds."""
    for name, make in _too_long():
        yield Variant(kind="W3", name=name, make=make, forms=("bare", "product", "shots"))
    yield Variant(kind="W3", name="in one cell of a table", make=_long_cell, forms=TABLES)
    for separator in SEPARATORS:
        for name, form in _LISTS.items():
            yield Variant(kind="W5", name=f"{name} {separator!r}", make=_list(form, separator), forms=("matrix",))
    for mark in TOOLS:
        yield Variant(kind="W7", name=mark, make=_tool(mark), forms=FREE)
    for mark in TOOLS[::3]:
        yield Variant(kind="W7", name=f"in a cell: {mark}", make=_in_cell(mark), forms=TABLES)
    for mark in QUOTES:
        yield Variant(kind="W7", name=f"quotes {mark % '…'}", make=_quotes(mark), forms=("bare", "shots", "product"))
    for model, size in SIZES:
        yield Variant(kind="W8", name=f"{model} {size}", make=_size(model, size), forms=("bare", "product"))


def _too_long() -> Iterator[tuple[str, Make]]:
    tongues: tuple[Tongue, ...] = ("en", "zh")
    for tongue in tongues:
        for times in (60, 90, 200):
            yield f"{tongue} {times} phrases", _long(tongue, times)


def _long_cell(job: RightJob, random: Random) -> Slip:
    """One product whose text was copied from the shop."""
    assert job.table
    words = WORDS[job.tongue]
    row = random.randrange(len(job.table.rows))
    text = words.comma.join(random.choice(words.details) for _ in range(200))
    job = replace(job, model="demo", table=job.table.with_cell(row, "subject", text))
    job = job.with_value("size", "256x256") if "size:" in job.text else job
    return told(job, [(TABLE, row + 2), *words_place(job)], "prompt.too_long", "512", "token")


def _long(tongue: Tongue, times: int) -> Make:
    words = WORDS[tongue]

    def make(job: RightJob, random: Random) -> Slip:
        pool = (*words.details, *words.textures, *words.scenes)
        more = words.comma.join(random.choice(pool) for _ in range(times * (1 if times > 60 else 2)))
        slipped = with_words(replace(job, model="demo"), lambda text: words.comma.join([text, more]))
        slipped = slipped.with_value("size", "256x256") if "size:" in slipped.text else slipped
        return told(slipped, words_place(slipped), "prompt.too_long", "512", "token")

    return make


_LISTS: dict[str, Callable[[list[str], str], str]] = {
    "all in one": lambda parts, separator: f"  angle: [{quoted(separator.join(parts))}]",
    "some in one": lambda parts, separator: f"  angle: [{parts[0]}, {quoted(separator.join(parts[1:]))}]",
    "no list": lambda parts, separator: f"  angle: {quoted(separator.join(parts))}",
    "a line": lambda parts, separator: f"  angle:\n    - {quoted(separator.join(parts))}",
}


def _list(form: Callable[[list[str], str], str], separator: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        angles = random.sample([angle for angle in ANGLES[job.tongue] if not set(angle) & set(",，(（")], 3)
        line = job.line_of("angle")
        slipped = job.with_line(line, form(angles, separator))
        lines = [("job.yaml", line), ("job.yaml", line + 1), ("job.yaml", slipped.line_of("matrix"))]
        return told(slipped, lines, "list.full_width_comma", "list")

    return make


def _tool(mark: str) -> Make:
    says = ("prompt.other_tools", "prompt.not_filled", "matrix", "brace", "placeholder")

    def make(job: RightJob, _: Random) -> Slip:
        text = value_of(job, "prompt")
        line = job.line_of("prompt")
        if "\n" in mark:
            lead = " " * (len(job.text.splitlines()[line - 1]) - len(job.text.splitlines()[line - 1].lstrip(" -")))
            block = "\n".join(f"{lead}  {one}" for one in mark.replace("%s", text).split("\n"))
            slipped = job.with_value("prompt", f"|\n{block}")
        else:
            slipped = with_words(job, lambda text: mark.replace("%s", text))
        return told(slipped, [("job.yaml", line + n) for n in range(mark.count("\n") + 2)], *says)

    return make


def _in_cell(mark: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        assert job.table
        row = random.randrange(len(job.table.rows))
        cell = job.table.rows[row][job.table.column("subject")]
        slipped = replace(job, table=job.table.with_cell(row, "subject", mark.replace("%s", cell)))
        places = [(TABLE, row + 2), *words_place(job)]
        return told(slipped, places, "prompt.other_tools", "prompt.not_filled", "matrix", "table.")

    return make


def _quotes(mark: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        slipped = with_words(job, lambda text: mark % _without_quotes(text))
        return told(slipped, words_place(slipped), "prompt.quoted", "quot")

    return make


def _without_quotes(text: str) -> str:
    return "".join(c for c in text if c not in "\"'“”‘’「」『』«»‹›`%")


def _size(model: str, size: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        job = replace(job, model=model)
        drop = replace(job, text="\n".join(line for line in job.text.splitlines() if "size:" not in line)).text
        text = f"size: {size}\n{drop}\n"
        if model.startswith("turbo"):
            text = (
                "\n".join(line for line in text.splitlines() if "guidance" not in line and "negative" not in line)
                + "\n"
            )
        return told(with_text(job, text), [("job.yaml", 1)], "size.unsuited")

    return make
