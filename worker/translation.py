"""Translation: every text that people read, from one message catalogue (gettext).

Knows how a text is said in a language. Whoever writes a text calls `gettext` with English; whoever shows it to a person
calls `translated` with that person's language. Between the two it is an ordinary str, in English. Whatever fills a
placeholder is printable, so that no name on a share can steer a terminal or pass for a line of ours.
"""

from __future__ import annotations

import gettext as standard
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]
"""Languages with a catalogue below `worker/locale/`; English needs none."""
DOMAIN = "zimage-worker"
LOCALE_DIR = Path(__file__).parent / "locale"


UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls (escape sequences begin with one), ends of lines, turns of the writing's direction, halves of characters."""
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str) -> str:
    r"""The text on one line, with every character that is none to see spelt out: `\n`, `\x1b`, `\u202e`.

    A byte that is not UTF-8, which Python keeps as a lone surrogate, is spelt as the byte: `\xff`.
    """
    return UNPRINTABLE.sub(lambda found: spelt(found[0]), text)


def spelt(character: str) -> str:
    """One character as `printable` spells it."""
    code = ord(character)
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    return _SHORT.get(character) or (f"\\x{byte:02x}" if byte < 0x100 else f"\\u{byte:04x}")


class Text(str):
    """A text in English that can be said again in another language."""

    template: str
    plural: str | None
    values: Mapping[str, object]
    """Fill the template's placeholders; with a plural, `count` is among them."""

    def __new__(cls, template: str, plural: str | None, values: Mapping[str, object]) -> Text:
        """Say it in English."""
        form = template if plural is None or values["count"] == 1 else plural
        made = super().__new__(cls, form.format(**{name: _shown(value) for name, value in values.items()}))
        made.template, made.plural, made.values = template, plural, values
        return made

    def __str__(self) -> str:
        """Itself: so `str(error)` and `print` keep the template."""
        return self

    def filled(self, **values: object) -> Text:
        """The same text with these values in the place of its own, by placeholder."""
        return Text(self.template, self.plural, {**self.values, **values})

    def __reduce__(self) -> tuple[object, ...]:
        """It travels between processes."""
        return Text, (self.template, self.plural, self.values)


def _shown(value: object) -> object:
    """A value as it fills a placeholder; a number stays one, as it may decide the form."""
    return value if isinstance(value, Text | int | float) else printable(str(value))


def gettext(template: str, /, **values: object) -> Text:
    """A text for people.

    Args:
        template: English, a literal so that Babel finds it, with plain placeholders such as `{name}`; a brace is `{{`.
        values: what fills the placeholders; may be such texts themselves.
    """
    return Text(template, None, values)


def ngettext(one: str, many: str, count: int, /, **values: object) -> Text:
    """A text that depends on a number, which its placeholder `{count}` shows.

    Args:
        one: for exactly one, in English.
        many: for any other number.
        count: how many.
        values: what fills the other placeholders.
    """
    return Text(one, many, {**values, "count": count})


def joined(texts: Iterable[str], separator: str = "\n") -> str:
    """Texts one after the other, as `separator.join` has them; each can still be said in another language.

    Args:
        texts: of the catalogue, or any others.
        separator: stands between them; the same in every language, unless it is of the catalogue itself.
    """
    values = {f"text_{number}": text for number, text in enumerate(texts)}
    is_said = isinstance(separator, Text)
    between = "{separator}" if is_said else separator.replace("{", "{{").replace("}", "}}")
    template = between.join(f"{{{name}}}" for name in values)
    return Text(template, None, {**values, "separator": separator} if is_said else values) if values else ""


def enumerated(words: Iterable[str]) -> str:
    """`a, b, c`: with the commas of each language.

    Args:
        words: of the catalogue, or any others.
    """
    return joined(words, gettext(", "))


def sentences(texts: Iterable[str | None]) -> str:
    """One sentence after the other: with the blanks between them that each language has, Chinese has none.

    Args:
        texts: of the catalogue, or any others; empty ones, and None, are left out.
    """
    told = [text for text in texts if text]
    said = told[0] if told else ""
    for text in told[1:]:
        said = gettext("{sentence} {next_sentence}", sentence=said, next_sentence=text)
    return said


SYSTEM_WORDS = frozenset(
    {
        gettext("Permission denied"),
        gettext("Operation not permitted"),
        gettext("No such file or directory"),
        gettext("No space left on device"),
        gettext("Disk quota exceeded"),
        gettext("Read-only file system"),
        gettext("Input/output error"),
        gettext("Device or resource busy"),
        gettext("Stale file handle"),
        gettext("Transport endpoint is not connected"),
        gettext("Host is down"),
        gettext("No route to host"),
        gettext("Connection timed out"),
        gettext("File exists"),
        gettext("Is a directory"),
        gettext("Not a directory"),
        gettext("File name too long"),
        gettext("Too many open files"),
        gettext("Too many levels of symbolic links"),
        gettext("Resource temporarily unavailable"),
        gettext("Cannot allocate memory"),
        gettext("Invalid argument"),
    }
)
"""What Linux says of the errors of files that people meet; it says them in English to a program that sets no locale."""


def translated(text: str, language: Language) -> str:
    """The text in that language; one that did not come from the catalogue stays as it is.

    Args:
        text: of the catalogue, or any other.
        language: one that has a catalogue.
    """
    if not isinstance(text, Text):
        return text
    said = catalogue(language)
    values = {name: _said(value, language) for name, value in text.values.items()}
    if text.plural is None:
        return said.gettext(text.template).format(**values)
    count = values["count"]
    assert isinstance(count, int)
    return said.ngettext(text.template, text.plural, count).format(**values)


def packed(text: str) -> object:
    """A text as JSON, for a process or a file of our own; `unpacked` makes it again.

    Args:
        text: of the catalogue, or any other.
    """
    if not isinstance(text, Text):
        return text
    values = {
        name: value if isinstance(value, int | float) else packed(str(value)) for name, value in text.values.items()
    }
    return {"template": text.template, "plural": text.plural, "values": values}


def unpacked(value: object) -> str:
    """The text of which `packed` made this; of anything else its words.

    Args:
        value: written by this program: a template from elsewhere could ask for anything.
    """
    match value:
        case {"template": str(template), "plural": str() | None as plural, "values": dict(values)}:
            inner = {name: one if isinstance(one, int | float) else unpacked(one) for name, one in values.items()}
            return Text(template, plural, inner)
        case _:
            return str(value)


def translated_within(value: object, language: Language) -> object:
    """A document for JSON with every text of the catalogue in it in that language; keys stay.

    Args:
        value: mappings, lists and plain values.
        language: one that has a catalogue.
    """
    match value:
        case str():
            return translated(value, language)
        case Mapping():
            return {key: translated_within(inner, language) for key, inner in value.items()}
        case list() | tuple():
            return [translated_within(inner, language) for inner in value]
        case _:
            return value


def _said(value: object, language: Language) -> object:
    """A value as it fills a placeholder, in that language."""
    if isinstance(value, Text):
        return translated(value, language)
    return catalogue(language).gettext(value) if isinstance(value, str) and value in SYSTEM_WORDS else _shown(value)


@lru_cache
def catalogue(language: Language) -> standard.NullTranslations:
    """The catalogue itself, for templates."""
    return standard.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)
