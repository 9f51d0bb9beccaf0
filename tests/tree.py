"""What the pages take from the code: file trees, directions of imports, states, retry ladders.

`python tests/tree.py` rewrites the marked blocks on whichever page they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from configparser import ConfigParser, SectionProxy
from pathlib import Path

from pages import ROOT, Page, all_pages

from worker.daemon.job_states import PLACES, TRANSITIONS, JobState
from worker.studio.model_files.kinds import KINDS
from worker.studio.retry.ladders import MEMORY_LADDER, NEEDS, PICTURE_LADDER, Rung

PACKAGE = ROOT / "worker"
END = "<!-- end -->"


def tree() -> str:
    """A line per module, as a block of code: the modules of a package, then the packages inside it."""
    lines = list(_lines(PACKAGE, depth=0))
    width = max(len(name) for name, _ in lines)
    return "".join(["```\n", *(f"{name:<{width}}  {sentence}\n" for name, sentence in lines), "```\n"])


def _lines(package: Path, *, depth: int) -> Iterator[tuple[str, str]]:
    indent = "  " * depth
    for path in sorted(package.glob("*.py")):
        if path.name != "__init__.py":
            yield f"{indent}{path.name}", _first_sentence(path)
    for inner in sorted(package.glob("*/__init__.py")):
        yield f"{indent}{inner.parent.name}/", _first_sentence(inner)
        yield from _lines(inner.parent, depth=depth + 1)


def _first_sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return " ".join(text.split("\n\n", 1)[0].split()).rstrip(".")


def test_parts() -> str:
    """A row for each file below `tests/` that holds no tests."""
    tests = ROOT / "tests"
    found = [path for path in (*sorted(tests.glob("*.py")), *sorted(tests.glob("*/*.py")))
             if not path.name.startswith("test_") and path.name != "conftest.py"]  # fmt: skip
    rows = [f"| `{path.relative_to(tests).as_posix()}` | {_first_sentence(path)} |" for path in found]
    return "\n".join(["| file | what |", "|---|---|", *rows]) + "\n"


def ladder(rungs: tuple[Rung, ...]) -> str:
    """Rungs in their order, with what they cost."""
    rows = [f"| `{rung.name}` | {', '.join(sorted(rung.stages))} | {_needs(rung)} | {rung.cost} |" for rung in rungs]
    return "\n".join(["| rung | answers | needs | costs |", "|---|---|---|---|", *rows]) + "\n"


def _needs(rung: Rung) -> str:
    return ", ".join(NEEDS[need] for need in sorted(rung.needs) if NEEDS[need]) or "-"


def kinds(heads: str, acts: Mapping[bool, str]) -> str:
    """A row for each kind of model.

    Args:
        heads: the first line of the table.
        acts: what is said of guidance and negative prompts that act, and that do not.
    """
    rows = (
        (f"`{kind}`", f"{one.steps}", f"{one.guidance:g}", f"{one.shift:g}", acts[one.guidance_acts], _link(one.source))
        for kind, one in KINDS.items()
    )
    return "\n".join([heads, "|---|---|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _link(source: str) -> str:
    name = source.removeprefix("https://huggingface.co/")
    return (
        f"[{name}]({source})"
        if name != source
        else f"[{Path(source).parent.name}](../{source.removeprefix('worker/')})"
    )


def states() -> str:
    """Each state of a job, where it lies then, and what leads on from there."""
    rows = [f"| {state} | {place} | {_leads(state)} |" for state, place in PLACES.items()]
    return "\n".join(["| state | where it lies | and then |", "|---|---|---|", *rows]) + "\n"


def _leads(state: JobState) -> str:
    ways: dict[JobState, list[str]] = {}
    for one in TRANSITIONS:
        if one.state == state:
            ways.setdefault(one.next, []).append(one.event.replace("settle s", "`settle_s`"))
    return "; ".join(f"{', '.join(events)}: **{next_state}**" for next_state, events in ways.items()) or "the end"


def directions() -> str:
    """The contracts of imports: who stands above whom, and who never imports what."""
    found = ConfigParser()
    found.read_string((ROOT / ".importlinter").read_text("utf-8"))
    contracts = [found[name] for name in found.sections() if ":contract:" in name]
    above = [f"| {one['name']} | {_layers(one)} |" for one in contracts if one["type"] == "layers"]
    never = [f"| {one['name']} | {_never(one)} |" for one in contracts if one["type"] != "layers"]
    return "\n".join(
        ["| where | from the top down |", "|---|---|", *above, "",
         "| contract | who | never imports | nor through others |", "|---|---|---|---|", *never]
    ) + "\n"  # fmt: skip


def _layers(contract: SectionProxy) -> str:
    return " -> ".join(", ".join(_names(layer.split("|"))) for layer in _items(contract["layers"]))


def _never(contract: SectionProxy) -> str:
    if contract["type"] == "independence":
        return f"{', '.join(_names(_items(contract['modules'])))} | each other | yes"
    who, what = (", ".join(_names(_items(contract[key]))) for key in ("source_modules", "forbidden_modules"))
    return f"{who} | {what} | {'no' if contract.getboolean('allow_indirect_imports', False) else 'yes'}"


def _items(value: str) -> list[str]:
    return [line for line in value.splitlines() if line and not line.startswith("#")]


def _names(modules: Iterable[str]) -> list[str]:
    return [f"`{module.strip().removeprefix('worker.')}`" for module in modules]


BLOCKS: Mapping[str, Callable[[], str]] = {
    "tree": tree,
    "directions": directions,
    "test parts": test_parts,
    "states": states,
    "kinds": lambda: kinds(
        "| kind | steps | guidance | shift | guidance and negative prompt | source |",
        {True: "act", False: "have no effect"},
    ),
    "kinds in Chinese": lambda: kinds(
        "| 种类 | 步数 | 引导强度 | shift | 引导强度和反向提示词 | 来源 |", {True: "有效", False: "无效"}
    ),
    "memory ladder": lambda: ladder(MEMORY_LADDER),
    "picture ladder": lambda: ladder(PICTURE_LADDER),
}
"""By the name in the mark `<!-- NAME: made by tests/tree.py -->`; a block goes on to `<!-- end -->`."""


def mark(name: str) -> str:
    """The line that begins a block."""
    return f"<!-- {name}: made by tests/tree.py -->\n"


def with_blocks(text: str) -> str:
    """A page's text with every block as the code has it."""
    for name, made in BLOCKS.items():
        before, found, after = text.partition(mark(name))
        if found:
            text = before + found + made() + after[after.index(END) :]
    return text


def pages_with(name: str) -> list[Page]:
    """The pages on which a block stands."""
    return [page for page in all_pages() if mark(name) in page.text]


def main() -> None:
    for page in all_pages():
        if (text := with_blocks(page.text)) != page.text:
            page.path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
