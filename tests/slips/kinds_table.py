"""The table of kinds against what is said of them, and where.

`PYTHONPATH=.:tests python tests/slips/kinds_table.py` writes it.

Each row is a real run: the commands, and a worker that paints in place of the model, on one example of a kind.
"""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from house import House
from program import call_here
from structlog.testing import capture_logs
from twins import PaintingRenderer

from slips.drops import Model, Verdict, settings_of, verdict
from slips.kinds import of_kind
from slips.names import drop
from slips.variants import Kind
from worker.problem import Problem

PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- kinds: made by tests/slips/kinds_table.py -->", "<!-- end -->"
PLACES = ("check", "plan", "submit", "receipt", "manifest", "page", "error.txt")
EXAMPLES: tuple[tuple[Kind, str, str], ...] = (
    ("W1", "all columns as {{x}}", "a template in another program's braces"),
    ("W1", "no placeholder at all", "the same prompt for each product"),
    ("W1", "one column as <x>", "one column in another program's brackets"),
    ("W1", "without a table: a %colour% mug", "a template without a table"),
    ("W2", "called '货号'", "the id column by another name"),
    ("W2", "called 'col1'", "no column that is the id for certain"),
    ("W2", "'Handle' beside 'Variant SKU'", "two columns that may be the id"),
    ("W3", "en 90 phrases", "a prompt over 512 tokens"),
    ("W4", "zh-Hant in big5, 6 rows", "a table in Big5"), ("W4", "zh-Hans in gbk, 6 rows", "a table in GBK"),
    ("W4", "ja in cp932, 6 rows", "a table in Shift-JIS"), ("W4", "ru in koi8_r, 6 rows", "a table in KOI8-R"),
    ("W5", "all in one '、'", "a list with other commas"), ("W6", "subject #N/A", "a cell with Excel's error"),
    ("W6", "id 6.90123E+12", "an id that Excel shortened"), ("W6", 'ids as ="00123"', "ids as formulas"),
    ("W7", "(%s:1.3)", "another tool's weight"), ("W7", "%s --ar 16:9", "Midjourney's options"),
    ("W7", "%s, {red|blue}", "a wildcard"), ("W7", "quotes “…”", "quotes around the whole prompt"),
    ("W7", "%s\nNegative prompt: lowres, text", "a pasted infotext"),
    ("W8", "demo 1024x1024", "a size the model was not made for"),
    ("M1", '"prompt"：mug', "a quoted key with a full-width colon"),
    ("M1", '{"prompt": "mug"}⏎{"prompt": "vase"}', "two JSON objects"),
    ("M2", "U+FF1A before another key", "a full-width colon"), ("M2", "U+2013 for a dash", "another dash"),
    ("M3", "U+2028 then a key", "a line separator before a key"),
    ("M3", "U+2028 in a comment", "a line separator in a comment"),
    ("M4", "U+200B before a key", "an invisible character"),
    ("M4", "U+200B in an id", "an invisible character in an id"), ("M4", "U+2003 after a dash", "another space"),
    ("M4", "\\u0440rompt", "a Cyrillic letter in a key"),
    ("M5", "Müller.csv, decomposed outside the job", "a file's name in another composition"),
    ("M6", "GBK in UTF-8", "one cell in another encoding"), ("M7", "😀 in a line", "JSON's surrogate pairs"),
    ("M8", "'```yaml\\n' … '```\\n'", "a code fence"), ("M8", "UTF-16 behind a file in UTF-8", "PowerShell's `>>`"),
    ("M8", "seed: -1", "seed -1"), ("M8", "prompt: |⏎a red mug on wood⏎steps: 8⏎", "a block without indentation"),
    ("M9", "a column 'Body (HTML)'", "a shop's unused columns"), ("M10", "Excel", "a workbook"),
    ("M10", "formulas that were never computed", "a workbook without computed values"),
    ("M11", "2026秋冬-陶瓷系列（第二批）", "a title as a name"),
    ("M16", "at the end of each line", "tabs at the ends of lines"),
)  # fmt: skip
SETTINGS = {"language": "en"}
"""Beside pictures words follow the job, and some of these jobs are in Chinese."""
NAMES = (
    ("W9", "mug (冲突副本 2024-01-01).yaml", "a synchroniser's copy"), ("W11", "mug。yaml", "an almost-job"),
    ("W11", "spring.xlsx", "a lone workbook without a template"),
)  # fmt: skip


