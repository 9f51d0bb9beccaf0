"""Words of alphabets in one-byte encodings: which reading of a byte above 0x7F gives words that a language has."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from worker.text_encodings.likelihood import ASCII

WESTERN: Mapping[str, str] = {
    "German": "äöüß",
    "French": "àâæçéèêëîïôœùûü",
    "Spanish": "áéíóúñüºª",
    "Catalan": "àçèéíïòóúü",
    "Portuguese": "áâãàçéêíóôõúºª",
    "Italian": "àèéìòùîº",
    "Dutch": "éëïöüèê",
    "Nordic": "åäöæøéü",
    "Finnish": "äöåšž",
}
AMBIGUOUS = {"û": "àâæçèêëîïôœù", "ã": "çõ"}
"""Without one of these others, û is as likely a misread Hungarian ű, and ã a Romanian ă."""
CENTRAL: Mapping[str, str] = {
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Croatian": "čćđšž",
    "Romanian": "ăâîşţ",
}
BALTIC: Mapping[str, str] = {"Estonian": "äöõüšž", "Latvian": "āčēģīķļņšūž", "Lithuanian": "ąčęėįšųūž"}
TURKISH: Mapping[str, str] = {"Turkish": "çğıöşüâî"}
CYRILLIC = "оеаиінтсрвлкмдпуяыьгзбчйхжшюцщэфъёїєґ"
"""The commonest first."""
GREEK = "αοιετσνηυρπκμλςόίήέάωύδγχθφβώξζψ"
COMMONEST = 20
"""So many letters of an alphabet make up most of a text."""
HEBREW = "יוהלאתרבשמנםדקחפטסעגצזךןכץף"

ENCODINGS: Mapping[str, Mapping[str, str]] = {
    "cp1252": WESTERN,
    "mac_roman": WESTERN,
    "cp850": WESTERN,
    "cp1250": CENTRAL,
    "iso8859_2": CENTRAL,
    "cp1254": TURKISH,
    "cp1257": BALTIC,
}
"""One-byte encodings of the Latin alphabet with their languages, as spreadsheets write them; the likeliest first."""
OWN_ALPHABETS: Mapping[str, str] = {
    "cp1251": CYRILLIC, "koi8_r": CYRILLIC, "cp866": CYRILLIC, "cp1253": GREEK,
    "cp1255": HEBREW,
}  # fmt: skip
UNLIKELY: Mapping[str, float] = {"koi8_r": -2, "cp866": -4, "cp1253": -4}
"""Added to the log-likelihood: encodings that few programs still write."""
SIGNS = frozenset("°²³½¼¾±×€£©®™–—‘’“”„«»…•¿¡µØøº\xa0")
"""What stands in a text of any of these languages, outside words."""

SIGNS_OF = {"mac_roman": frozenset("’“”–—"), "cp850": frozenset("")}
"""Fewer, where nearly every other byte is a sign."""

_WORD = re.compile(r"[^\W\d_]+")
_CONSONANT = "bcdfghjkmnpqrtvwxzčďňřšťž"
_ODD = re.compile(
    "è(?!$|s$|[^aeiouàâèéêëîïôûü]{1,3}u?[eè])|[ìù](?!$)|œ(?![ui])|õ(?!e)|ñ(?![aeiouáéíóú])|ã(?![oeis]|$)"
    f"|ľ(?=[eiíl])|^ľ(?=[{_CONSONANT}])|(?<=[{_CONSONANT}sl])ľ(?=[{_CONSONANT}sl])|^ą|(?<=[^\x00-\x7f])ø"
)
"""Letters where no Western language has them, but Czech, Polish, Hungarian have what is misread so: č, ě, ů, ś, ő; and
ľ and ą where Slovak and Polish have none, but ISO 8859-2 has ž and š."""
_INSIDE = re.compile(
    r"(?<=[^\W\d_])(?:[^\w\s\x00-\x7f’–—·]|[²³¹½¼¾µº])(?=[^\W\d_])"
    r"|(?<=[^\x00-\x7f])[¹²³]|(?<![^\W_])[¹²³](?=[^\W\d_])|(?<=[^\W\d_])±|¾(?!inch|zoll)(?=[^\W\d_]{3})"
    r"|[€£¥©®](?=[^\W\d_])|(?<=\d)[^\W\d_\x00-\x7f](?=\d)"
)
"""A sign between two letters: none of these languages has it."""


def latin(text: str, encoding: str) -> int:
    """In how many languages the text is words: 1, or 2 for a table of several Western ones; 0 where it is noise.

    Args:
        text: as that encoding reads the bytes.
        encoding: one of ENCODINGS.
    """
    letters = {character for character in text if not character.isascii() and character.isalpha()}
    signs = {character for character in text if not character.isascii() and not character.isalpha()}
    if not signs <= SIGNS_OF.get(encoding, SIGNS) or _INSIDE.search(text) or any(map(_misshapen, _WORD.findall(text))):
        return 0
    if (not letters and encoding != "cp1252") or ("¿" in signs and "?" not in text):
        return 0
    own = {character.replace("İ", "ı").lower() for character in letters} - SIGNS
    languages = [set(language) for language in ENCODINGS[encoding].values()]
    if any(own <= language for language in languages):
        is_lone = any(letter in own and not own & set(others) for letter, others in AMBIGUOUS.items())
        is_lone = is_lone and "ão" not in text
        return 2 if encoding == "cp1252" and is_lone else 1
    return 2 if encoding == "cp1252" and own <= set().union(*languages) else 0


def _misshapen(word: str) -> bool:
    """Whether a word has a letter above ASCII where none has: a capital after a small letter, or è at its head."""
    if word.isascii():
        return False
    inner = word[1:]
    small_before = any(a.islower() and b.isupper() and not b.isascii() for a, b in zip(word, inner, strict=False))
    accented = sum(not letter.isascii() for letter in word)
    is_crowded = len(word) > 2 and 4 * accented > 3 * len(word)
    has_odd_head = len(word) > 1 and (word[0] in "ªº" or (word[0] in "èìòùëïþð" and word[1].islower()))
    return small_before or is_crowded or has_odd_head or bool(_ODD.search(word))


def own_alphabet(text: str, encoding: str) -> float:
    """How likely a text in an alphabet of its own is; minus infinity where it is none.

    Args:
        text: as that encoding reads the bytes.
        encoding: one of OWN_ALPHABETS.
    """
    ranks = {letter: rank for rank, letter in enumerate(OWN_ALPHABETS[encoding], start=1)}
    if _INSIDE.search(text):
        return -math.inf
    log, count, common, misshapen, capitals = 0.0, 0, 0, 0, 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        is_shaped = word.lower() == word.upper() or word.islower() or word.isupper() or word.istitle()
        if not is_shaped or any(letter.isascii() for letter in word):
            misshapen += 1
        for letter in word:
            rank = ranks.get(letter.lower(), 0)
            count += 1
            common += 0 < rank <= COMMONEST
            log += math.log(0.28 / (rank + 1)) if rank else math.log(1e-5)
            capitals += letter.isupper()
    signs = [character for character in text if not character.isascii() and not character.isalpha()]
    if not set(signs) <= SIGNS | {"№"}:
        return -math.inf
    log += len(signs) * math.log(1e-3) + UNLIKELY.get(encoding, 0)
    log += sum(character.isascii() for character in text) * ASCII
    log -= 7 * misshapen + 1.5 * capitals
    if misshapen > 1 or (encoding == "koi8_r" and 2 * capitals > count):
        return -math.inf
    return log if count >= 3 and common >= 0.6 * count else -math.inf
