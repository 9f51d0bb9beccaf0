"""Writing a turn by a chat template of strangers, within bounds of time and memory.

Knows jinja2's sandbox, and what a template may do in it for ever; knows no file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LINES = 100_000
"""Of compiled code that run at most; Qwen3's template runs some hundred for a turn."""
LONGEST = 100_000
"""Of what a template may multiply: items of a text or list, bits of a number."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as jinja2 has it
        sizes = [one if isinstance(one, int) else 0 for one in (left, right)]
        is_text = any(isinstance(one, str | list | tuple) for one in (left, right))
        if operator == "%" and isinstance(left, str) and re.search(r"%[^a-zA-Z%]*\d{4}|%[^a-zA-Z%]*\*", left):
            raise ValueError("too wide")
        if operator == "*" and is_text and max(sizes) * max(_length(left), _length(right)) > LONGEST:
            raise ValueError("too long")
        if operator == "**" and sizes[0].bit_length() * max(sizes[1], 1) > LONGEST:
            raise ValueError("too large")
        return super().call_binop(context, operator, left, right)


def _length(value: Any) -> int:  # noqa: ANN401 - whatever a template multiplies
    return len(value) if isinstance(value, str | list | tuple) else 0


def written_turn(template: str, words: str) -> str:
    """A turn of the user as encoding has it written.

    Args:
        template: as a model's files have it.
        words: of the user.

    Raises:
        TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError: it cannot be used.
    """
    sandbox = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    # a mark of transformers' own, which says nothing about the text
    made = sandbox.from_string(re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", template))
    with _ending():
        return made.render(
            messages=[{"role": "user", "content": words}], add_generation_prompt=True, enable_thinking=True
        )


@contextmanager
def _ending() -> Iterator[None]:
    """Whatever runs inside ends: the lines are counted, as a debugger counts them."""
    left, before = LINES, sys.gettrace()

    def count(_frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401 - a tracer gives itself
        nonlocal left
        left -= 1
        if left < 0:
            raise ValueError("it does not end")
        return count

    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)
