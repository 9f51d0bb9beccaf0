"""Checks of placeholders: which a job may use where, and which it uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from worker.job.key_rules import COMPOSED, shots_in
from worker.job.placeholders import Placeholder, is_plain_name, placeholders_in
from worker.job.table.header import cleaned, in_braces, loosely
from worker.plain_names import composed
from worker.translation import Text, enumerated, gettext, ngettext
from worker.yaml_reader.document import Data, Fault, Path, clipped, where
from worker.yaml_reader.problems import did_you_mean

INHERITED = ("negative_prompt", "file_name", "metadata")
"""Texts with placeholders that a shot takes from the top when it has none of its own."""
IN_A_PICTURE = ("prompt", "negative_prompt", "avoid", *COMPOSED)
"""Texts with placeholders that change the picture."""
BUILT_IN = ("id", "index", "name")
NUMBERS = ("index", "seed")
RESERVED = {
    "id": gettext("the id of a shot"),
    "index": gettext("the number of a picture"),
    "seed": gettext("a picture's seed"),
}
"""Placeholders that a column cannot fill, and what they are."""
_BRACES = re.compile(r"\{([^{}]+)\}")
SHOTS_NAMED = 3
"""How many shots a warning names; a job may have thousands."""

_NODES = re.compile(r'"(?:class_type|inputs|widgets_values|last_node_id|nodes)"\s*:')

_MOST_FAULTS = 100
"""Of one text; more than are told."""
Place = tuple[Path, str]
"""A path and the text there."""


def template_faults(data: dict[str, Data], *, columns: Sequence[str] | None) -> list[Fault]:
    """Every placeholder that is not well formed or has no value.

    Args:
        data: of the job file.
        columns: of the products; None when they could not be read, so that no name can be called unknown.
    """
    found: dict[tuple[Path, str], Fault] = {}
    for path, shot in shots_in(data):
        matrix, names = matrix_of(data, shot, path=path), _names(data, shot, columns=columns or ())
        for at in matrix:
            if _key(at) in (columns or ()):
                message = gettext("The products have a column of this name. Rename one of the two.")
                found[at, message] = Fault(path=at, message=message, at_key=True)
        for key, (at, text) in texts_of(data, shot, path=path):
            allowed = [*names, "seed"] if key == "file_name" else names
            hidden = set(columns or ()) & set(RESERVED) if key in IN_A_PICTURE else set()
            messages = _messages(text, allowed, hidden=hidden, all_known=columns is not None)
            for message in islice(messages, _MOST_FAULTS):
                found[at, message] = Fault(path=at, message=message)
    return list(found.values())


def placeholders_used(data: dict[str, Data]) -> frozenset[str]:
    """Every name in braces that the job's texts have; of a text that is not well formed none."""
    found: set[str] = set()
    for path, shot in shots_in(data):
        for _, (_, text) in texts_of(data, shot, path=path):
            with suppress(ValueError):
                found |= {piece.name for piece in placeholders_in(text)}
    return frozenset(found)


def matrix_keys(data: dict[str, Data]) -> frozenset[str]:
    """Every name that a matrix of the job fills."""
    return frozenset(_key(at) for path, shot in shots_in(data) for at in matrix_of(data, shot, path=path))


def asks_for_columns(data: dict[str, Data], *, columns: Sequence[str] | None) -> bool:
    """Whether a placeholder asks for a column of a table, or for what nothing but a table can give.

    Args:
        data: of a job file that names no products.
        columns: of the table; None when they could not be read.
    """
    for path, shot in shots_in(data):
        given = {*_names(data, shot, columns=()), "seed"} - {*(("name",) if columns is None else columns)}
        for _, (_, text) in texts_of(data, shot, path=path):
            try:
                asks = any(piece.name not in given for piece in placeholders_in(text))
            except ValueError:  # braces around something else: told by `template_faults`, together with the columns
                asks = True
            if asks:
                return True
    return False


def unused_matrix(data: dict[str, Data]) -> list[Fault]:
    """A warning for each matrix key that shots do not use: their pictures differ by their seeds, or not at all."""
    found: dict[tuple[Path, bool], list[str]] = {}
    for path, shot in shots_in(data):
        texts = [text for key, (_, text) in texts_of(data, shot, path=path) if key in IN_A_PICTURE]
        names = {piece.name for text in texts for piece in placeholders_in(text)}
        for at in matrix_of(data, shot, path=path):
            if _key(at) not in names:
                found.setdefault((at, "seed" in shot or "seed" in data), []).append(where(path) or "prompt")
    told: dict[tuple[str | int, int, bool], tuple[Path, list[str]]] = {}
    for (at, is_fixed), shots in found.items():  # shots with matrices of their own: one warning for a key
        told.setdefault((at[-1], len(at), is_fixed), (at, []))[1].extend(shots)
    return [
        Fault(
            path=at,
            message=_in_vain(at, shots, is_fixed=is_fixed),
            remedy=_use_it(at, shots),
            rule="matrix.unused",
            at_key=True,
            is_warning=True,
        )
        for (_, _, is_fixed), (at, shots) in told.items()
    ]


