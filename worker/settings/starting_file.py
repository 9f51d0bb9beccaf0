"""The settings file that `init` writes: every setting, its meaning, its default."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from worker.line_width import wrapped
from worker.settings.settings import Settings
from worker.translation import Language, gettext, translated

STARTING_VALUES = {"inbox": "inbox", "outbox": "outbox", "failed": "failed", "model": "demo"}
"""Lines of a new file that are not comments; `demo` so that the first run needs no download."""

COMPUTED = {"worker_id": "my-workstation", "state_dir": "/var/lib/zimage-worker"}
"""Examples for settings whose default differs from machine to machine."""


def write_new(path: Path, *, language: Language = "en") -> bool:
    """Write the file unless there is one.

    Args:
        path: of the file.
        language: of its comments.

    Returns:
        Whether it was written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text(language))
    except FileExistsError:
        return False
    return True


def text(language: Language = "en") -> str:
    """The commented file.

    Args:
        language: of the comments.
    """
    say = partial(translated, language=language)
    head = gettext(
        "# Settings of zimage-worker. A line beginning with # shows a default or, where it says so,\n"
        "# an example; remove the # to change it.\n"
        "# Relative folders are meant from this file's own folder. `zimage-worker doctor` says what is in force.\n"
    )
    parts: list[str] = [say(head)]
    for name, field in Settings.model_fields.items():
        comment = "\n".join(f"# {line}" for line in wrapped(say(field.description or ""), 108))
        parts.append(f"{comment}\n{_line(name, field.default, say=say)}\n")
    return "\n".join(parts)


def _line(name: str, default: object, *, say: Callable[[str], str]) -> str:
    if name in STARTING_VALUES:
        return f"{name}: {STARTING_VALUES[name]}"
    if name in COMPUTED:
        example = gettext("# An example; the default differs from machine to machine:")
        return f"{say(example)}\n# {name}: {COMPUTED[name]}"
    return f"# {name}:" if default is None else f"# {name}: {default}"
