"""Prompts that are longer than the model reads: how many tokens they have, and composed ones shortened.

Knows a counter by its protocol, and which words of a composed prompt matter least; knows no tokenizer.
"""

from __future__ import annotations

import bisect
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol

from worker.job.product import Composition, Language, compose_prompt
from worker.job.prompts.findings import Finding
from worker.lazy_patterns import LazyPattern
from worker.model_limits import MOST_TOKENS, PromptTokens
from worker.translation import gettext

_LONG_BYTES = 448
"""A shorter prompt is never too long, whatever the tokenizer: a token has at least one byte, and the turn around the
prompt has fewer than 64."""
_LEAST_IMPORTANT_FIRST = ("texture", "camera", "details", "light", "scene")
"""The rule of composed prompts is who and where and how the light falls: what comes after them goes first. Subject,
colour and material always stay."""
_PHRASE = LazyPattern(r"(?:[^,，;；。\n.]|\.(?!\s))+[,，;；。.\s]*")
_WORDS_SHOWN = 8
_CHARACTERS_SHOWN = 24
_WIDE = LazyPattern("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class TokenCounter(Protocol):
    """Counts prompts as the renderer encodes them."""

    def measure(self, prompt: str) -> PromptTokens | None:
        """How much of it is read; None where that cannot be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A composed prompt."""

    text: str
    dropped: tuple[str, ...] = ()
    """Phrases left out of it, as it would have been too long."""


def measured(prompt: str, counter: TokenCounter | None) -> PromptTokens | None:
    """How much of a prompt is read; None where it is short enough in any case, or cannot be counted.

    Args:
        prompt: as it is encoded.
        counter: of the model at hand, or None.
    """
    return counter.measure(prompt) if counter is not None and _may_be_long(prompt) else None


def _may_be_long(prompt: str) -> bool:
    if len(prompt) * 4 < _LONG_BYTES:
        return False
    return len(unicodedata.normalize("NFC", prompt).encode(errors="replace")) >= _LONG_BYTES


def is_probably_long(prompt: str) -> bool:
    """Whether a prompt that cannot be counted may well be too long.

    A Chinese character is about a token, and a token of other text has more than three letters (of Qwen3's tokenizer:
    four to five in English). An estimate.
    """
    wide = len(_WIDE.findall(prompt))
    return wide + (len(prompt) - wide) / 3.5 > MOST_TOKENS * 0.9


def composed(given: Composition, *, language: Language, counter: TokenCounter | None) -> Composed:
    """The prompt of product fields; of one that is too long, the least important phrases are left out.

    Args:
        given: placeholders filled.
        language: as for `compose_prompt`.
        counter: of the model at hand, or None.
    """
    whole = compose_prompt(given, language=language)
    length = measured(whole, counter)
    if length is None or not length.is_cut:
        return Composed(text=whole)
    phrases = list(_by_importance(given))

    def is_cut(dropped: Sequence[Phrase]) -> bool:
        length = measured(compose_prompt(_without(given, dropped), language=language), counter)
        return length is not None and length.is_cut

    fewest = bisect.bisect_left(range(len(phrases)), True, key=lambda count: not is_cut(phrases[:count]))
    dropped = phrases[:fewest]
    for phrase in [one for one in reversed(dropped) if one[1] == 0]:  # went before a longer one, and may have room now
        fewer = [one for one in dropped if one != phrase]
        dropped = dropped if is_cut(fewer) else fewer
    text = compose_prompt(_without(given, dropped), language=language)
    return Composed(text=text, dropped=tuple(phrase.strip(" .,，;；。\n") for _, _, phrase in dropped))


Phrase = tuple[str, int, str]
"""Field, position in it, words."""


def _by_importance(given: Composition) -> Iterator[Phrase]:
    """The phrases that may go, least important first: later ones of each field, then what every field begins with."""
    split = {name: _PHRASE.findall(getattr(given, name)) for name in _LEAST_IMPORTANT_FIRST}
    for name, phrases in split.items():
        yield from ((name, at, phrases[at]) for at in range(len(phrases) - 1, 0, -1))
    for name, phrases in split.items():
        yield from ((name, 0, phrase) for phrase in phrases[:1])


def _without(given: Composition, dropped: Sequence[Phrase]) -> Composition:
    gone = {(name, at) for name, at, _ in dropped}
    kept = {
        name: "".join(p for at, p in enumerate(_PHRASE.findall(getattr(given, name))) if (name, at) not in gone)
        for name in {name for name, _ in gone}
    }
    assert {*kept} <= {one.name for one in fields(Composition)}
    return replace(given, **kept)


def length_finding(prompt: str, length: PromptTokens) -> Finding:
    """What to say of a prompt that is cut.

    Args:
        prompt: as it is encoded.
        length: of it.
    """
    lost = prompt[_word_start(prompt, length.read) :].strip()
    fits = _word_start(prompt, length.fits)
    message = gettext(
        "The prompt has {tokens} tokens and the model reads {most}: lost is everything from `{words}` on.",
        tokens=length.tokens,
        most=length.most,
        words=_first_words(lost),
    )
    if not lost:
        message = gettext(
            "The prompt has {tokens} tokens and the model reads {most}: the mark of its end is lost.",
            tokens=length.tokens,
            most=length.most,
        )
    remedy = gettext(
        "Shorten it to about {count} characters, which is up to `{words}`; put what matters most first.",
        count=fits,
        words=_last_words(prompt[:fits].strip()),
    )
    return Finding(rule="prompt.too_long", cause="cut", message=message, remedy=remedy)


def shortened_finding(dropped: tuple[str, ...]) -> Finding:
    """What to say of a composed prompt from which phrases were left out.

    Args:
        dropped: they, the least important first.
    """
    shown = ", ".join(_first_words(phrase) for phrase in dropped[:3])
    return Finding(
        rule="prompt.too_long",
        cause="shortened",
        message=gettext(
            "The composed prompt is longer than the model reads. Left out, the least important first: {phrases}.",
            phrases=gettext("{shown} and {more} more", shown=shown, more=len(dropped) - 3)
            if len(dropped) > 3
            else shown,
        ),
        remedy=gettext("Shorten the fields, so that you choose what stays."),
    )


def uncounted_finding() -> Finding:
    """What to say of a prompt that may be too long where nothing can count it."""
    return Finding(
        rule="prompt.not_counted",
        cause="uncounted",
        message=gettext(
            "The prompt may be longer than the {most} tokens that the model reads; without the model's tokenizer this"
            " is not checked.",
            most=MOST_TOKENS,
        ),
        remedy=gettext("Check the job where the model is, or shorten the prompt."),
    )


def _word_start(text: str, at: int) -> int:
    """Where the word begins in which a text is cut; a text without blanks is cut anywhere."""
    start = at
    while 0 < start < len(text) and at - start < _CHARACTERS_SHOWN and _is_letter(text[start - 1], text[start]):
        start -= 1
    return start


def _is_letter(*characters: str) -> bool:
    return all(one.isalnum() and not _WIDE.match(one) for one in characters)


def _first_words(text: str) -> str:
    return " ".join(text[: 4 * _CHARACTERS_SHOWN].split()[:_WORDS_SHOWN])[: 2 * _CHARACTERS_SHOWN]


def _last_words(text: str) -> str:
    return " ".join(text[-4 * _CHARACTERS_SHOWN :].split()[-_WORDS_SHOWN:])[-2 * _CHARACTERS_SHOWN :]
