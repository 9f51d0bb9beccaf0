"""Checks of placeholders: which a job may use where, and which it uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.job.key_rules import COMPOSED, shots_in
from worker.job.placeholders import Placeholder, placeholders_in
from worker.translation import Text, gettext, ngettext
from worker.yaml_reader.document import Data, Fault, Path, clipped, where
from worker.yaml_reader.problems import did_you_mean

INHERITED = ("negative_prompt", "file_name", "metadata")
"""Texts with placeholders that a shot takes from the top when it has none of its own."""
IN_A_PICTURE = ("prompt", "negative_prompt", "avoid", *COMPOSED)
"""Texts with placeholders that change the picture."""
BUILT_IN = ("id", "index", "name")
NUMBERS = ("index", "seed")
SHOTS_NAMED = 3
"""How many shots a warning names; a job may have thousands."""

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
        matrix, names = _matrix(data, shot, path=path), _names(data, shot, columns=columns or ())
        for at in matrix:
            if at[-1] in (columns or ()):
                message = gettext("The products have a column of this name. Rename one of the two.")
                found[at, message] = Fault(path=at, message=message, at_key=True)
        for key, (at, text) in _texts_of(data, shot, path=path):
            allowed = [*names, "seed"] if key == "file_name" else names
            for message in _messages(text, allowed, all_known=columns is not None):
                found[at, message] = Fault(path=at, message=message)
    return list(found.values())


def asks_for_columns(data: dict[str, Data], *, columns: Sequence[str] | None) -> bool:
    """Whether a placeholder asks for a column of a table, or for what nothing but a table can give.

    Args:
        data: of a job file that names no products.
        columns: of the table; None when they could not be read.
    """
    for path, shot in shots_in(data):
        given = {*_names(data, shot, columns=()), "seed"} - {*(("name",) if columns is None else columns)}
        for _, (_, text) in _texts_of(data, shot, path=path):
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
        texts = [text for key, (_, text) in _texts_of(data, shot, path=path) if key in IN_A_PICTURE]
        names = {piece.name for text in texts for piece in placeholders_in(text)}
        for at in _matrix(data, shot, path=path):
            if at[-1] not in names:
                found.setdefault((at, "seed" in shot or "seed" in data), []).append(where(path) or "prompt")
    return [
        Fault(path=at, message=_in_vain(at, shots, is_fixed=is_fixed), at_key=True, is_warning=True)
        for (at, is_fixed), shots in found.items()
    ]


def _in_vain(at: Path, shots: Sequence[str], *, is_fixed: bool) -> Text:
    named = ", ".join(f"`{shot}`" for shot in shots[:SHOTS_NAMED])
    if len(shots) > SHOTS_NAMED:
        named = gettext("{shots} and {number} more", shots=named, number=len(shots) - SHOTS_NAMED)
    effect = gettext("the pictures there differ only by their seeds")
    if is_fixed:
        effect = gettext("the seed is fixed, so the same picture is made for every value")
    remedy = gettext("Use it there, or remove it.")
    if len(at) == len(("matrix", "key")) and shots != ["prompt"]:
        remedy = gettext("Use it there, or write `matrix: {{}}` there.")
    return ngettext(
        "{shots} does not use `{{{key}}}`: {effect}. {remedy}",
        "{shots} do not use `{{{key}}}`: {effect}. {remedy}",
        len(shots),
        shots=named,
        key=at[-1],
        effect=effect,
        remedy=remedy,
    )


def _matrix(data: dict[str, Data], shot: dict[str, Data], *, path: Path) -> list[Path]:
    """Paths of the matrix keys that a shot is under: its own, else the job's."""
    matrix, at = (shot["matrix"], path) if "matrix" in shot else (data.get("matrix"), ())
    return [(*at, "matrix", key) for key in matrix] if isinstance(matrix, dict) else []


def _names(data: dict[str, Data], shot: dict[str, Data], *, columns: Sequence[str]) -> list[str]:
    keys = [str(at[-1]) for at in _matrix(data, shot, path=())]
    return sorted({*columns, *keys, *BUILT_IN, *(("sku",) if "products" in data else ())})


def _texts_of(data: dict[str, Data], shot: dict[str, Data], *, path: Path) -> Iterator[tuple[str, Place]]:
    """The shot's own texts and those it takes from the top, by key."""
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


def _messages(text: str, names: Sequence[str], *, all_known: bool) -> Iterator[Text]:
    try:
        placeholders = list(placeholders_in(text))
    except ValueError as error:
        yield error.args[0]
        return
    for placeholder in placeholders:
        if placeholder.name not in names:
            if all_known:
                yield _unknown(placeholder, names)
        elif placeholder.format and placeholder.name not in NUMBERS:
            yield gettext(
                "`{{{name}}}` is text, and only {{index}} and {{seed}} can have a format. Leave it out.",
                name=placeholder.name,
            )


def _unknown(placeholder: Placeholder, names: Sequence[str]) -> Text:
    return gettext(
        "Nothing is called `{{{name}}}`.{guess} There is {known}.",
        name=clipped(placeholder.name),
        guess=did_you_mean(placeholder.name, names),
        known=", ".join(f"{{{name}}}" for name in names[:30]),
    )
