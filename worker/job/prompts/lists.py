"""Lists that a full-width comma or another mark keeps from being lists.

Knows what a list of short values looks like, and that a sentence with commas is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from worker.job.list_values import SEPARATORS, SINGLE, are_values, pieces_of, shown_list
from worker.job.prompts.findings import Finding, Findings
from worker.translation import gettext
from worker.yaml_reader.document import Data, Path, Place, clipped

_SOME_VALUES = 100
"""Of a list: enough to know what its values look like."""


def look_at_lists(data: dict[str, Data], *, places: Mapping[Path, Place], findings: Findings) -> None:
    """Look for lists of which one value holds several.

    Args:
        data: of the job file, checked.
        places: of its values.
        findings: take what is found.
    """
    for path, values in _lists(data, ()):
        seen, is_on_one_line = values[:_SOME_VALUES], _on_one_line(path, values, places)
        plain = {sign: [one for one in seen if len(pieces_of(one, sign)) == 1] for sign in (*SEPARATORS, *SINGLE)}
        is_alone = len(values) == 1
        meant = [_meant(value, plain, is_alone=is_alone, on_one_line=is_on_one_line) for value in values]
        are_alike = _are_alike(meant)
        whole = list(dict.fromkeys(piece for pieces in meant for piece in pieces))
        for at, pieces in enumerate(meant):
            if len(pieces) > 1 and not are_alike:
                findings.add([_finding(values[at], whole)], (*path, at))


def _lists(data: Data, path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Every list of texts below a `matrix` or `metadata`."""
    if isinstance(data, dict):
        for key, part in data.items():
            yield from _lists(part, (*path, key))
    elif isinstance(data, list):
        texts = [part for part in data if isinstance(part, str)]
        if texts and len(texts) == len(data) and {"matrix", "metadata"} & {*path}:
            yield path, texts
        for at, part in enumerate(data):
            yield from _lists(part, (*path, at))


def _are_alike(meant: Sequence[Sequence[str]]) -> bool:
    """Whether each of several values has as many parts, of different kinds: `[红色，哑光, 蓝色，亮面]` is two pairs."""
    kinds = {_kind(piece) for pieces in meant for piece in pieces}
    return len(meant) > 1 and len({*map(len, meant)}) == 1 and len(kinds) > 1


def _kind(piece: str) -> str:
    """What short values of one kind share: 红色 and 蓝色 their end; single words or characters are of one kind."""
    is_word = len(piece) == 1 or (piece.isascii() and " " not in piece)
    return "" if is_word else piece[-1]


def _on_one_line(path: Path, values: Sequence[str], places: Mapping[Path, Place]) -> bool:
    lines = [places[(*path, at)].line for at in range(len(values)) if (*path, at) in places]
    return len(lines) > 1 and len({*lines}) == 1


def _finding(value: str, meant: Sequence[str]) -> Finding:
    return Finding(
        rule="list.full_width_comma",
        cause="list",
        message=gettext(
            "`{value}` is one value of the list: only the comma `,` separates values.", value=clipped(value)
        ),
        remedy=gettext(
            "If several are meant, write {split}; if it is one, leave it.",
            split=shown_list(meant),
        ),
    )


def _meant(value: str, plain: Mapping[str, Sequence[str]], *, is_alone: bool, on_one_line: bool) -> list[str]:
    """The values that one was meant to be; `plain`: values of its list that a separator does not part."""
    for separator in (*SEPARATORS, *SINGLE) if is_alone else SEPARATORS:
        pieces = pieces_of(value, separator)
        if len(pieces) < 2 or not are_values(pieces):
            continue
        if separator in SINGLE and len(pieces) < 3:
            continue
        has_plain = any(are_values([*pieces, other]) for other in plain[separator])
        if is_alone or separator in "；;|｜" or has_plain or (on_one_line and separator in "，﹐"):
            return pieces
    return [value]
