"""M3 and M4: characters that nobody sees, and that end lines, hide in keys or look like others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random

from slips.drops import TABLE, Slip
from slips.right_jobs import RightJob
from slips.variants import TABLES, Make, Variant, told, with_text, with_words, words_place

INVISIBLE = (
    "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060",
    "\u2061", "\u2062", "\u2063", "\u2064",
    "\u2066", "\u2069", "\ufeff", "\u00ad", "\u180e", "\u061c", "\u034f", "\u115f", "\u3164", "\uffa0", "\ufff9",
    "\U000e0020", "\U000e0041",
)  # fmt: skip
SPACES = (
    "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
    "\u2009", "\u200a", "\u202f", "\u205f",
    "\u3000",
)  # fmt: skip
LINE_ENDS = ("\u2028", "\u2029", "\u0085", "\x0b", "\x0c")
LOOK_ALIKES = (
    ("prompt", "рrompt"), ("prompt", "prоmpt"), ("prompt", "promрt"), ("prompt", "ρrompt"), ("prompt", "ｐｒｏｍｐｔ"),
    ("prompt", "promрт"),
)  # fmt: skip
"""Cyrillic, Greek and full-width letters in keys."""


def code(character: str) -> str:
    """As messages name it."""
    return f"U+{ord(character):04X}"


def variants() -> Iterator[Variant]:
    """Each character in each place."""
    yield from _line_ends()
    yield from _invisible()
    yield from _spaces()


def _line_ends() -> Iterator[Variant]:
    for end in LINE_ENDS:
        for name, change in _ENDS.items():
            yield Variant(kind="M3", name=f"{code(end)} {name}", make=_ended(end, change), forms=("bare",))
        yield Variant(kind="M3", name=f"{code(end)} in a cell", make=_in_cell(end), forms=TABLES)
        yield Variant(kind="M3", name=f"{code(end)} in a comment", make=_commented(end), forms=("bare", "product"))


def _invisible() -> Iterator[Variant]:
    for character in INVISIBLE:
        for name, make in _HIDDEN.items():
            yield Variant(
                kind="M4", name=f"{code(character)} {name}", make=make(character), forms=("bare", "shots", "product")
            )
        for name, make in _IN_TABLES.items():
            yield Variant(kind="M4", name=f"{code(character)} {name}", make=make(character), forms=TABLES)


def _spaces() -> Iterator[Variant]:
    for space in SPACES:
        for name, make in _SPACED.items():
            yield Variant(kind="M4", name=f"{code(space)} {name}", make=make(space), forms=("shots",))
    for right, wrong in LOOK_ALIKES:
        yield Variant(
            kind="M4",
            name=f"{wrong.encode('unicode_escape').decode()}",
            make=_look_alike(right, wrong),
            forms=("bare", "shots"),
        )


_ENDS: Mapping[str, Callable[[str, str], str]] = {
    "then a key": lambda text, end: f"{text}{end}steps: 3",
    "in a text": lambda text, end: f"{text}{end}{text}",
    "before a hash": lambda text, end: f"{text}{end}# {text}",
    "in quotes": lambda text, end: f'"mug{end}{text}"',
    "in a block": lambda text, end: f"|\n  {text}{end}{text}",
}


def _ended(end: str, change: Callable[[str, str], str]) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        text = random.choice(["a red mug", "红色马克杯"])
        slipped = job.with_value("prompt", "PLACE")
        line = slipped.line_of("prompt")
        written = slipped.text.replace("PLACE", change(text, end))
        return told(with_text(job, written), [("job.yaml", line), ("job.yaml", line + written.count("|\n"))], code(end))

    return make


def _in_cell(character: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        assert job.table
        row = random.randrange(len(job.table.rows))
        cell = job.table.rows[row][job.table.column("subject")]
        slipped = replace(job, table=job.table.with_cell(row, "subject", f"{cell[:2]}{character}{cell[2:]}"))
        return told(slipped, [(TABLE, row + 2), *words_place(job)], code(character), right=job)

    return make


def _commented(end: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        return told(
            with_text(job, f"# before: {end}steps: 3{end}seed: 5\n{job.text}"), [("job.yaml", 1)], code(end), right=job
        )

    return make


def _key_line(job: RightJob, random: Random) -> tuple[int, re.Match[str]]:
    """A line with a key and a value on it."""
    lines = job.text.splitlines()
    found = [(n, re.match(r"(\s*(?:- )?)(\w+)(: )(.*)", line)) for n, line in enumerate(lines, start=1)]
    return random.choice([(n, match) for n, match in found if match and match[2].isascii()])


def _at_key(character: str, build: Callable[[re.Match[str], str], str]) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        number, match = _key_line(job, random)
        return told(job.with_line(number, build(match, character)), [("job.yaml", number)], code(character), right=job)

    return make


def _at_number(character: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        key, value = random.choice(
            [("steps", "8"), ("count", "2"), ("seed", "7"), ("format", "png"), ("size", "1024x1024")]
        )
        rest = "\n".join(line for line in job.text.splitlines() if not line.startswith(f"{key}:"))
        job = replace(job, model="base", text=f"{key}: {value}\n{rest}\n")
        return told(job.with_line(1, f"{key}: {value}{character}"), [("job.yaml", 1)], code(character), right=job)

    return make


def _in_words(character: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        slipped = with_words(job, lambda text: f"{'mug' if job.tongue == 'en' else '杯子'}{character}{text}")
        return told(slipped, words_place(slipped), code(character))

    return make


_HIDDEN: Mapping[str, Callable[[str], Make]] = {
    "before a key": lambda c: _at_key(c, lambda m, c: f"{m[1]}{c}{m[2]}{m[3]}{m[4]}"),
    "in a key": lambda c: _at_key(c, lambda m, c: f"{m[1]}{m[2][:2]}{c}{m[2][2:]}{m[3]}{m[4]}"),
    "after a key": lambda c: _at_key(c, lambda m, c: f"{m[1]}{m[2]}{c}{m[3]}{m[4]}"),
    "after a value": _at_number,
    "in a prompt": _in_words,
}


def _in_header(character: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        assert job.table
        slipped = replace(job, table=job.table.renamed("subject", f"{character}subject"))
        return told(slipped, [(TABLE, 1)], code(character), right=job)

    return make


def _in_id(character: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        assert job.table
        row, column = random.randrange(len(job.table.rows)), job.table.columns[0]
        one = job.table.rows[row][0]
        table = job.table.with_cell(row, column, f"{one[:1]}{character}{one[1:]}")
        return told(replace(job, table=table), [(TABLE, row + 2)], code(character), right=job)

    return make


def _in_products(character: str) -> Make:
    def make(job: RightJob, _: Random) -> Slip:
        slipped = job.with_value("products", f"{character}products.csv")
        return told(slipped, [("job.yaml", job.line_of("products"))], code(character), right=job)

    return make


_IN_TABLES: Mapping[str, Callable[[str], Make]] = {
    "in a header": _in_header,
    "in an id": _in_id,
    "in a file's name": _in_products,
}


def _with_dash(space: str, build: Callable[[str], str]) -> Make:
    """A shot's first line, otherwise indented."""

    def make(job: RightJob, _: Random) -> Slip:
        number = next(n for n, line in enumerate(job.text.splitlines(), start=1) if line.startswith("  - "))
        line = job.text.splitlines()[number - 1]
        slipped = job.with_line(number, build(line).replace("_", space))
        return told(slipped, [("job.yaml", number)], code(space), "full-width", right=job)

    return make


