"""Names that are imported when they are first asked for: a command loads only what it uses.

Source: PEP 562. `check` of a job takes half the time so, as it draws no page and renders nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """What a package sets as its `__getattr__`.

    Args:
        package: its name.
        places: by name, the module that has it, and after a colon what it is called there, if otherwise.
    """

    def look_up(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, called = places[name].partition(":")
        return getattr(import_module(module), called or name)

    return look_up


class LazyLog:
    """A logger of structlog, which is loaded with the first event: commands that log nothing go without it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a logger has
        import structlog

        return getattr(structlog.get_logger(), name)