def main() -> None:
    """Write the table into the page."""
    text = PAGE.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END, 1)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", "utf-8")


def table() -> str:
    """The rows, each from a run."""
    head = ["kind", "example", "what is said", *PLACES]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(cells) + " |" for cells in [*_jobs(), *_names()]]
    return "\n".join(lines)


def _jobs() -> Iterator[list[str]]:
    for kind, name, about in EXAMPLES:
        slip = next(one for one in of_kind(kind) if one.name == name).slip("table")
        with tempfile.TemporaryDirectory() as root:
            judged, said = verdict(slip, Path(root) / "judged")
            where = _where_it_is_told(slip.drop.written(Path(root) / "a-job"), slip.drop.model, Path(root))
        problem = next(iter(said.problems), None)
        yield [
            kind,
            about,
            _said(problem, judged),
            *(_mark(problem.message if problem else "", where[place]) for place in PLACES),
        ]


def _names() -> Iterator[list[str]]:
    for kind, name, about in NAMES:
        with tempfile.TemporaryDirectory() as root:
            (Path(root) / "dropped").mkdir()
            where = _where_it_is_told(drop(name, Path(root) / "dropped"), "base", Path(root))
        found = re.search(r"because:\s+(\S.*?)\s*\n", where["receipt"])
        message = found[1] if found else ""
        yield [kind, about, _cell(message), *(_mark(message.rstrip("."), where[place]) for place in PLACES)]


def _said(problem: Problem | None, judged: Verdict) -> str:
    if problem is None:
        return "it is read as it was meant" if judged == "read" else f"nothing ({judged})"
    rule = f" (`{problem.rule}`)" if problem.rule else ""
    return _cell(f"{'warning' if problem.is_warning else 'error'}: {problem.message}") + rule


def _cell(text: str) -> str:
    text = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= 160 else f"{text[:160]}…"


def _mark(message: str, text: str) -> str:
    start = " ".join(message.split())[:50]
    return "yes" if start and start in " ".join(html.unescape(text).split()) else "-"


def _where_it_is_told(path: Path, model: Model, root: Path) -> dict[str, str]:
    """All that people can read about a job, by where they read it."""
    house = House(root / "house")
    config = root / "worker.yaml"
    folders = {name: str(root / "house" / name) for name in ("inbox", "outbox", "failed")}
    config.write_text(
        "".join(
            f"{key}: {value}\n"
            for key, value in {**folders, **SETTINGS, **settings_of(model), "state_dir": str(root / "s")}.items()
        )
    )
    found = {command: _printed(command, config, path) for command in ("check", "plan", "submit")}
    inbox = root / "house" / "inbox"
    if not [one for one in inbox.iterdir() if not one.name.startswith(".")]:
        path.rename(inbox / path.name)
    receipts: list[str] = []

    def look() -> None:
        folder = root / "house" / "outbox" / "receipts"
        receipts.extend(one.read_text("utf-8") for one in folder.glob("*.txt"))

    for second in range(1, 200):
        house.at(float(second), look)
    worker = house.worker(
        PaintingRenderer(after=lambda _: look()),
        grace_s=20.0,
        **{"size": None, "steps": None, "guidance": None, **SETTINGS},
        **settings_of(model),
    )
    with capture_logs(), suppress(Exception), worker.spool.ownership.lock(house.wait):
        worker.daemon(_identity(model)).run(drain=True)
    look()
    found["receipt"] = "\n".join(receipts)
    found["manifest"] = "\n".join(
        json.dumps(json.loads(one.read_text("utf-8")).get("warnings", ""), ensure_ascii=False)
        for one in root.glob("house/*/*/manifest.json")
    )
    found["page"] = "\n".join(one.read_text("utf-8") for one in root.glob("house/outbox/*/index.html"))
    found["error.txt"] = "\n".join(one.read_text("utf-8") for one in root.glob("house/failed/*/error.txt"))
    return found


def _printed(command: str, config: Path, path: Path) -> str:
    done = call_here(command, "-c", config, path, cwd=path.parent)
    return done.stdout + done.stderr


def _identity(model: Model):
    from worker.identity import ModelIdentity

    return ModelIdentity(
        id="painted", kind="turbo" if model.startswith("turbo") else "base", sha256="0" * 64, demo=model == "demo"
    )


if __name__ == "__main__":
    main()
