"""What somebody drops, what must be said of it, and what was said."""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from zoo import LAYOUTS

from worker import compose
from worker.errors import JobInvalid
from worker.problem import Problem
from worker.records import JOB_FILE, Request
from worker.settings import Settings

Model = Literal["turbo", "base", "demo", "turbo folder", "base folder"]
"""Turbo and base without a model's folder, as on a staff laptop, and with one, at toy size; the embedded model."""
FOLDERS: Mapping[Model, str] = {"turbo folder": "turbo_real", "base folder": "base_real"}
"""Layouts of the zoo."""
TABLE = "products.csv"
ALL = 0
"""In a place: any line of the file, or the file as a whole."""

Place = tuple[str, int]
"""A file's name without its folder, and a line as editors count it, from 1; or `ALL`."""

Verdict = Literal["told", "read", "silent", "elsewhere", "wrong words", "altered", "never read"]
"""`read`: as it was meant, where that is allowed. `altered`: told, but another text was made of it."""
GOOD: frozenset[Verdict] = frozenset({"told", "read"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A job as it is dropped: a lone file, or a folder with what lies beside the job file."""

    files: Mapping[str, bytes]
    """By name; the job file is `job.yaml`."""
    model: Model = "base"
    is_folder: bool = False

    def written(self, folder: Path) -> Path:
        """Lay the files into a new folder, and give the path that the program reads."""
        folder.mkdir(parents=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        return folder if self.is_folder else folder / JOB_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the program makes of a drop."""

    problems: tuple[Problem, ...]
    """Errors, or else warnings."""
    requests: tuple[Request, ...]
    """None where the job is refused."""

    def __str__(self) -> str:
        return "\n".join([f"{len(self.requests)} pictures", *map(str, self.problems)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What must be said of a slip."""

    places: tuple[Place, ...]
    """Where it may be told; one is enough."""
    says: tuple[str, ...] = ()
    """Words of which the problem (rule, message, remedy, examples) must hold one; empty for any words."""
    never: tuple[str, ...] = ()
    """Words that must not be said, as they name what is not there."""
    may_read: bool = False
    """It may be read as it was meant instead, word or no word: the pictures are those of the right job."""
    must_read: bool = False
    """It has to be; a word about it is allowed, an error is not."""
    must_keep: bool = False
    """Where the job is not refused, its pictures are those of the right job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A right job with one thing wrong."""

    drop: Drop
    wanted: Wanted
    right: Drop | None = field(default=None)
    """What was meant, where the program may or must find that out."""


@cache
def reader(model: Model) -> compose.from_settings.JobFiles:
    """What reads jobs in `check`, `plan`, `submit` and the worker."""
    return compose.job_reader(Settings.model_validate({"state_dir": ".", **settings_of(model)}))


@cache
def settings_of(model: Model) -> Mapping[str, str]:
    """What a settings file says of the model."""
    if model == "demo":
        return {"model": "demo"}
    return {"model": _folder(model)} if model in FOLDERS else {"model_kind": model}


def _folder(model: Model) -> str:
    folder = TemporaryDirectory(prefix="zimage-slips-")
    atexit.register(folder.cleanup)
    return LAYOUTS[FOLDERS[model]].make(Path(folder.name) / "zoo").model


def said_of(drop: Drop, folder: Path) -> Said:
    """Drop it into a new folder and read it."""
    path = drop.written(folder)
    try:
        job = reader(drop.model).read(path, stem="a-job", shown_as="a-job" if drop.is_folder else JOB_FILE)
    except JobInvalid as error:
        return Said(problems=tuple(error.problems), requests=())
    return Said(problems=job.warnings, requests=job.requests)


def verdict(slip: Slip, folder: Path) -> tuple[Verdict, Said]:
    """What was made of a slip, and what was said."""
    said, wanted = said_of(slip.drop, folder / "slip"), slip.wanted
    right = pictures(said_of(slip.right, folder / "right")) if slip.right else None
    is_read = bool(said.requests) and pictures(said) == right
    if wanted.must_read:
        return ("read" if is_read else "never read" if not said.requests else "altered"), said
    if wanted.may_read and is_read:
        return "read", said
    if not said.problems:
        return "silent", said
    if any(word in str(said) for word in wanted.never):
        return "wrong words", said
    here = [problem for problem in said.problems if any(_is_at(problem, place) for place in wanted.places)]
    if not here:
        return "elsewhere", said
    if wanted.says and not any(_holds(problem, wanted.says) for problem in here):
        return "wrong words", said
    return ("altered" if wanted.must_keep and said.requests and not is_read else "told"), said


def pictures(said: Said) -> list[tuple[object, ...]]:
    """What decides about the pictures and their names."""
    return [
        (one.shot_id, one.file, one.prompt, one.negative_prompt, one.seed, one.width_px, one.height_px, one.steps)
        for one in said.requests
    ]


def _is_at(problem: Problem, place: Place) -> bool:
    file, line = place
    is_whole_file = line in (ALL, problem.line)
    is_example = any(str(line) in "".join(c if c.isdigit() else " " for c in one).split() for one in problem.examples)
    return problem.file.rpartition("/")[2] == file and (is_whole_file or is_example)


def _holds(problem: Problem, words: tuple[str, ...]) -> bool:
    text = "\n".join([problem.rule, problem.where, problem.message, problem.remedy, *problem.examples]).casefold()
    return any(word.casefold() in text for word in words)
