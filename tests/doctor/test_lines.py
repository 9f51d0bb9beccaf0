"""The page's table of doctor's lines has what the checks say, and nothing else."""

from __future__ import annotations

import re

from pages import ROOT

from worker.doctor.check import WHATS

ROOM = ROOT / "worker" / "doctor"
FOLDERS = {"inbox", "outbox", "failed"}
"""Told by their own names."""


def test_every_first_column_can_be_said_in_another_language() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOM / "checks").glob("*.py"))
    assert set(re.findall(r'(?:what=|failure\()"(\w+)"', code)) == WHATS.keys()


def test_the_first_column_names_the_lines_of_the_checks() -> None:
    code = "".join(path.read_text("utf-8") for path in sorted((ROOM / "checks").glob("*.py")))
    said = set(re.findall(r'(?:what=|failure\()"(\w+)"', code))
    rows = re.findall(r"^\| (`.*?`) \|", (ROOM / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == said | FOLDERS
