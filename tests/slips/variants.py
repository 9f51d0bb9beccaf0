"""What a slip is made by, and what the slips share: a right job in, a job with one thing wrong out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

import yaml

from slips.drops import TABLE, Drop, Place, Slip, Wanted
from slips.right_jobs import FORMS, Form, RightJob, right_job
from slips.wording import Tongue

Kind = Literal[
    "W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "M10",
    "M11",
    "M16",
]  # fmt: skip
"""Entries of the list of faults about what a job holds; `names.py` has those about what a file is called."""
YAML_FORMS: tuple[Form, ...] = tuple(form for form in FORMS if form != "json")
TABLES: tuple[Form, ...] = ("table", "table with fields")
FREE: tuple[Form, ...] = ("bare", "shots")

Make = Callable[[RightJob, Random], Slip]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way of getting one thing wrong."""

    kind: Kind
    name: str
    make: Make
    forms: tuple[Form, ...] = YAML_FORMS
    """Of right jobs in which it can happen."""
    tongue: Tongue | None = None
    """Of the right jobs in which it happens, where it is of one language."""

    def slip(self, seed: str | int) -> Slip:
        """Let it happen in a right job that the seed chooses."""
        random = Random(f"{self.kind} {self.name} {seed}")
        return self.make(right_job(random, form=random.choice(self.forms), tongue=self.tongue), random)


def of_table(made: Iterable[tuple[str, Make]], kind: Kind, forms: tuple[Form, ...] = YAML_FORMS) -> Iterator[Variant]:
    """Variants of one kind, from their names and makers."""
    return (Variant(kind=kind, name=name, make=make, forms=forms) for name, make in made)


def quoted(text: str) -> str:
    """The text in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def value_of(job: RightJob, key: str) -> str:
    """The first text under a key, as YAML reads it."""
    return str(next(_values(yaml.load(job.text, yaml.BaseLoader), key)))


def _values(data: Any, key: str) -> Iterator[str]:
    if isinstance(data, list):
        for one in data:
            yield from _values(one, key)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name == key:
                yield value
            else:
                yield from _values(value, key)


def prompt_key(job: RightJob) -> str:
    """The key under which the words of the picture stand."""
    return "subject" if job.form in ("product", "table with fields") else "prompt"


def with_words(job: RightJob, change: Callable[[str], str], *, as_written: bool = False) -> RightJob:
    """Another text of the picture's words.

    Args:
        job: to change.
        change: from the former text to the new one.
        as_written: without quotes around it.
    """
    key = prompt_key(job)
    text = change(value_of(job, key))
    return job.with_value(key, text if as_written else quoted(text))


def words_place(job: RightJob) -> tuple[Place, ...]:
    """Where a warning about the picture's words may stand: at the words, or at the shot or product that holds them."""
    lines = {job.line_of(prompt_key(job))}
    if prompt_key(job) == "subject":
        lines |= {job.line_of("product"), job.line_of("product") + 1, job.line_of("shot")}
    return tuple(("job.yaml", line) for line in sorted(lines))


def told(
    job: RightJob | Drop,
    places: Iterable[Place],
    *says: str,
    never: tuple[str, ...] = (),
    right: RightJob | None = None,
) -> Slip:
    """A slip that must be told; with the right job it may be read as that instead."""
    wanted = Wanted(places=tuple(places), says=says, never=never, may_read=right is not None)
    drop = job.drop if isinstance(job, RightJob) else job
    return Slip(drop=drop, wanted=wanted, right=right.drop if right else None)


def read(job: RightJob | Drop, right: RightJob) -> Slip:
    """What looks like a slip and is none: it has to be read as the right job."""
    drop = job.drop if isinstance(job, RightJob) else job
    return Slip(drop=drop, wanted=Wanted(places=(), must_read=True), right=right.drop)


def with_text(job: RightJob, text: str | bytes) -> Drop:
    """The job's files with another job.yaml."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return replace(job.drop, files={**job.drop.files, "job.yaml": data})


def with_table(job: RightJob, data: bytes, *, name: str = TABLE) -> Drop:
    """The job's files with another table."""
    files = {"job.yaml": job.drop.files["job.yaml"], name: data}
    return replace(job.drop, files=files)


def editor_line(text: str, at: int) -> int:
    """On which line an editor shows the character at a place: ends of lines are CR, LF and CR LF, nothing else."""
    return len(re.split("\r\n|\r|\n", text[:at]))
