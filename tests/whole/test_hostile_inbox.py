"""An inbox full of traps beside an honest job: nothing hangs, nothing is followed or lost, the job is made."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from house import House
from structlog.testing import capture_logs

from worker.errors import ExitCode

HONEST = "prompt: a red mug\n"
SECRET = "prompt: of somebody else\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def plant(inbox: Path, outside: Path) -> set[str]:
    """Traps that are no job for anybody: told in the log and left where they are."""
    secret = outside / "secret.yaml"
    secret.write_text(SECRET)
    (inbox / "link.yaml").symlink_to(secret)
    (inbox / "nowhere.yaml").symlink_to(outside / "gone.yaml")
    (inbox / "loop.yaml").symlink_to(inbox / "loop.yaml")
    os.mkfifo(inbox / "pipe.yaml")
    traps = {"link.yaml", "nowhere.yaml", "loop.yaml", "pipe.yaml", "folder-link", "trapped"}
    if os.geteuid() == 0:
        os.mknod(inbox / "device.yaml", 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero
        traps.add("device.yaml")
    (inbox / "folder-link").symlink_to(outside)
    (inbox / "trapped").mkdir()
    (inbox / "trapped/job.yaml").symlink_to(secret)
    return traps


BAD_JOBS = {
    "escape": "prompt: mug\nfile_name: ../../escaped\n",
    "absolute": "prompt: mug\nfile_name: /tmp/escaped\n",
    "outside-table": "products: ../../secret.csv\nprompt: 'a {name}'\n",
    "absolute-table": "products: /etc/passwd\nprompt: 'a {name}'\n",
    "device-table": "products: /dev/zero\nprompt: 'a {name}'\n",
    "injected": "prompt: '{x.__class__.__mro__}'\nmatrix: {x: [a]}\n",
    "tagged": "prompt: !!python/object/apply:os.system ['touch hacked']\n",
    "laughs": "a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n" * 20,
    "deep": "[" * 100_000,
    "exploding": "prompt: a\nmatrix:\n" + "".join(f"  k{n}: [a, b, c, d]\n" for n in range(200)),
    "endless": "prompt: a\ncount: 999999999\n",
}

ODD_NAMES = [
    "CON.yaml", "aux.yaml", "LPT1.yaml", "x" * 250 + ".yaml", "trailing. .yaml", "-rf.yaml", "a\nb.yaml",
    "Twin.yaml", "twin.yaml", unicodedata.normalize("NFC", "café.yaml"),
]  # fmt: skip


def test_traps_are_left_alone_bad_jobs_refused_and_the_honest_job_made(house: House, tmp_path: Path) -> None:
    inbox, outside = tmp_path / "inbox", tmp_path / "outside"
    outside.mkdir()
    traps = plant(inbox, outside)
    for name, text in BAD_JOBS.items():
        house.drop(f"{name}.yaml", text)
    (inbox / "table").mkdir()
    (inbox / "table/job.yaml").write_text("products: huge.csv\nprompt: 'a {name}'\n")
    with (inbox / "table/huge.csv").open("wb") as file:
        file.truncate(1024**3)
    hard = outside / "hard.yaml"
    hard.write_text(HONEST)
    os.link(hard, inbox / "hard.yaml")
    house.drop("honest.yaml", HONEST)
    house.at(400.0, house.stop)  # the traps stay, so the inbox is never empty
    with capture_logs() as logs:
        house.drain(drain=False)
    assert {"honest", "hard"} <= house.names("outbox")
    assert house.names("failed") == {*BAD_JOBS, "table"}
    for name, text in BAD_JOBS.items():
        assert (house.root / "failed" / name / "error.txt").read_text("utf-8").strip()
        assert (house.root / "failed" / name / "job.yaml").read_text("utf-8") == text
    assert house.names("inbox") - {".zimage-worker"} == traps
    told = {entry["file"] for entry in logs if entry["event"] == "file.ignored"}
    assert told == traps
    assert {path.name for path in (house.root / "outbox/receipts").glob("*.txt")} == {f"{name}.txt" for name in traps}
    assert (outside / "secret.yaml").read_text() == SECRET
    assert hard.read_text() == HONEST
    assert not [*tmp_path.rglob("*escaped*"), *tmp_path.rglob("hacked")]
    everything = "".join(path.read_text("utf-8", "replace") for path in (house.root / "outbox").rglob("*.json"))
    assert "of somebody else" not in everything


def test_odd_names_are_jobs_like_any_other_and_twins_do_not_meet(house: House) -> None:
    for name in ODD_NAMES:
        house.drop(name, HONEST)
    raw = os.fsencode(house.root / "inbox") + b"/caf\xe9.yaml"
    Path(os.fsdecode(raw)).write_text(HONEST)
    assert house.drain() == ExitCode.DONE
    published = house.names("outbox")
    assert len(published) == len(ODD_NAMES) + 1
    assert len({unicodedata.normalize("NFC", name).casefold() for name in published}) == len(published)
    assert not [name for name in published if len(name.encode()) > 255 or "\n" in name]
    assert house.is_swept()
