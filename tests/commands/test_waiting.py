"""`submit --wait`: who or what holds the jobs up is said at once, and how each ended, from real folders."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from house import House
from small_terminal import small_terminal
from twins import PaintingRenderer

from worker import compose
from worker.commands.waited_jobs import WaitedJob
from worker.commands.waiting import GONE_LOOKS, Shown, Wait, wait_for
from worker.spool import submit_all

pytestmark = pytest.mark.slow

TWO = "shots:\n  - {id: a, prompt: a red mug}\n  - {id: b, prompt: a blue vase}\nsize: 64x64\n"
Act = Callable[[], object]


class Somebody:
    """Submits jobs and waits for them; whatever happens meanwhile, happens between two looks."""

    def __init__(self, house: House, out: StringIO) -> None:
        self.house, self.out = house, out
        self.acts: Iterator[Act] = iter(())
        self.slept = 0

    def submits(self, *names: str, shown: str = "", text: str = TWO) -> None:
        given = self.house.root / "given"
        given.mkdir(exist_ok=True)
        for name in names:
            (given / f"{name}.yaml").write_text(text)
        self.submitted = submit_all([given / f"{name}.yaml" for name in names], self.house.folders)
        self.jobs = [WaitedJob(name=one.name, shown=shown or Path(one.name).stem, pictures=2) for one in self.submitted]

    def wait(self, *acts: Act, shown: Shown | None = None) -> bool:
        self.acts = iter(acts)
        looks = compose.Onlooker(self.house.settings(), self.submitted)
        self.waiting = Wait(
            self.jobs, looks, outcome=compose.outcome_in, inbox=self.house.root / "inbox",
            start="zimage-worker run", shown=shown or Shown(self.out), sleep=self.sleep,
        )  # fmt: skip
        return self.waiting.until_all_ended()

    def sleep(self, seconds: float) -> None:
        self.slept += 1
        assert self.slept < 500, self.said()
        if self.slept % 2 == 0:  # between, it looks at everything
            next(self.acts, lambda: None)()

    def said(self) -> list[str]:
        return self.out.getvalue().replace(str(self.house.root), "").splitlines()


@pytest.fixture
def somebody(tmp_path: Path) -> Somebody:
    return Somebody(House(tmp_path), StringIO())


def test_that_nobody_works_is_said_at_once_and_once(somebody: Somebody) -> None:
    somebody.submits("mugs")
    assert somebody.wait(*[lambda: None] * 5, somebody.house.drain)
    assert somebody.said() == [
        "no worker is running on this inbox: start one with `zimage-worker run`",
        "mugs waits",
        "mugs: complete, 2 pictures: /outbox/mugs",
    ]


def works(house: House, *, state: str = "idle", **facts: object) -> None:
    """A worker lives, as far as the folders tell."""
    house.folders.workers.mkdir(parents=True, exist_ok=True)
    record = {"id": "w9", "host": "h", "state": state, **facts}
    (house.folders.workers / "w9.json").write_text(json.dumps(record))
    (house.folders.workers / "w9.beat").write_text(json.dumps({"run": "r", "count": 1}))


def test_who_paused_is_said_with_the_remedy_and_that_it_goes_on(somebody: Somebody) -> None:
    somebody.submits("mugs")
    works(somebody.house)
    pause = somebody.house.root / "inbox/PAUSE"
    pause.touch()
    assert somebody.wait(lambda: None, pause.unlink, lambda: None, somebody.house.drain)
    first, _, goes_on, _ = somebody.said()
    assert first.startswith("paused by /inbox/PAUSE since ")
    assert first.endswith("remove that file to go on")
    assert goes_on == "work goes on"


def test_a_worker_that_waits_itself_is_said_with_its_reason(somebody: Somebody) -> None:
    somebody.submits("mugs")
    works(somebody.house, state="paused", reason="no room in the outbox")
    assert somebody.wait(somebody.house.drain)
    assert somebody.said()[0] == "w9 waits: no room in the outbox"


def test_a_worker_that_is_not_heard_of_is_no_worker(somebody: Somebody) -> None:
    somebody.submits("mugs")
    works(somebody.house)
    late_s = time.time() - 60.0
    os.utime(somebody.house.folders.workers / "w9.beat", (late_s, late_s))
    assert somebody.wait(somebody.house.drain)
    assert somebody.said()[0].startswith("no worker is heard of on this inbox, w9 not for a while")


def seen_in_work(somebody: Somebody, then: Act = lambda: None) -> Act:
    """A worker makes the pictures, and somebody looks after each, before it is settled."""

    def look(_: object) -> None:
        somebody.house.spend(3.0)
        somebody.waiting._look(with_overview=True)
        somebody.waiting._draw()
        then()

    return lambda: somebody.house.drain(PaintingRenderer(after=look))


def test_a_job_in_work_is_told_at_each_tenth_and_never_twice(somebody: Somebody) -> None:
    somebody.submits("mugs")
    assert somebody.wait(seen_in_work(somebody))
    assert somebody.said()[2:] == [
        "work goes on",
        "mugs: in work by w1",
        "mugs: 1 of 2 pictures",
        "mugs: complete, 2 pictures: /outbox/mugs",
    ]


def test_a_partial_job_says_which_pictures_failed_and_why(somebody: Somebody) -> None:
    somebody.submits("mugs")
    assert not somebody.wait(lambda: somebody.house.drain(PaintingRenderer(refuses=["b_01.png"])))
    assert somebody.said()[-1] == "mugs: partial: 1 of 2, failed: b_01.png (black): /outbox/mugs"


def test_a_failed_and_a_refused_job_say_so(somebody: Somebody) -> None:
    somebody.submits("mugs")
    assert not somebody.wait(lambda: somebody.house.drain(PaintingRenderer(refuses=["a_01.png", "b_01.png"])))
    assert somebody.said()[-1] == "mugs: failed: 0 of 2, failed: a_01.png (black), b_01.png (black): /failed/mugs"
    somebody.submits("bad", text="prompt: [\n")
    assert not somebody.wait(lambda: somebody.house.drain(grace_s=0.0))
    assert somebody.said()[-1] == "bad: refused: The job could not be read: 1 problem. /failed/bad"


def test_a_job_that_is_cancelled_while_it_waits_says_so(somebody: Somebody) -> None:
    somebody.submits("mugs")
    cancel = somebody.house.root / "inbox/mugs.cancel"
    assert not somebody.wait(lambda: (cancel.touch(), somebody.house.drain()))
    assert somebody.said()[-1] == "mugs: cancelled before it began: /failed/mugs"


def test_many_failures_are_counted(somebody: Somebody) -> None:
    shots = "".join(f"  - {{id: s{n}, prompt: a mug}}\n" for n in range(9))
    somebody.submits("mugs", text=f"size: 64x64\nshots:\n{shots}")
    refuses = [f"s{n}_01.png" for n in range(7)]
    assert not somebody.wait(lambda: somebody.house.drain(PaintingRenderer(refuses=refuses)))
    end = "mugs: partial: 2 of 9, failed: s0_01.png (black), s1_01.png (black), s2_01.png (black), 4 more: /outbox/mugs"
    assert somebody.said()[-1] == end


def test_a_name_that_is_taken_ends_under_a_number_and_twins_each_in_their_own_folder(somebody: Somebody) -> None:
    somebody.house.drop("mugs.yaml", TWO)
    somebody.house.drain()
    somebody.submits("mugs", "vases")
    assert somebody.wait(somebody.house.drain)
    assert {*somebody.said()[-2:]} == {
        "mugs: complete, 2 pictures: /outbox/mugs.2", "vases: complete, 2 pictures: /outbox/vases"
    }  # fmt: skip


def test_a_job_that_somebody_took_away_is_told_after_a_while(somebody: Somebody) -> None:
    somebody.submits("mugs")
    assert not somebody.wait((somebody.house.root / "inbox/mugs.yaml").unlink)
    assert somebody.said()[-1] == "mugs.yaml: somebody took it away: it is neither waiting nor in work."
    assert somebody.slept >= GONE_LOOKS


def test_a_share_that_is_away_is_told_once_and_outlasted(somebody: Somebody) -> None:
    somebody.submits("mugs")
    outbox, away = somebody.house.root / "outbox", somebody.house.root / "away"
    acts: Sequence[Act] = [lambda: outbox.rename(away), *[lambda: None] * GONE_LOOKS, lambda: away.rename(outbox)]
    assert somebody.wait(*acts, somebody.house.drain)
    assert len([line for line in somebody.said() if line.startswith("the share is away")]) == 1
    assert somebody.said()[-1] == "mugs: complete, 2 pictures: /outbox/mugs"


def test_an_outcome_that_cannot_be_read_is_tried_again_and_then_told(somebody: Somebody) -> None:
    somebody.submits("mugs")
    really = compose.outcome_in

    def outcome(folder: Path) -> compose.Outcome:
        if somebody.slept < 6:
            raise OSError(errno.EIO, "away")
        return replace(really(folder), made=2)

    somebody.house.drain()
    looks = compose.Onlooker(somebody.house.settings(), somebody.submitted)
    wait = Wait(somebody.jobs, looks, outcome=outcome, inbox=Path("/in"), start="run", sleep=somebody.sleep,
                shown=Shown(somebody.out))  # fmt: skip
    assert wait.until_all_ended()
    assert somebody.slept == 6


@pytest.mark.parametrize("planted", ["link", "fifo", "huge", "folder", "list", "not json", "deep"])
def test_whatever_lies_in_the_place_of_a_manifest_ends_no_wait(somebody: Somebody, planted: str) -> None:
    somebody.submits("mugs")
    somebody.house.drain()
    manifest = somebody.house.root / "outbox/mugs/manifest.json"
    manifest.unlink()
    match planted:
        case "link":
            manifest.symlink_to("/etc/hostname")
        case "fifo":
            os.mkfifo(manifest)
        case "folder":
            manifest.mkdir()
        case "huge":
            with manifest.open("wb") as file:
                file.truncate(65 << 20)
        case _:
            texts = {"list": '{"status": [], "shots": [1, {"attempts": {}}]}', "deep": "[" * 100_000}
            manifest.write_text(texts.get(planted, "?"))
    assert not somebody.wait()
    assert somebody.said()[-1] == "mugs: ended, and cannot be read: /outbox/mugs"


def test_on_a_terminal_one_line_changes_in_place_and_goes_at_the_end(somebody: Somebody) -> None:
    with small_terminal(100) as screen:
        somebody.submits("mugs")
        rows: list[list[str]] = []
        shown = Shown(screen.stream, environment={"TERM": "xterm"})
        assert somebody.wait(seen_in_work(somebody, lambda: rows.append(screen.rows())), shown=shown)
        assert rows[0][-1] == "[........................]  0/2  mugs"
        assert rows[1][-1].startswith("[############............]  1/2  mugs")
        assert "complete" in screen.rows()[-1] or "complete" in screen.rows()[-2]
        assert not [row for row in screen.rows() if row.startswith("[")]


def test_ctrl_c_ends_the_wait_and_not_the_jobs(somebody: Somebody, capsys: pytest.CaptureFixture[str]) -> None:
    somebody.submits("mugs")

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    looks = compose.Onlooker(somebody.house.settings(), somebody.submitted)
    wait = Wait(somebody.jobs, looks, outcome=compose.outcome_in, inbox=Path("/in"), start="run", sleep=interrupted,
                shown=Shown(somebody.out))  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        wait_for(wait)
    assert "Not waiting any more; the jobs go on." in capsys.readouterr().out


def test_many_jobs_are_told_by_their_ends_alone(somebody: Somebody) -> None:
    names = [f"mug{number}" for number in range(12)]
    somebody.submits(*names)
    assert somebody.wait(*[lambda: None] * 3, somebody.house.drain)
    assert somebody.said()[0].startswith("no worker is running")
    assert {line.split(":")[0] for line in somebody.said()[1:]} == set(names)
