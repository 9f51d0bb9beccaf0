"""A worker that is nice to its card: when it waits, who is told, and that nothing is made meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from house import MODEL, House
from scripted_watch import FREE, ScriptedWatch, used_by
from structlog.testing import capture_logs
from twins import PaintingRenderer

from worker.card_readings import CardProgram, CardReading
from worker.daemon.card_manners import LOOK_EVERY_S, STUCK_S, CardManners
from worker.errors import ExitCode
from worker.identity import RendererInfo
from worker.records import Request

pytestmark = pytest.mark.slow

GAME = used_by((7, "game", 80), temperature_c=70.0)
IDLE_BROWSER = used_by((9, "browser", 3), temperature_c=60.0)
PICTURE_S = 5.0


@dataclass
class Night:
    """A house with a scripted card, and when each picture was made."""

    house: House
    made_s: list[float] = field(default_factory=list)
    logs: Sequence[dict[str, object]] = ()

    def paint(self, _: Request) -> None:
        self.house.spend(PICTURE_S)
        self.made_s.append(self.house.now_s())

    def run(
        self, *script: tuple[float, CardReading | None], renderer: PaintingRenderer | None = None, drain: bool = True,
        **settings: object,
    ) -> ExitCode:  # fmt: skip
        """From what the card tells, from when on."""
        made = self.house.worker(renderer or PaintingRenderer(after=self.paint), **settings)
        worker = replace(made, card=ScriptedWatch(self.house.now_s, *script))
        with capture_logs() as self.logs, worker.spool.ownership.lock(self.house.wait):
            return worker.daemon(MODEL).run(drain=drain)

    def events(self, *names: str) -> list[dict[str, object]]:
        return [one for one in self.logs if one["event"] in names]


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(House(tmp_path))
    made.house.drop("mugs.yaml", "prompt: a mug\ncount: 6\n")
    return made


@pytest.mark.slow
def test_it_waits_while_another_program_uses_the_card_and_ten_seconds_longer(night: Night) -> None:
    assert night.run((0, FREE), (12, GAME), (60, FREE), nice=True) == ExitCode.DONE
    assert not [at_s for at_s in night.made_s if 25 < at_s < 70], night.made_s
    assert len([at_s for at_s in night.made_s if at_s > 70]) >= 3
    paused = night.events("worker.paused", "worker.resumed")
    assert [one["event"] for one in paused] == ["worker.paused", "worker.resumed"]
    assert "game (process 7)" in str(paused[0]["reason"])
    assert len(night.house.manifest("mugs")["shots"]) == 6


def test_without_the_setting_nobody_is_waited_for(night: Night) -> None:
    night.run((0, GAME))
    assert max(night.made_s) < 60
    assert not night.events("worker.paused")


@pytest.mark.parametrize(
    "reading",
    [
        IDLE_BROWSER,
        used_by((8, "Xorg", 0)),
        CardReading(programs=(replace(GAME.programs[0]), replace(GAME.programs[1], is_ours=True))),
    ],
    ids=["a browser", "a desktop", "another worker of ours"],
)
def test_programs_that_hold_memory_and_other_workers_do_not_stop_the_night(night: Night, reading: CardReading) -> None:
    night.run((0, reading), nice=True)
    assert max(night.made_s) < 60
    assert not night.events("worker.paused")


def test_a_window_that_opens_is_no_use(night: Night) -> None:
    flicker = [(float(second), GAME if second % 5 == 0 else FREE) for second in range(200)]
    night.run(*flicker, nice=True)
    assert not night.events("worker.paused")


def test_bursts_count_as_one_use(night: Night) -> None:
    bursts = [(float(second), GAME if second % 8 < 3 else FREE) for second in range(10, 100)]
    night.run((0, FREE), *bursts, (100, FREE), nice=True)
    assert not [at_s for at_s in night.made_s if 30 < at_s < 105], night.made_s
    assert len(night.events("worker.paused")) == 1


def test_it_begins_no_picture_while_the_card_is_too_hot_and_goes_on_some_degrees_below(night: Night) -> None:
    hot, warm, cool = (replace(FREE, temperature_c=degrees) for degrees in (84.0, 77.0, 75.0))
    night.run((0, FREE), (12, hot), (50, warm), (80, cool), max_temperature_c=80)
    assert not [at_s for at_s in night.made_s if 20 < at_s < 80], night.made_s
    (paused,) = night.events("worker.paused")
    assert "84 °C, and `max_temperature_c` is 80. It goes on by itself at 75 °C" in str(paused["reason"])
    assert night.house.manifest("mugs")["max_temperature_c"] == 84.0
    (settled,) = night.events("job.settled")
    assert settled["temperature_c"] == 84.0


@pytest.mark.slow
def test_a_reading_that_never_falls_is_told_and_it_waits_on(night: Night) -> None:
    stuck = replace(FREE, temperature_c=91.0)
    night.house.at(3 * STUCK_S, night.house.stop)
    night.run((0, FREE), (12, stuck), max_temperature_c=80, drain=False)
    assert len(night.made_s) in (2, 3)
    (hot,) = night.events("card.hot")
    assert (hot["temperature_c"], hot["ceiling_c"]) == (91.0, 80)
    reasons = [str(one["reason"]) for one in night.events("worker.paused")]
    assert len(reasons) == 2
    assert "look whether its fans turn" in reasons[1]


def test_nothing_is_being_made_while_it_waits(night: Night) -> None:
    """The renderer is asked for no other picture, and what it had begun comes first."""
    ahead = []

    class Ahead(PaintingRenderer):
        def finish(self) -> None:
            ahead.append(night.house.now_s())
            super().finish()

    renderer = Ahead(after=night.paint)
    night.run((0, FREE), (12, GAME), (60, FREE), renderer=renderer, nice=True)
    assert len(ahead) == 1
    assert renderer.painted == [f"mugs_{n:02}.png" for n in range(1, 7)] or len(set(renderer.painted)) == 6


@pytest.mark.slow
def test_it_is_told_where_people_look_and_counts_as_no_work(night: Night) -> None:
    seen: dict[str, object] = {}

    def look() -> None:
        state = json.loads((night.house.folders.workers / "w1.json").read_text())
        (partial,) = night.house.root.glob("outbox/*.partial")
        seen.update(state=state, page=(partial / "index.html").read_text())

    night.house.at(40.0, look)
    night.run((0, FREE), (12, GAME), (600, FREE), nice=True)
    state = seen["state"]
    assert isinstance(state, dict)
    assert state["state"] == "paused"
    assert "game" in state["reason"]
    assert "game" in state["reasons"]["zh"]
    assert "game (process 7)" in str(seen["page"])
    (settled,) = night.events("job.settled")
    assert settled["seconds"] < 60


def test_a_cancel_a_stop_and_a_pause_are_heard_while_it_waits(night: Night) -> None:
    night.house.at(100.0, lambda: night.house.drop("mugs.cancel", ""))
    assert night.run((0, FREE), (12, GAME), nice=True) == ExitCode.JOBS_FAILED
    assert night.house.manifest("mugs")["status"] == "cancelled"
    assert night.house.now_s() < 150


def test_a_stop_while_it_waits_gives_the_job_back(night: Night) -> None:
    night.house.at(100.0, night.house.stop)
    night.run((0, FREE), (12, GAME), nice=True, drain=False)
    assert night.house.now_s() < 110
    assert "mugs.yaml" in night.house.names("inbox")


def test_a_pause_within_the_wait_is_told_as_one(night: Night) -> None:
    pause = night.house.root / "inbox/PAUSE"
    night.house.at(40.0, lambda: night.house.drop("PAUSE", ""))
    night.house.at(120.0, pause.unlink)
    night.run((0, FREE), (12, GAME), (60, FREE), nice=True)
    assert not [at_s for at_s in night.made_s if 25 < at_s < 120]
    assert [str(one["reason"])[:5] for one in night.events("worker.paused")] == ["Other", "PAUSE"]


def test_a_driver_that_says_no_more_holds_nobody_up(night: Night) -> None:
    night.run((0, FREE), (12, GAME), (30, None), nice=True, max_temperature_c=65)
    assert max(night.made_s) < 70


BUSY = CardReading(used_percent=70, programs=(CardProgram(pid=7),))
QUIET = replace(BUSY, used_percent=0)


@pytest.mark.slow
def test_where_the_driver_does_not_say_who_it_stands_still_once_a_minute_to_look(night: Night) -> None:
    night.house.drop("mugs.yaml", "prompt: a mug\ncount: 40\n")
    night.run((0, QUIET), nice=True)
    waits = [after - before for before, after in zip(night.made_s, night.made_s[1:], strict=False)]
    looks = [seconds for seconds in waits if seconds > PICTURE_S]
    assert len(looks) == int(night.made_s[-1] // (LOOK_EVERY_S + PICTURE_S + 4)) or len(looks) in (2, 3)
    assert max(waits) <= PICTURE_S + 6


@pytest.mark.slow
def test_there_it_waits_for_what_is_used_while_it_makes_nothing(night: Night) -> None:
    night.house.drop("mugs.yaml", "prompt: a mug\ncount: 40\n")
    night.run((0, QUIET), (100, BUSY), (300, QUIET), nice=True)
    assert not [at_s for at_s in night.made_s if 170 < at_s < 308], night.made_s
    assert any("Other programs use the card." in str(one["reason"]) for one in night.events("worker.paused"))


def renderer_on(device: str, uuid: str | None) -> RendererInfo:
    return RendererInfo(
        device=device, gpu=None, precision="bf16", memory_mib=1, room_mib=None, torch="2", diffusers="0", card_uuid=uuid
    )


@pytest.mark.parametrize(("nice", "ceiling_c", "told"), [(True, None, 1), (False, 80, 1), (False, None, 0)])
def test_where_no_card_can_be_read_that_is_told_once_to_whoever_set_anything(
    nice: bool, ceiling_c: int | None, told: int
) -> None:
    watch = ScriptedWatch(lambda: 0.0)
    manners = CardManners(watch, nice=nice, ceiling_c=ceiling_c)
    with capture_logs() as logs:
        for _ in range(3):
            manners.follow(renderer_on("cpu", None))
            assert (manners.calls(), manners.why()) == (False, None)
    assert [one["event"] for one in logs] == ["card.unread"] * told


def test_a_driver_that_fails_is_told_in_its_own_words() -> None:
    watch = ScriptedWatch(lambda: 0.0)
    manners = CardManners(watch, nice=True, ceiling_c=None)
    manners.follow(renderer_on("cuda:0", "u"))
    watch.problem = "GPU is lost"
    with capture_logs() as logs:
        assert [manners.calls() for _ in range(3)] == [False] * 3
    assert [one["reason"] for one in logs] == ["GPU is lost"]
    assert watch.follows == ["u"]


@pytest.mark.slow
def test_what_people_read_changes_every_ten_minutes_at_most(night: Night) -> None:
    others: Callable[[int], CardReading] = lambda second: used_by((100 + second, f"tool{second}", 50))  # noqa: E731
    night.run((0, FREE), *[(float(second), others(second)) for second in range(12, 1512)], (1512, FREE), nice=True)
    assert len(night.events("worker.paused")) == 3
