"""The setting `hook`: a command after each job, as a list of words, a line that is split, or with its time limit."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from worker.settings.values import beside
from worker.translation import Text, gettext

VARIABLES = frozenset(
    f"ZIMAGE_WORKER_{word}" for word in ("JOB", "ID", "FOLDER", "MANIFEST", "STATUS", "PICTURES", "FAILED_PICTURES")
)
"""What a hook is told in its environment: none of them is a setting, in whatever it starts."""
MOST_WORDS = 100


def words_of(given: object) -> tuple[str, ...]:
    """The words of a command.

    Args:
        given: a list of words, or a line in which quotes hold words together, as a shell splits it.

    Raises:
        ValueError: there is none, or a quote has no end; with a Text.
    """
    if isinstance(given, str):
        try:
            words: list[object] = [*shlex.split(given)]
        except ValueError:
            raise ValueError(_not_split(given)) from None
    elif isinstance(given, list | tuple):
        words = [*given]
    else:
        raise ValueError(_no_command())
    if not words or len(words) > MOST_WORDS or not all(_is_word(word) for word in words) or not str(words[0]).strip():
        raise ValueError(_no_command())
    return tuple(str(word) for word in words)


def _is_word(word: object) -> bool:
    """Whether it can be handed to a program: a text or a number without a NUL."""
    return isinstance(word, str | int | float) and not isinstance(word, bool) and "\0" not in str(word)


def _no_command() -> Text:
    return gettext(
        "This is no command. Write a list of words, such as [./after-job.sh, --copy], or one line; for another time"
        " limit {{command: [./after-job.sh], limit_s: 300}}."
    )


def _not_split(given: str) -> Text:
    return gettext("`{text}` has a quote without its end. Close it, or write a list of words.", text=given[:200])


class Hook(BaseModel):
    """A program and its words; no shell reads them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: Annotated[tuple[str, ...], BeforeValidator(words_of)]
    limit_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    """Seconds after which it is ended, with all that it has started."""

    def __str__(self) -> str:
        """As it is written."""
        return f"{shlex.join(self.command)} (limit_s: {self.limit_s:g})"


def _as_mapping(given: object) -> object:
    return {"command": given} if isinstance(given, str | list | tuple) else given


def from_folder(given: object, folder: Path) -> object:
    """The setting with the program's relative path counted from a folder; a name without `/` is looked for in PATH.

    Args:
        given: the value as it was written; what is none stays.
        folder: of the settings file.

    Raises:
        SettingsInvalid: it begins with a home folder that nobody has.
    """
    mapping = _as_mapping(given)
    if not isinstance(mapping, dict):
        return given
    try:
        program, *others = words_of(mapping.get("command"))
    except ValueError:
        return given  # told where it is checked
    if "/" not in program:
        return given
    return mapping | {"command": [beside(folder, program, setting="hook"), *others]}


_WORDS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_MAPPING: dict[str, Any] = {
    "type": "object",
    "properties": {"command": _WORDS, "limit_s": {"type": "number", "exclusiveMinimum": 0, "maximum": 86_400}},
    "required": ["command"],
    "additionalProperties": False,
}
HookSetting = Annotated[
    Hook | None,
    BeforeValidator(_as_mapping),
    WithJsonSchema({"anyOf": [*_WORDS["anyOf"], _MAPPING, {"type": "null"}]}),
]
