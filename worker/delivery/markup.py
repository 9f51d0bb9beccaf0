"""HTML in which text cannot become markup.

Knows escaping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from urllib.parse import quote

_VOID = frozenset({"img", "input", "meta"})
"""Elements without content and without an end, of those this room writes."""


class Html(str):
    """Markup that is already safe. Only this module and trusted package files make it from text."""

    __slots__ = ()


def tag(name: str, /, *content: str, **attributes: str | int | bool) -> Html:
    """An element; whatever is not Html is text, and escaped.

    Args:
        name: of the element.
        content: texts and elements, in order.
        attributes: `class_` is `class`, `data_x` is `data-x`; True is the bare name, False leaves it out.
    """
    opening = _opening(name, attributes)
    return opening if name in _VOID else Html(f"{opening}{joined(*content)}</{name}>")


def pieces(name: str, content: Iterable[str], /, **attributes: str | int | bool) -> Iterator[Html]:
    """The same a piece at a time, for an element that is too long to hold; `content` is taken as it is asked for."""
    yield _opening(name, attributes)
    yield from map(joined, content)
    yield Html(f"</{name}>")


def joined(*content: str, separator: str = "") -> Html:
    """Texts and elements after one another; `separator` is text."""
    parts = (part if isinstance(part, Html) else escape(part) for part in content)
    return Html(escape(separator).join(parts))


def link_to(file: str) -> str:
    """A relative reference to a file beside the page; `./` keeps a colon in it from looking like a scheme."""
    return f"./{quote(file)}"


def _opening(name: str, attributes: Mapping[str, str | int | bool]) -> Html:
    return Html(f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>")


def _attribute(key: str, value: str | int | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return f" {name}" if value else ""
    return f' {name}="{escape(str(value))}"'
