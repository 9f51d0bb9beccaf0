"""`report` as a person calls it: a text worth reading, JSON, a page of its own, and words that mean no moment."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from house import House
from twins import PaintingRenderer

from tests.delivery.html_page import Page
from worker.cli import main
from worker.operations.report_schema import report_schema


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    house = House(tmp_path / "shop")
    house.drop("mugs.yaml", "prompt: a mug\n")
    house.drop("vases.yaml", "prompt: a vase\n")
    house.drain(PaintingRenderer(refuses=["vases_01.png", "shot-01_01.png"]))
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()  # the log of the night

    def call(*arguments: str) -> tuple[int, str, str]:
        folders = [f"--{name}={house.root / name}" for name in ("inbox", "outbox", "failed")]
        code = main(["report", *arguments, *folders])
        return code, *capsys.readouterr()

    return call


def test_it_says_in_few_lines_what_to_do(called) -> None:
    code, said, _ = called("--since", "1h")
    assert code == 0
    assert said.splitlines()[1] == "2 of 2 jobs need you."
    assert "    zimage-worker retry mugs" in said.splitlines()
    assert len(said.splitlines()) < 15


def test_without_a_time_it_is_of_the_last_night(called) -> None:
    code, said, _ = called("--json")
    document = json.loads(said)
    jsonschema.validate(document, report_schema())
    assert (code, document["begins"] < document["ends"], document["night"] is None) == (0, True, False)


def test_a_page_is_written_that_leads_to_the_outbox_from_anywhere(called, tmp_path: Path) -> None:
    code, said, _ = called("--since", "1h", "-o", "report.html")
    assert (code, said) == (0, "Wrote report.html\n")
    page = Page((tmp_path / "report.html").read_bytes())
    links = [link for link in page.values("href") if link.endswith("error.txt")]
    assert len(links) == 2
    assert all(Path(link.removeprefix("file://")).resolve().is_file() for link in links)


@pytest.mark.parametrize("words", ["soon", "", "2099-01-01", "7x"])
def test_a_time_that_is_none_is_a_wrong_use_with_the_remedy(called, words: str) -> None:
    code, said, error = called("--since", words)
    assert (code, said) == (2, "")
    assert "7d, 2h, 2026-11-20" in error


def test_a_file_that_cannot_be_written_is_told(called) -> None:
    code, _, error = called("--since", "1h", "-o", "nowhere/report.html")
    assert code == 2
    assert "nowhere/report.html cannot be written: No such file or directory." in error
