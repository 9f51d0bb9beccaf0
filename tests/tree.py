"""What the README takes from the code: the file tree, the article's requirements, the ladders.

`python tests/tree.py` rewrites all of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from worker.doctor.requirements import REQUIREMENTS
from worker.studio.retry.ladders import MEMORY_LADDER, NEEDS, PICTURE_LADDER, Rung

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


def requirements() -> str:
    """The article's lines and what is done about them."""
    rows = [f"| {one.asked} | {one.done} |" for one in REQUIREMENTS]
    return "\n".join(["| the article asks for | what is done here |", "|---|---|", *rows]) + "\n"


def ladder(rungs: tuple[Rung, ...]) -> str:
    """Rungs in their order, with what they cost."""
    rows = [f"| `{rung.name}` | {', '.join(sorted(rung.stages))} | {_needs(rung)} | {rung.cost} |" for rung in rungs]
    return "\n".join(["| rung | answers | needs | costs |", "|---|---|---|---|", *rows]) + "\n"


def _needs(rung: Rung) -> str:
    return ", ".join(NEEDS[need] for need in sorted(rung.needs) if NEEDS[need]) or "-"


def tables() -> dict[str, str]:
    """By name of the block."""
    return {
        "article": requirements(),
        "memory ladder": ladder(MEMORY_LADDER),
        "picture ladder": ladder(PICTURE_LADDER),
    }


def with_tables(text: str) -> str:
    """The README with every block as the code has it."""
    text = BLOCK.sub(lambda _: tree(), text)
    for name, table in tables().items():
        mark = f"<!-- {name}: made by tests/tree.py -->\n"
        before, found, after = text.partition(mark)
        assert found, name
        text = before + mark + table + after[after.index("<!-- end -->") :]
    return text


def main() -> None:
    readme = ROOT / "README.md"
    readme.write_text(with_tables(readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
