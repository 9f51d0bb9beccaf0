"""Translation: every text that people read, from one message catalogue (gettext).

Knows how a text is said in a language. Whoever writes a text calls `gettext` with English; whoever shows it to a person
calls `translated` with that person's language. Between the two it is an ordinary str, in English.
"""

from __future__ import annotations

import gettext as standard
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

Language = Literal["en"]
"""Languages with a catalogue below `worker/locale/`; English needs none."""
DOMAIN = "zimage-worker"
LOCALE_DIR = Path(__file__).parent / "locale"


class Text(str):
    """A text in English that can be said again in another language."""

    template: str
    plural: str | None
    values: Mapping[str, object]
    """Fill the template's placeholders; with a plural, `count` is among them."""

    def __new__(cls, template: str, plural: str | None, values: Mapping[str, object]) -> Text:
        """Say it in English."""
        form = template if plural is None or values["count"] == 1 else plural
        made = super().__new__(cls, form.format(**values))
        made.template, made.plural, made.values = template, plural, values
        return made

    def filled(self, **values: object) -> Text:
        """The same text with these values in the place of its own, by placeholder."""
        return Text(self.template, self.plural, {**self.values, **values})

    def __reduce__(self) -> tuple[object, ...]:
        """It travels between processes."""
        return Text, (self.template, self.plural, self.values)


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
        separator: stands between them; the same in every language.
    """
    values = {f"text_{number}": text for number, text in enumerate(texts)}
    template = separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values)
    return Text(template, None, values) if values else ""


def translated(text: str, language: Language) -> str:
    """The text in that language; one that did not come from the catalogue stays as it is.

    Args:
        text: of the catalogue, or any other.
        language: one that has a catalogue.
    """
    if not isinstance(text, Text):
        return text
    said = catalogue(language)
    values = {name: translated(v, language) if isinstance(v, str) else v for name, v in text.values.items()}
    if text.plural is None:
        return said.gettext(text.template).format(**values)
    count = values["count"]
    assert isinstance(count, int)
    return said.ngettext(text.template, text.plural, count).format(**values)


@lru_cache
def catalogue(language: Language) -> standard.NullTranslations:
    """The catalogue itself, for templates."""
    return standard.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)
