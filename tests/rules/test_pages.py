"""Every page leads somewhere, shows commands that exist, and holds what the code wrote into it."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote

import pytest
from pages import ROOT, Page, all_pages, code_words, command_lines, page
from tree import BLOCKS, mark, pages_with, with_blocks

from worker.cli import build_parser

PAGES = all_pages()
by_name = pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)

WHOLE = re.compile(r"zimage-worker [a-z]+(?: [^`]*)?")
"""A command in a line of prose."""
SHORTENED = re.compile(r"\.\.\.|[|\\]")


def test_the_start_page_is_short() -> None:
    assert page("README.md").text.count("\n") <= 200


@by_name
def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(one: Page) -> None:
    lost = []
    for link in one.links:
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        path = (one.path.parent / unquote(target)).resolve() if target else one.path
        is_there = path.exists() and (not anchor or unquote(anchor) in Page(path).anchors)
        if not is_there:
            lost.append(link)
    assert not lost


@by_name
def test_every_page_is_reached_from_another(one: Page) -> None:
    if one.name.startswith("README"):
        return
    linked = {(other.path.parent / link.partition("#")[0]).resolve() for other in PAGES for link in other.links}
    assert one.path in linked, "no page leads here"


def shown(one: Page) -> list[str]:
    """The commands that a page shows, in blocks and in prose, without the program's name.

    Prose may name a command alone, without the arguments that it needs.
    """
    blocks = [line for block in one.code_blocks for line in command_lines(block)]
    words = [word for word in code_words(one.prose) if WHOLE.fullmatch(word) and not SHORTENED.search(word)]
    prose = [line for word in words for line in command_lines(word)]
    return blocks + [f"{line} --help" if line == "model add" or " " not in line else line for line in prose]


COMMANDS = sorted({(one.name, line) for one in PAGES for line in shown(one)})


@pytest.mark.parametrize(("name", "line"), COMMANDS, ids=lambda value: value)
def test_every_command_that_is_shown_is_one(name: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = 0
    try:
        build_parser().parse_args(shlex.split(line))
    except SystemExit as end:
        code = end.code
    assert code == 0, f"{name}: zimage-worker {line}: {capsys.readouterr().err}"


def test_commands_are_found_in_blocks_and_in_prose() -> None:
    assert ("README.md", "run -c ~/pictures/worker.yaml") in COMMANDS
    assert ("worker/bench/README.md", "bench --help") in COMMANDS
    assert ("systemd/README.md", "init /mnt/pictures") in COMMANDS


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_the_code_writes_stands_on_one_page_as_it_is_written(name: str) -> None:
    (one,) = pages_with(name)
    assert with_blocks(one.text) == one.text, "run: python tests/tree.py"
    assert one.text.count(mark(name)) == 1


def test_the_tree_names_every_module_of_every_package() -> None:
    lines = pages_with("tree")[0].text.split(mark("tree"))[1].split("<!-- end -->")[0].splitlines()
    named = [line.split()[0] for line in lines if not line.startswith("```")]
    inits = sorted((ROOT / "worker").rglob("__init__.py"))
    modules = [path.name for init in inits for path in init.parent.glob("*.py") if path.name != "__init__.py"]
    packages = [f"{init.parent.name}/" for init in inits if init.parent != ROOT / "worker"]
    assert sorted(named) == sorted(modules + packages)


def test_how_tos_name_files_that_are_there() -> None:
    words = code_words(page("worker/README.md").section("## How to add"))
    files = [word for word in words if re.fullmatch(r"[\w/]+(\.\w+|/)", word) and "NAME" not in word]
    assert files
    assert not [file for file in files if not (ROOT / file).exists()]


def test_the_lines_for_fstab_are_the_same_wherever_they_stand() -> None:
    def lines(name: str) -> list[str]:
        return re.findall(r"^(?://nas|nas:).*$", page(name).text, re.M)

    assert lines("worker/spool/README.md") == lines("systemd/README.md") != []
