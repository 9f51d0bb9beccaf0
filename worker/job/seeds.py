"""What may be written for a seed: a number, or `vary`; what other programs write for any seed is told.

Knows no picture: which seed one has is told where requests are made.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from worker.job.values import whole_between
from worker.translation import gettext
from worker.yaml_reader.document import clipped

MAX_SEED = 2**32 - 1
"""Seeds are 32 bits, so that every tool can repeat them."""
VARY = "vary"
"""In place of a seed: another one for each job and shot."""
_RANDOM = {"-1", "random", "rand", "auto", "none", "null", "any", "randomize", "随机", "默认", "自动"}
"""What other programs write for a seed that changes."""


def _seed(given: object) -> int | str:
    text = given.strip() if isinstance(given, str) else ""
    if text.lower() == VARY:
        return VARY
    if text.lower() in _RANDOM:
        raise ValueError(
            gettext(
                "`{text}` is not a seed here. Leave `seed` out: each shot then has its own; or write `seed: vary` for "
                "another one in each job.",
                text=clipped(text),
            )
        )
    return whole_between(given, 0, MAX_SEED)


Seed = Annotated[
    int | Literal["vary"],
    BeforeValidator(_seed),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0, "maximum": MAX_SEED}, {"type": "string", "enum": [VARY]}]}
    ),
]