def _after_number(space: str) -> Make:
    def make(job: RightJob, random: Random) -> Slip:
        slip = _at_number(space)(job, random)
        return replace(slip, wanted=replace(slip.wanted, says=(code(space), "full-width", "no-break")))

    return make


_SPACED: Mapping[str, Callable[[str], Make]] = {
    "before a dash": lambda space: _with_dash(space, lambda line: f"_{line.lstrip()}".replace("- id", "- id")),
    "after a dash": lambda space: _with_dash(space, lambda line: line.replace("  - ", "  -_", 1)),
    "in place of indentation": lambda space: _with_dash(space, lambda line: line.replace("  - ", "__- ", 1)),
    "before a key": lambda space: _at_key(space, lambda m, c: f"{m[1]}{c}{m[2]}{m[3]}{m[4]}"),
    "after a key": lambda space: _at_key(space, lambda m, c: f"{m[1]}{m[2]}{c}{m[3]}{m[4]}"),
    "after the colon": lambda space: _at_key(space, lambda m, c: f"{m[1]}{m[2]}:{c}{m[4]}"),
    "after a value": _after_number,
}


def _look_alike(right: str, wrong: str) -> Make:
    foreign = next(c for c in wrong if not c.isascii())

    def make(job: RightJob, _: Random) -> Slip:
        number = job.line_of(right)
        line = job.text.splitlines()[number - 1].replace(right, wrong, 1)
        return told(job.with_line(number, line), [("job.yaml", number)], code(foreign), f"`{foreign}`", right=job)

    return make