def _in_vain(at: Path, shots: Sequence[str], *, is_fixed: bool) -> Text:
    named = enumerated(f"`{shot}`" for shot in shots[:SHOTS_NAMED])
    if len(shots) > SHOTS_NAMED:
        named = gettext("{shots} and {number} more", shots=named, number=len(shots) - SHOTS_NAMED)
    effect = gettext("the pictures there differ only by their seeds")
    if is_fixed:
        effect = gettext("the seed is fixed, so the same picture is made for every value")
    return ngettext(
        "{shots} does not use `{{{key}}}`: {effect}.",
        "{shots} do not use `{{{key}}}`: {effect}.",
        len(shots),
        shots=named,
        key=at[-1],
        effect=effect,
    )


def _use_it(at: Path, shots: Sequence[str]) -> Text:
    if len(at) == len(("matrix", "key")) and shots != ["prompt"]:
        return gettext("Use it there, or write `matrix: {{}}` there.")
    return gettext("Use it there, or remove it.")


def matrix_of(data: dict[str, Data], shot: dict[str, Data], *, path: Path) -> list[Path]:
    """Paths of the matrix keys that a shot is under: its own, else the job's.

    Args:
        data: of the job file.
        shot: of it.
        path: of the shot.
    """
    matrix, at = (shot["matrix"], path) if "matrix" in shot else (data.get("matrix"), ())
    return [(*at, "matrix", key) for key in matrix] if isinstance(matrix, dict) else []


def _names(data: dict[str, Data], shot: dict[str, Data], *, columns: Sequence[str]) -> list[str]:
    keys = [_key(at) for at in matrix_of(data, shot, path=())]
    return sorted({*(set(columns) - set(RESERVED)), *keys, *BUILT_IN, *(("sku",) if "products" in data else ())})


def _key(at: Path) -> str:
    """A matrix key as placeholders are compared: composed, as one keyboard has it and another has not."""
    return composed(str(at[-1]))


def texts_of(data: dict[str, Data], shot: dict[str, Data], *, path: Path) -> Iterator[tuple[str, Place]]:
    """The shot's own texts and those it takes from the top, by key.

    Args:
        data: of the job file.
        shot: of it.
        path: of the shot.
    """
    for key in (*IN_A_PICTURE, "file_name", "metadata"):
        if key in shot:
            yield from ((key, place) for place in _texts(shot[key], (*path, key)))
        if key in data and key in INHERITED and (key not in shot or key == "metadata"):
            yield from ((key, place) for place in _texts(data[key], (key,)))


def _texts(data: Data, path: Path) -> Iterator[Place]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for at, part in enumerate(data):
            yield from _texts(part, (*path, at))
    else:
        for key, part in data.items():
            yield from _texts(part, (*path, key))


def _messages(text: str, names: Sequence[str], *, hidden: Collection[str], all_known: bool) -> Iterator[Text]:
    if is_workflow(text):
        yield gettext(
            "This is a workflow of ComfyUI (JSON), not a prompt. Copy the words out of its text node and write them"
            " here."
        )
        return
    try:
        placeholders = dict.fromkeys(placeholders_in(text))
    except ValueError as error:
        yield _of_a_column(text, names) or error.args[0]
        return
    for placeholder in placeholders:
        if placeholder.name in hidden:
            yield gettext(
                "`{{{name}}}` is {meaning} here, not the products' column of that name. Rename the column.",
                name=placeholder.name,
                meaning=RESERVED[placeholder.name],
            )
        elif placeholder.name not in names:
            if all_known:
                yield _unknown(placeholder, names)
        elif placeholder.format and placeholder.name not in NUMBERS:
            yield gettext(
                "`{{{name}}}` is text, and only {{index}} and {{seed}} can have a format. Leave it out.",
                name=placeholder.name,
            )


def _of_a_column(text: str, names: Sequence[str]) -> Text | None:
    """How to write braces around a column's name as it stands in the table; None where there is no such column."""
    for braces in _BRACES.finditer(text):
        if not is_plain_name(braces[1]) and (name := _near(cleaned(braces[1]), names)):
            remedy = gettext("Write `{{{name}}}`.", name=name)
            return gettext("`{text}` is not a placeholder. {remedy}", text=clipped(braces[0]), remedy=remedy)
    return None


def _near(column: str, names: Sequence[str]) -> str:
    """What stands in braces for a column, as it is written or nearly so; empty where that is none, or several."""
    if (exact := in_braces(column)) in names:
        return exact
    near = [name for name in names if loosely(name) == loosely(column)]
    return near[0] if len(near) == 1 else ""


def is_workflow(text: str) -> bool:
    """Whether a text is what ComfyUI saves: JSON with nodes."""
    return text.lstrip()[:1] in ("{", "[") and _NODES.search(text) is not None


def _unknown(placeholder: Placeholder, names: Sequence[str]) -> Text:
    return gettext(
        "Nothing is called `{{{name}}}`.{guess} There is {known}.",
        name=clipped(placeholder.name),
        guess=did_you_mean(placeholder.name, names),
        known=enumerated(f"{{{name}}}" for name in names[:30]),
    )
