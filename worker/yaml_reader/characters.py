"""Characters that look like YAML's own, or like nothing at all: what each is called, and what is meant by it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from worker.invisible_characters import INVISIBLE, without_needless
from worker.translation import Text, gettext

SPACES: Mapping[str, Text] = {
    "\u00a0": gettext("no-break space"),
    "\u1680": gettext("ogham space"),
    **dict.fromkeys("\u2000\u2002", gettext("en space")),
    **dict.fromkeys("\u2001\u2003", gettext("em space")),
    **dict.fromkeys("\u2004\u2005\u2006\u2009\u200a\u205f", gettext("thin space")),
    "\u2007": gettext("figure space"),
    "\u2008": gettext("punctuation space"),
    "\u202f": gettext("narrow no-break space"),
    "\u3000": gettext("full-width space"),
}
"""Spaces that YAML takes for letters."""
LINE_ENDS: Mapping[str, Text] = {
    "\u0085": gettext("next line"),
    "\u2028": gettext("line separator"),
    "\u2029": gettext("paragraph separator"),
}
"""Ends of lines for YAML, and for no editor that counts them."""
CONTROLS: Mapping[str, Text] = {"\v": gettext("vertical tab"), "\f": gettext("form feed"), "`": gettext("backtick")}
"""Characters that are better named than shown."""
DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u30fc\u2500\u2501")
BULLETS = frozenset(
    "\u2022\u00b7\u2023\u2043\u25cf\u25cb\u25aa\u25ab\u25e6\u25a0\u25a1\u2219\u30fb\u2027\uff65\u25b6\u27a4\uff0a"
)
"""Both stand where a list's dash should."""
QUOTES: Mapping[str, str] = {
    "\u201c": "\u201d\u201c",
    "\u201d": "\u201d\u201c",
    "\u2018": "\u2019\u2018",
    "\u2019": "\u2019\u2018",
    "\u201e": "\u201c\u201d",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\u00ab": "\u00bb",
    "\uff02": "\uff02",
    "\uff07": "\uff07",
    "\u301d": "\u301e\u301f",
    "`": "`",
}
"""Marks that people put around a text, each with what closes it; none is one for YAML."""
BRACKETS: Mapping[str, str] = {"\uff3b": "[", "\uff3d": "]", "\uff5b": "{", "\uff5d": "}"}
COMMAS = frozenset("\uff0c\u3001\uff1b")
COLONS = frozenset("\uff1a\ufe55\ua789\u2236\ufe13\ufe30\u02d0")
HASHES = frozenset("\uff03\ufe5f")
LETTERS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u043a\u043c\u0442\u043f\u0433"
    "\u044c\u0432\u03bf\u03b1\u03c1\u03bd\u03c5\u03b9\u03ba\u03c4\u03b5\u03c7\u03b7\u03b3\u03f2\u03f3\u0131\u0269\u0251"
    "\u0261\u01c0\u0581\u057d\u0578",
    "aeopcyxijshdqwkmtnrbboapvuiktexnycjiiaglgun",
)
"""Letters of other scripts that look like plain ones; source: Unicode's confusables, the small letters of keys."""
_PLAIN = frozenset("\u00d7")
"""Not ASCII, and as good: the sign in 1024\u00d71024."""


def shown(character: str) -> Text:
    """The character with its code point; by its name where there is nothing to see."""
    code = f"U+{ord(character):04X}"
    name = next((names[character] for names in (SPACES, INVISIBLE, LINE_ENDS, CONTROLS) if character in names), None)
    if name is not None:
        return gettext("{code} ({name})", code=code, name=name)
    return gettext("`{character}` ({code})", character=character, code=code)


def bare(text: str) -> str:
    """The text without what nobody sees, its other spaces plain; blanks and quotation marks around it are gone."""
    seen = "".join(" " if c in SPACES else c for c in text if c not in INVISIBLE).strip()
    if len(seen) > 1 and seen[-1] in QUOTES.get(seen[0], ""):
        seen = seen[1:-1].strip()
    return seen


def plain(text: str) -> str:
    """What was meant by a key, a number or a word of a list: with plain letters and digits, `bare`."""
    if text.isascii():
        return text.strip()
    seen = bare(text)
    if seen.isascii():
        return seen
    folded = unicodedata.normalize("NFKC", seen)
    folded = "".join("-" if c in DASHES else c for c in folded)
    latin = folded.translate(LETTERS)
    return latin if all(c.isascii() or c in _PLAIN for c in latin) else folded


def first_odd(text: str) -> str:
    """The character of a text because of which `plain` changes it; empty when it does not."""
    if text == plain(text):
        return ""
    return next((c for c in text if not c.isascii() and plain(f"a{c}a") != f"a{c}a"), "") or text.strip()[:1]


def without_invisible(text: str) -> str:
    """A name without what nobody sees and its writing does not need, and without blanks around it."""
    return without_needless(text).strip().rstrip("\u200c\u200d") or text
