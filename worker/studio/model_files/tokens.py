"""How many tokens a prompt has for a model, as encoding counts them, and what of it is read; without torch.

Knows the model's tokenizer and the turn that its chat template writes around a prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from worker.model_limits import PromptTokens
from worker.studio.model_files.parts import JSON_BYTES, ModelSource
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular
from worker.studio.model_files.template_files import chat_template

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MOST_KEPT = 20_000
"""Prompts whose count is kept: twice what a job may ask for."""
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
        self._turns: tuple[_Turn | None, ...] = ()

    def measure(self, prompt: str) -> PromptTokens | None:
        """What encoding reads of a prompt; None where the model's files do not say how it counts, or cannot be read."""
        if not self._turns:
            try:
                self._turns = (_turn(self._source),)
            except OSError:  # the model is away; what it says is asked anew
                return None
        (turn,) = self._turns
        if turn is not None and prompt not in self._measured:
            if len(self._measured) >= MOST_KEPT:
                self._measured.clear()
            self._measured[prompt] = _measured(prompt, turn, most=self._most_tokens)
        return self._measured.get(prompt)


def _turn(source: ModelSource) -> _Turn | None:
    """What encoding writes around a prompt, and its tokenizer.

    Raises:
        OSError: a file cannot be read now.
    """
    from jinja2 import TemplateError  # which no short prompt needs either

    from worker.studio.model_files.chat_template import written_turn

    template = chat_template(source)
    try:
        turn = written_turn(template, _MARK) if template else ""
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError):
        return None
    tokenizer = _tokenizer(source)
    if tokenizer is None or turn.count(_MARK) != 1:
        return None
    before, _, after = turn.partition(_MARK)
    return _Turn(tokenizer, before, after)


def _tokenizer(source: ModelSource) -> Tokenizer | None:
    """The tokenizer as its file has it, but without a length.

    Raises:
        OSError: the file cannot be read now.
    """
    from tokenizers import Tokenizer  # 40 ms that no short prompt needs

    try:
        with open_regular(source.folder / "tokenizer/tokenizer.json") as file:
            content = file.read(JSON_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, FileFaultError):
        return None
    try:
        made = Tokenizer.from_buffer(content)
    except Exception:  # noqa: BLE001 - for a content that it cannot read the library raises Exception itself
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
