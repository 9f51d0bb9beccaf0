"""The file tree of the README, made from the modules' own first sentences: `python tests/tree.py` rewrites it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("job", "spool", "studio", "delivery", "operations", "demo", "commands", "compose")
BLOCK = re.compile(r"(?<=<!-- tree: made by tests/tree.py -->\n```\n).*?(?=```\n)", re.S)


def tree() -> str:
    """A line per module."""
    lines = list(_lines())
    width = max(len(name) for name, _ in lines)
    return "".join(f"{name:<{width}}  {sentence}\n" for name, sentence in lines)


def _lines() -> Iterator[tuple[str, str]]:
    package = ROOT / "worker"
    for path in sorted(package.glob("*.py")):
        if path.name != "__init__.py":
            yield path.name, _first_sentence(path)
    for room in ROOMS:
        yield f"{room}/", _first_sentence(package / room / "__init__.py")
        for path in sorted((package / room).glob("*.py")):
            if path.name != "__init__.py":
                yield f"  {path.name}", _first_sentence(path)


def _first_sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return " ".join(text.split("\n\n", 1)[0].split()).rstrip(".")


def main() -> None:
    readme = ROOT / "README.md"
    readme.write_text(BLOCK.sub(lambda _: tree(), readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
