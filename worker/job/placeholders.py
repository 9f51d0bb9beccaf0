"""Placeholders: `{name}`, and `{index:02}` for numbers.

It is not `str.format`, whose attribute access would let a job read the program's memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from worker.invisible_characters import INVISIBLE
from worker.plain_names import composed
from worker.translation import Text, gettext
from worker.yaml_reader.document import Data, clipped

Value = str | int
"""Text fills a placeholder as it is; a number may have a format."""

OWN_NAMES = frozenset({"id", "index", "seed", "name", "sku"})
"""What the worker fills by itself."""
EACH_IN_A_MATRIX = gettext(
    "For a picture of each, write the values as a list under `matrix`, such as `matrix: {{colour: [red, blue]}}`, and "
    "`{{colour}}` in the text."
)
"""What to do instead of what other programs would choose among."""
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_FORMAT = re.compile(r"0?[1-9]?[0-9]?d?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A name in braces."""

    name: str
    format: str = ""
    """For numbers: as in Python, such as `02`; at most two digits wide."""

    def fill(self, values: Mapping[str, Value]) -> str:
        """The value as text."""
        value = values[self.name]
        return format(value, self.format) if self.format else str(value)


def is_plain_name(name: str) -> bool:
    """Whether the name can stand in braces: letters of any script, digits and `_`, not beginning with a digit."""
    return name.isidentifier() and len(name) <= 40


@lru_cache(maxsize=1024)
def parse(template: str) -> tuple[str | Placeholder, ...]:
    """The template's pieces; `{{` and `}}` are literal braces.

    Raises:
        ValueError: a brace without its partner, or braces around what is no plain name.
    """
    return tuple(_piece(found) for found in _PIECE.finditer(template))


def _piece(found: re.Match[str]) -> str | Placeholder:
    text, inner = found[0], found[1]
    if text in ("{", "}"):
        raise ValueError(
            gettext(
                "A `{brace}` stands alone. Write `{doubled}` for a brace in the text.", brace=text, doubled=text * 2
            )
        )
    if inner is None:
        return {"{{": "{", "}}": "}"}.get(text, text)
    name, colon, form = inner.partition(":")
    if not is_plain_name(name):
        if remedy := _meant(inner):
            raise ValueError(gettext("`{text}` is not a placeholder. {remedy}", text=clipped(text), remedy=remedy))
        raise ValueError(
            gettext(
                "`{text}` is not a placeholder. Allowed is a plain name, such as {{id}} or {{index:02}};"
                " write `{{{{` and `}}}}` for braces in the text.",
                text=clipped(text),
            )
        )
    if colon and (not form or not _FORMAT.fullmatch(form)):
        raise ValueError(
            gettext(
                "`{text}`: `{form}` is not a format. Allowed is a width such as 02.",
                text=clipped(text),
                form=clipped(form),
            )
        )
    return Placeholder(name=composed(name), format=form)


def _meant(inner: str) -> Text | None:
    """The remedy for what other programs would understand in braces."""
    if inner.strip().startswith("%") or inner.strip().startswith("#"):
        return gettext("Conditions and loops of templates are not understood: write the text itself, or several shots.")
    if "|" in inner or "$$" in inner:
        return EACH_IN_A_MATRIX
    if unseen := [c for c in inner if c in INVISIBLE]:
        return gettext(
            "It holds a character that nobody sees (U+{code}): type the name anew.", code=f"{ord(unseen[0]):04X}"
        )
    name, colon, form = unicodedata.normalize("NFKC", inner).strip().partition(":")
    if colon and is_plain_name(name) and _FORMAT.fullmatch(form) and form:
        return gettext("Write `{{{name}:{form}}}`.", name=name, form=form)
    words = re.fullmatch(r"\s*(?:\w+(?:\.|\[['\"]))*([^\W_]\w*)(?:['\"]\])*\s*", inner)
    if words and is_plain_name(words[1]):
        return gettext("Write only the name: `{{{name}}}`.", name=words[1])
    return None


def placeholders_in(template: str) -> Iterator[Placeholder]:
    """The placeholders of a template.

    Raises:
        ValueError: as for `parse`.
    """
    return (piece for piece in parse(template) if isinstance(piece, Placeholder))


def fill(template: str, values: Mapping[str, Value]) -> str:
    """The template with every placeholder replaced by its value.

    Args:
        template: checked before, so that every name is in `values`.
        values: by name.
    """
    if "{" not in template and "}" not in template:
        return template
    return "".join(piece if isinstance(piece, str) else piece.fill(values) for piece in parse(template))


def fill_throughout(data: Data, values: Mapping[str, Value]) -> Data:
    """The same for every text in lists and mappings; keys stay as they are.

    Args:
        data: texts, lists and mappings, in one another.
        values: by name of the placeholder.
    """
    if isinstance(data, str):
        return fill(data, values)
    if isinstance(data, list):
        return [fill_throughout(part, values) for part in data]
    return {key: fill_throughout(part, values) for key, part in data.items()}
