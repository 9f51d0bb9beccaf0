"""The text of a unit: its directives changed with the reasons above them, and the mark that tells whose it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Literal

MARK = "# Written by `zimage-worker service install`, which replaces it; changes of yours go into `systemctl edit`."
HASH = "# sha256 of all below: "

Origin = Literal["ours", "changed", "foreign"]
"""As it was written, changed since by a person, or written by somebody else."""

_DIRECTIVE = re.compile(r"([A-Z]\w*)=")


def with_changes(template: str, changes: Mapping[str, Iterable[str]]) -> str:
    """The unit with these directives in the place of its own.

    Args:
        template: each directive with its reason in comments right above it.
        changes: by directive, or by a whole line of it, its values, a line each; one without any goes, and its reason
            with it.
    """
    lines: list[str] = []
    done: set[str] = set()
    for line in template.splitlines():
        found = _DIRECTIVE.match(line)
        key = line if found is None or line in changes else found[1]
        if found is None or key not in changes:
            lines.append(line)
            continue
        name, values = found[1], [] if key in done else [*changes[key]]
        done.add(key)
        if not values:
            while lines and lines[-1].startswith("#"):
                lines.pop()
        lines += [f"{name}={value}" for value in values]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def without_sections(template: str, names: Iterable[str]) -> str:
    """The unit without whole sections.

    Args:
        template: of the unit.
        names: such as `Install`.
    """
    for name in names:
        template = re.sub(rf"^\[{name}\]\n(?:(?!\[).*\n?)*", "", template, flags=re.M)
    return template.rstrip("\n") + "\n"


def marked(text: str) -> str:
    """The unit with the mark by which it is known again."""
    return f"{MARK}\n{HASH}{_digest(text)}\n{text}"


def origin_of(text: str) -> Origin:
    """Whose a unit's text is."""
    mark, _, rest = text.partition("\n")
    head, _, body = rest.partition("\n")
    if mark != MARK or not head.startswith(HASH):
        return "foreign"
    return "ours" if head == HASH + _digest(body) else "changed"


def directive(text: str, name: str) -> list[str]:
    """All values of a directive in a unit, as they are written.

    Args:
        text: of the unit.
        name: of the directive.
    """
    return re.findall(rf"^{name}=(.*)$", text, re.M)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
