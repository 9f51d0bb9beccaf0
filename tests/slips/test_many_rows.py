"""The same cause in 900 rows is one problem with a count and three examples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from slips.drops import Drop, said_of
from slips.tables import Table

pytestmark = pytest.mark.slow

ROWS = 900
JOB = 'products: products.csv\nprompt: "{colour} {subject}, soft light"\n'
CAUSES: dict[str, tuple[str, Callable[[str], str], str]] = {
    "table.same_prompts": ("products: products.csv\nprompt: a mug, soft light\n", lambda cell: cell, "utf-8"),
    "prompt.not_filled": (JOB.replace("{colour}", "{{colour}}"), lambda cell: cell, "utf-8"),
    "table.spoilt_cell": (JOB, lambda _: "#N/A", "utf-8"),
    "prompt.other_tools": (JOB, lambda cell: f"{cell} --ar 16:9", "utf-8"),
    "prompt.quoted": (
        JOB.replace('"{colour} {subject}, soft light"', "“{colour} {subject}”"),
        lambda cell: cell,
        "utf-8",
    ),
    "prompt.invisible": (JOB, lambda cell: f"{cell}\u200b", "utf-8"),
    "table.encoding": (JOB, lambda cell: f"{cell}陶瓷马克杯", "gbk"),
}


@pytest.mark.parametrize("rule", CAUSES)
def test_one_cause_in_all_rows_is_told_once_with_a_count(rule: str, tmp_path: Path) -> None:
    text, change, encoding = CAUSES[rule]
    rows = tuple((f"A-{n:03}", change(f"mug no {n}"), "red") for n in range(ROWS))
    table = Table(columns=("sku", "subject", "colour"), rows=rows).text.encode(encoding)
    drop = Drop(files={"job.yaml": text.encode(), "products.csv": table}, is_folder=True)
    said = said_of(drop, tmp_path / "job")
    told = [problem for problem in said.problems if problem.rule == rule or "U+200B" in problem.message]
    assert len(told) == 1, str(said)[:2000]
    assert len(said.problems) <= 2, str(said)[:2000]
    assert len(told[0].examples) <= 3
    if rule not in ("table.encoding", "prompt.quoted"):  # one file, one template, whatever the number of rows
        assert told[0].count >= ROWS
