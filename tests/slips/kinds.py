"""All ways of getting one thing wrong, by kind."""

from __future__ import annotations

from collections import Counter
from functools import cache

from slips import cells, characters, encodings, fields, id_columns, layouts, pasted, prompts, punctuation, templates
from slips.variants import Kind, Variant

ROOMS = (templates, prompts, fields, id_columns, encodings, cells, layouts, characters, punctuation, pasted)


@cache
def variants() -> tuple[Variant, ...]:
    """Each once."""
    found = tuple(variant for room in ROOMS for variant in room.variants())
    names = Counter((one.kind, one.name) for one in found)
    assert max(names.values()) == 1, names.most_common(3)
    return found


def of_kind(kind: Kind) -> list[Variant]:
    """Those of one entry of the list of faults."""
    return [one for one in variants() if one.kind == kind]
