"""A job may be called anything that a share lets it be called: it ends like any other, and its name does no harm."""

from __future__ import annotations

import html
import json
import os
from io import StringIO
from pathlib import Path

import pytest
import structlog
from house import House
from twins import PaintingRenderer

from worker.errors import ExitCode
from worker.operations import events
from worker.translation import printable

pytestmark = pytest.mark.slow

NAMES = [
    b"mug.partial",
    b"CON",
    b"aux.2026",
    b"a\x1b]0;owned\x07",
    b"a\nb: job.published",
    "a\u202egnp\u2069".encode(),
    "马克杯".encode("gbk"),
    b"\xff\xfe",
    "a\u2028b\x9b31m".encode(),
]
GOOD, BAD = "count: 2\nprompt: a mug\n", "promt: a mug\n"


@pytest.fixture
def house(tmp_path: Path):
    events.configure("console", stream := StringIO())
    made = House(tmp_path)
    yield made
    structlog.reset_defaults()
    assert [line for line in stream.getvalue().split("\n") if printable(line) != line] == []


def place(house: House, name: bytes) -> Path:
    return Path(os.fsdecode(os.fsencode(house.root / "inbox") + b"/" + name))


@pytest.mark.parametrize("name", NAMES, ids=repr)
@pytest.mark.parametrize("fate", ["done", "refused", "cancelled", "cancelled before it began"])
def test_a_job_of_any_name_ends_where_people_see_it(house: House, name: bytes, fate: str) -> None:
    place(house, name + b".yaml").write_text(BAD if fate == "refused" else GOOD)
    cancel = place(house, name + b".yaml.cancel")
    if fate == "cancelled before it began":
        cancel.touch()
    renderer = PaintingRenderer(after=lambda _: cancel.touch() if fate == "cancelled" else None)
    assert house.drain(renderer) == (ExitCode.DONE if fate == "done" else ExitCode.JOBS_FAILED)
    (folder,) = {house.root / place / one for place in ("outbox", "failed") for one in house.names(place)}
    assert not folder.name.endswith(".partial")
    assert folder.name.partition(".")[0].casefold() not in ("con", "aux")
    assert printable(folder.name) == folder.name
    assert house.is_swept()
    if folder.parent.name == "failed":
        text = (folder / "error.txt").read_bytes().decode()
        assert [line for line in text.split("\r\n") if printable(line) != line] == []
        assert json.loads((folder / "error.json").read_bytes())["name"] == folder.name


TITLES = [
    "2026秋冬-陶瓷系列（第二批）",
    "🎄 Weihnachten: Tassen / Teller?",
    "مجموعة \u202eالخريف\u202c",
    "CON",
    "dots...",
    "杯" * 300,
    "two\nlines",
    "a.partial",
    ".hidden",
    "receipts",
    "_templates",
    "PAUSE",
    "index.html",
    "<b>&amp;",
]


@pytest.mark.parametrize("title", TITLES)
def test_any_title_refuses_no_job_and_is_kept_as_it_was_written(house: House, title: str) -> None:
    for name in ("one", "two"):
        house.drop(f"{name}.yaml", f"{GOOD}name: {json.dumps(title, ensure_ascii=False)}\n")
    assert house.drain() == ExitCode.DONE
    names = house.names("outbox")
    assert len(names) == 2
    assert {house.manifest(name)["title"] for name in names} == {title}
    shortest, other = sorted(names, key=len)
    assert other == f"{shortest}.2"
    assert not house.names("failed")
    assert printable(shortest) == shortest
    page = (house.root / "outbox" / shortest / "index.html").read_text("utf-8")
    assert html.escape(title, quote=False).split("\n")[0][:60] in page


def test_a_job_is_cancelled_by_the_name_of_its_folder(house: House) -> None:
    house.drop("one.yaml", f"{GOOD}name: '2026秋冬/陶瓷（第二批）'\n")
    house.drop("2026秋冬-陶瓷（第二批）.cancel", "")
    assert house.drain() == ExitCode.JOBS_FAILED
    assert house.names("failed") == {"one"}
