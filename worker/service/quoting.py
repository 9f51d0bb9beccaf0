"""How words are written into a unit so that systemd reads them as they are.

Source: systemd.syntax(7), systemd.unit(5), systemd.service(5).
"""

from __future__ import annotations

from worker.errors import UsageError
from worker.translation import gettext, printable

PLAIN = frozenset("/._-+=:,@~")
"""Beside letters and digits, what needs no quotes anywhere in a word."""
FORBIDDEN = frozenset("'\"\\")
"""What systemd refuses in the path of a program, in whatever quotes."""


def quoted(word: str) -> str:
    """A word as it stands in a unit, for systemd's specifiers too; in a list, one word of it.

    Raises:
        UsageError: it holds what no line of a unit can hold.
    """
    if printable(word) != word or not word:
        raise UsageError(
            gettext("systemd can name no `{path}`: it holds a line's end or other hidden characters.", path=word)
        )
    doubled = word.replace("%", "%%")
    if all(character.isalnum() or character in PLAIN for character in word):
        return doubled
    return '"{}"'.format(doubled.replace("\\", "\\\\").replace('"', '\\"'))


def mount_unit(point: str) -> str:
    """The name of the unit by which systemd mounts something there.

    Args:
        point: absolute, not `/` itself.

    Source: systemd.unit(5), "String escaping for inclusion in unit names".
    """
    inside = "/".join(part for part in point.split("/") if part)
    plain = {place for place, one in enumerate(inside) if (one.isascii() and one.isalnum()) or (place and one in ":_.")}
    escaped = (one if place in plain else "-" if one == "/" else _escaped(one) for place, one in enumerate(inside))
    return "".join(escaped) + ".mount"


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode(errors="surrogateescape"))


def argument(word: str) -> str:
    """A word of a command line after its first: there `$` would be a variable."""
    return quoted(word.replace("$", "$$"))


def command_line(program: tuple[str, ...], *arguments: str) -> str:
    """A command as it stands after `ExecStart=`.

    Args:
        program: its absolute path, and words that belong to it.
        arguments: come as they are meant for systemd, specifiers and quotes included.
    """
    first, *others = program if not FORBIDDEN & set(program[0]) else ("/usr/bin/env", *program)
    return " ".join([quoted(first), *map(argument, others), *arguments])
