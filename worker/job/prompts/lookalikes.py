"""Letters of another script that look like plain ones: a word that has one is another word to the model.

Knows words that are written in one script but for a letter or two; knows no job.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from worker.job.prompts.findings import LOOKED_AT, Finding
from worker.lazy_patterns import LazyPattern
from worker.translation import gettext
from worker.yaml_reader.characters import shown
from worker.yaml_reader.document import clipped

_CYRILLIC = str.maketrans("аеорсухіјѕһԁԛԝкмтвнАВЕКМНОРСТХУІЈЅ", "aeopcyxijshdqwkmtbhABEKMHOPCTXYIJS")
_GREEK = str.maketrans("ορυικχτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "opuikxtABEZHIKMNOPTYX")
"""Without those of formulas and molecules: α, β, γ, μ and the like."""
_FULL_WIDTH = {ord(wide): ord(wide) - 0xFEE0 for wide in map(chr, (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))}
_PLAIN = _CYRILLIC | _GREEK | _FULL_WIDTH
"""By code point, the Latin letter that it looks like; source: Unicode's confusables."""
_SCRIPTS: tuple[tuple[LazyPattern, dict[int, int], frozenset[str]], ...] = (
    (LazyPattern("[\u0400-\u052f]"), _CYRILLIC, frozenset("aceijopsxyABCEHIJKMOPSTXY")),
    (LazyPattern("[\u0370-\u03ff]"), _GREEK, frozenset("ouvxABEHIKMNOPTXYZ")),
    (LazyPattern("[\uff21-\uff3a\uff41-\uff5a]"), _FULL_WIDTH, frozenset()),
)
"""For each script its letters, those that look Latin, and the Latin ones that look like its own."""
_ODD = LazyPattern("[\u0370-\u052f\uff21-\uff3a\uff41-\uff5a]")
_STYLED = LazyPattern(
    "[\U0001d400-\U0001d7ff\u24b6-\u24e9\ufb00-\ufb06\u2f00-\u2fd5\uf900-\ufaff\U0002f800-\U0002fa1f]"
)
"""Letters of formulas and in circles, joined letters, radicals in place of characters (`⾦` for `金`)."""
_LATIN = LazyPattern("[A-Za-z\u00c0-\u024f]")
_WORD = LazyPattern(r"[^\W\d_]+")


def lookalike_findings(text: str) -> Iterator[Finding]:
    """One finding that names the first letter that is not what it looks like, in a word of two scripts."""
    if text.isascii():
        return
    if odd := _styled(text):
        yield _styled_finding(odd)
    if not _ODD.search(text):
        return
    for found in _WORD.finditer(text[:LOOKED_AT]):
        if odd := _odd_letter(found[0]):
            yield _finding(found[0], odd)
            return
    yield from _lone_letter(text[:LOOKED_AT])


def _styled(text: str) -> str:
    """The first character that is only another form of a plain one, from a font tool or a PDF; none in most texts."""
    found = _STYLED.search(text[:LOOKED_AT])
    return found[0] if found else ""


def lookalike_id(text: str, others: Iterable[str]) -> Iterator[Finding]:
    """A finding where an id would be like the others but for a letter of another script: `А-02` after `A-01`.

    Args:
        text: the id.
        others: the plain letters of all ids of the job, from `letters_of`.
    """
    plain = text.translate(_PLAIN)
    if plain != text and plain.isascii() and letters_of(plain) in others:
        yield _finding(text, next(character for character in text if ord(character) in _PLAIN))


def letters_of(text: str) -> str:
    """The plain letters of an id; empty for an id in another script."""
    return "".join(filter(str.isalpha, text)) if text.isascii() else ""


def _odd_letter(word: str) -> str:
    """Of a word of two scripts the first letter of the rarer one, where all of that look like the other's."""
    latin = _LATIN.findall(word)
    if word.isascii() or not latin:
        return ""
    for letters, looks_latin, looks_foreign in _SCRIPTS:
        foreign = letters.findall(word)
        if not foreign or len(foreign) + len(latin) != len(word):
            continue
        if len(foreign) <= len(latin):
            return foreign[0] if all(ord(letter) in looks_latin for letter in foreign) else ""
        return latin[0] if all(letter in looks_foreign for letter in latin) else ""
    return ""


def _lone_letter(text: str) -> Iterator[Finding]:
    """A finding for a letter by itself, such as in `А4`, in a text that has no other word of its script."""
    for letters, looks_latin, _ in _SCRIPTS[:2]:
        foreign = letters.findall(text)
        words = [found[0] for found in _WORD.finditer(text) if letters.search(found[0])]
        if foreign and len(_LATIN.findall(text)) > len(foreign) and all(len(word) == 1 for word in words):
            odd = [letter for letter in foreign if ord(letter) in looks_latin]
            if len(odd) == len(foreign):
                yield _finding(odd[0], odd[0])
                return


def _styled_finding(odd: str) -> Finding:
    plain = unicodedata.normalize("NFKC", odd)
    return Finding(
        rule="prompt.lookalike",
        cause="styled",
        message=gettext(
            "{character} is another form of `{plain}`, and another sign to the model.",
            character=shown(odd),
            plain=plain,
        ),
        remedy=gettext("Type it anew with plain letters."),
    )


def _finding(word: str, odd: str) -> Finding:
    return Finding(
        rule="prompt.lookalike",
        cause="lookalike",
        message=gettext(
            "`{word}` is written with {character}, a letter of another script than the rest.",
            word=clipped(word),
            character=shown(odd),
        ),
        remedy=gettext("Type it anew with plain letters."),
    )
