"""How many tokens a prompt has for a model, as encoding counts them, and what of it is read; without torch.

Knows the model's tokenizer and the turn that its chat template writes around a prompt.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from jinja2 import TemplateError
from tokenizers import Tokenizer

from worker.model_limits import PromptTokens
from worker.studio.model_files.chat_template import written_turn
from worker.studio.model_files.fitting import chat_template
from worker.studio.model_files.parts import ModelSource

_MARK = "\ue000prompt\ue000"
"""Stands for the prompt while the turn around it is found; no template writes such characters by itself."""


class _Turn(NamedTuple):
    tokenizer: Tokenizer
    before: str
    after: str


class PromptTokenizer:
    """Counts prompts; reads the tokenizer when the first one is counted."""

    def __init__(self, source: ModelSource, *, most_tokens: int) -> None:
        """Keep whose tokenizer to read.

        Args:
            source: of the model.
            most_tokens: of a prompt with its turn; encoding cuts what is longer.
        """
        self._source = source
        self._most_tokens = most_tokens
        self._measured: dict[str, PromptTokens] = {}

    def measure(self, prompt: str) -> PromptTokens | None:
        """What encoding reads of a prompt; None where the model's files do not say how it counts."""
        if prompt not in self._measured:
            if self._turn is None:
                return None
            self._measured[prompt] = _measured(prompt, self._turn, most=self._most_tokens)
        return self._measured[prompt]

    @cached_property
    def _turn(self) -> _Turn | None:
        try:
            template = chat_template(self._source)
            turn = written_turn(template, _MARK) if template else ""
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, OSError):
            return None
        tokenizer = _tokenizer(self._source)
        if tokenizer is None or turn.count(_MARK) != 1:
            return None
        before, _, after = turn.partition(_MARK)
        return _Turn(tokenizer, before, after)


def _tokenizer(source: ModelSource) -> Tokenizer | None:
    try:
        made = Tokenizer.from_file(str(source.folder / "tokenizer/tokenizer.json"))
    except Exception:  # noqa: BLE001 - for a file that it cannot read the library raises Exception itself
        return None
    made.no_truncation()
    made.no_padding()
    return made


def _measured(prompt: str, turn: _Turn, *, most: int) -> PromptTokens:
    encoded = turn.tokenizer.encode(f"{turn.before}{prompt}{turn.after}")
    tokens = len(encoded)
    first, end = len(turn.before), len(turn.before) + len(prompt)
    if tokens <= most:
        return PromptTokens(tokens=tokens, most=most, read=len(prompt), fits=len(prompt))
    closing = sum(start >= end for start, _ in encoded.offsets)
    read, fits = (_characters(encoded.offsets, count) - first for count in (most, max(most - closing, 1)))
    return PromptTokens(
        tokens=tokens, most=most, read=min(max(read, 0), len(prompt)), fits=min(max(fits, 0), len(prompt))
    )


def _characters(offsets: list[tuple[int, int]], count: int) -> int:
    """How many characters the first tokens make up; one that is split between two tokens is not among them."""
    return min(offsets[count - 1][1], offsets[count][0])
