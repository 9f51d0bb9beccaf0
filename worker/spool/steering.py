"""The names by which people steer the workers: `PAUSE`, and a verb behind a job's name; all in one table.

Pure: knows names only. What each verb comes to, `controls` knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from worker.plain_names import YAML_ENDINGS, alike

Verb = Literal["cancel", "retry", "approve", "reject"]
"""What may be asked of a job, each by a file `NAME.VERB`."""
VERBS: tuple[Verb, ...] = get_args(Verb)
PAUSES = ("PAUSE", "PAUSE.txt")
"""Windows adds `.txt` to a new text file, and may hide that it did."""
READY = ".ready"
"""After the whole file name of a job that is complete; waited for where the settings ask for it."""
_ASKS = re.compile(rf"(.*)\.({'|'.join(VERBS)})(?:\.txt)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A file in the inbox that asks for something to be done with a job."""

    verb: Verb
    meaning: str
    """Of which job, as `meant_by` spells it."""
    name: str
    """Of the file."""


def is_steering(name: str) -> bool:
    """Whether a file of that name steers workers, and is never a job.

    Args:
        name: in the inbox.
    """
    return bool(pauses_in([name]) or _ASKS.fullmatch(name)) or name.lower().endswith(READY)


def pauses_in(names: Iterable[str]) -> list[str]:
    """The files by which all workers are to wait.

    Args:
        names: of the inbox.
    """
    pauses = {alike(name) for name in PAUSES}
    return [name for name in names if len(name) < 10 and alike(name) in pauses]


def controls_in(names: Iterable[str]) -> list[Control]:
    """The files that ask for something to be done with a job.

    Args:
        names: of the inbox.
    """
    found = []
    for name in names:
        asks = None if name.startswith((".", "~")) else _ASKS.fullmatch(name)
        if asks is not None:
            verb = next(verb for verb in VERBS if verb == asks[2].lower())
            found.append(Control(verb=verb, meaning=called(asks[1]), name=name))
    return found


def meant_by(*names: str | None) -> set[str]:
    """What such a file may say for a job of these names: each with or without `.yaml`, in any case.

    Args:
        names: of the job's file or folder, its stem, its shown name.
    """
    return {called(name) for name in names if name is not None}


def called(name: str) -> str:
    """A job's name as all its spellings have it: of any case and form, with or without `.yaml`."""
    spelt = alike(name).strip()
    ending = next((ending for ending in YAML_ENDINGS if spelt.endswith(ending)), "")
    return spelt.removesuffix(ending).strip()
