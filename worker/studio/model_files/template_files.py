"""The chat template of a model, from whichever of its files holds it."""

from __future__ import annotations

from pathlib import Path

from worker.studio.model_files.parts import ModelSource, read_json
from worker.studio.model_files.safetensors_file import open_regular

TEMPLATE_BYTES = 1024**2
"""Of a chat template at most; Qwen3's has 4 kB."""


def template_beside(source: ModelSource) -> str | None:
    """The chat template of chat_template.json, which the tokenizer's class does not read by itself.

    Args:
        source: of the model.

    Raises:
        OSError: a file cannot be read now.
    """
    text = read_json(source.folder / "tokenizer/chat_template.json").get("chat_template")
    return text if isinstance(text, str) else None


def _read(file: Path) -> str:
    with open_regular(file) as opened:
        return opened.read(TEMPLATE_BYTES).decode("utf-8", errors="replace")


def chat_template(source: ModelSource) -> str | None:
    """The chat template with which encoding writes a turn; None where there is none.

    Args:
        source: of the model.

    Raises:
        OSError: a file cannot be read now.
    """
    given = read_json(source.folder / "tokenizer/tokenizer_config.json").get("chat_template")
    file = source.folder / "tokenizer/chat_template.jinja"
    text = _read(file) if file.is_file() else given or template_beside(source)
    return text if isinstance(text, str) and text else None
