"""Jobs of any permissions, shortages at any call: no picture by means its job did not allow, and every lesson ends."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scripted_stages import PLENTY, SIDE_PX, Call, Machine, as_number, painted, scripted
from structlog.testing import capture_logs

from worker.records import PictureResult, Request
from worker.studio.plan.memory import CPU_PLAN, MemoryPlan, Work
from worker.studio.plan.setup import set_up
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.request_state import SEED_STEP
from worker.studio.retry.history import History, RestartRequest
from worker.studio.retry.ladders import RUNGS, with_rungs
from worker.studio.retry.lessons import LASTS_PICTURES, LASTS_S, MORE_ROOM_MIB

pytestmark = pytest.mark.slow

TILES, SEED = frozenset({"tiled_decode"}), frozenset({"new_seed"})
PERMISSIONS: list[frozenset] = [frozenset(), TILES, SEED, TILES | SEED]
LEVELS = [2.5, 3.5, 5.0, 7.5, 9.0, 11.0, 13.0, 15.0, PLENTY]


@pytest.fixture(autouse=True)
def little_garbage():
    """Every shortage collects garbage: a third of a second each time, with all of torch to look through."""
    gc.freeze()
    yield
    gc.unfreeze()


@dataclass
class Night:
    """One worker's renderer through its jobs, replaced when it asks for it."""

    plan: MemoryPlan
    plan_tiles: bool = False
    overlaps: bool = False
    compiles: bool = False
    machine: Machine = field(default_factory=Machine)
    calls: list[Call] = field(default_factory=list)
    now_s: float = 0.0
    room_mib: float = 10_000.0
    processes: int = 0

    def __post_init__(self) -> None:
        self.replace()

    def replace(self) -> None:
        self.processes += 1
        stages = scripted(self.machine, self.calls, overlaps=self.overlaps, compiles=self.compiles)
        self.renderer = StudioRenderer(
            stages=stages, plan=self.plan_of, room=lambda: self.room_mib, now_s=lambda: self.now_s
        )

    def plan_of(self, work: Work) -> MemoryPlan:
        return replace(self.plan, tile_px=32) if work.may_tile and self.plan_tiles else self.plan

    def make(self, requests: Sequence[Request]) -> dict[str, PictureResult]:
        """All results of a job, as the daemon's side of the pipe gets them."""
        left = {request.file: request for request in requests}
        histories: dict[str, History] = {}
        ends: dict[str, PictureResult] = {}
        while left:
            assert self.processes < 100
            for end in self.renderer.render(
                [*left.values()],
                on_progress=lambda _: None,
                is_interrupted=lambda: False,
                histories=[*histories.values()],
            ):
                if isinstance(end, RestartRequest):
                    histories |= {history.file: history for history in (end.history, *end.others)}
                    self.replace()
                    break
                ends[end.request.file] = end
                del left[end.request.file]
                histories.pop(end.request.file, None)
        return ends


def request(seed: int, *, allow: frozenset = frozenset(), guided: bool = False) -> Request:
    return Request(
        shot_id="a", index=1, file=f"{seed}.png", prompt="a mug", seed=seed, width_px=SIDE_PX, height_px=SIDE_PX,
        steps=1, guidance=3.0 if guided else 0.0, allow=allow,
    )  # fmt: skip


pictures = st.lists(st.tuples(st.sampled_from(PERMISSIONS), st.booleans()), min_size=1, max_size=6)
# of calls, each time: only tiles help a decode at 5, nothing helps it at 2.5
shocks = st.lists(st.tuples(st.sampled_from(LEVELS), st.integers(1, 30)), max_size=4)
jobs = st.lists(
    st.tuples(pictures, shocks.map(lambda runs: [level for level, calls in runs for _ in range(calls)]),
              st.booleans(), st.integers(0, 3)),
    min_size=1, max_size=6,
)  # fmt: skip
nights = st.builds(
    Night,
    plan=st.builds(
        replace,
        st.just(CPU_PLAN),
        batch=st.integers(1, 4),
        resident_blocks=st.sampled_from([CPU_PLAN.resident_blocks, 4]),
    ),
    plan_tiles=st.booleans(),
    overlaps=st.booleans(),
    compiles=st.booleans(),
)


def check(night: Night, calls: Sequence[Call], result: PictureResult) -> None:
    """By the stages' own calls: only what the job allows, and what the manifest will say."""
    asked, tries = result.request, result.tries
    used = {one_try.rung for one_try in tries} | {*tries[0].lessons}
    seeds = {as_number(asked.seed), *([as_number(asked.seed + SEED_STEP)] if "new_seed" in asked.allow else [])}
    own = [call for call in calls if seeds & {as_number(seed) for seed in call.seeds}]
    assert not {"tiled_decode", "new_seed"} - asked.allow & used
    if "tiled_decode" not in asked.allow:
        assert all(call.setup.tile_px is None for call in own)
    if result.picture is None:
        return
    is_tiled = own[-1].setup.tile_px is not None
    seed = tries[-1].seed if tries[-1].seed is not None else asked.seed
    assert result.picture.rgb == painted(seed, is_tiled=is_tiled).numpy().tobytes()
    assert (tries[-1].seed is not None) == ("new_seed" in used)
    assert is_tiled == ("tiled_decode" in used or "tiles" in tries[-1].note)
    if {one_try.outcome for one_try in tries} <= {"oom", "ok"} and "new_process" not in used:
        plan = night.plan_of(Work(pixels=SIDE_PX**2, may_tile="tiled_decode" in asked.allow))
        plain = set_up(replace(plan, compiled=night.compiles and plan.is_whole))
        rungs = [rung for name, rung in RUNGS.items() if name in used]
        assert own[-1].setup == with_rungs(plain, rungs)


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(night=nights, jobs=jobs)
def test_no_picture_is_made_by_means_its_job_did_not_allow_and_every_lesson_ends(night: Night, jobs) -> None:
    seed = 0
    with capture_logs() as logs:
        for pictures, shocks, night.machine.is_black, minutes in jobs:
            requests = [request(seed + n, allow=allow, guided=guided) for n, (allow, guided) in enumerate(pictures)]
            seed += len(requests)
            night.machine.shocks, before = [*shocks], len(night.calls)
            results = night.make(requests)
            assert results.keys() == {one.file for one in requests}
            for result in results.values():
                check(night, night.calls[before:], result)
            night.now_s += minutes * 60
        # all trouble ends
        night.machine.shocks, night.machine.room, night.machine.is_black = [], PLENTY, False
        night.make([request(seed + n) for n in range(LASTS_PICTURES + night.plan.batch)])
        seed, processes, before = seed + 2 * LASTS_PICTURES, night.processes, len(night.calls)
        after = night.make(
            [request(seed + n, allow=allow, guided=n % 2 == 0) for n in range(8) for allow in PERMISSIONS[n % 4 :][:1]]
        )
    assert {(one_try.rung, one_try.lessons) for result in after.values() for one_try in result.tries} == {("first", ())}
    own = [call for call in night.calls[before:] if call.stage == "denoise"]
    assert {call.setup for call in own} <= {
        set_up(replace(night.plan, compiled=night.compiles and night.plan.is_whole, tile_px=tile))
        for tile in (None, 32)
    }
    assert night.processes == processes
    events = [(log["event"], log["rung"], log["guided"]) for log in logs if log["event"].startswith("lesson.")]
    learnt = [event[1:] for event in events if event[0] == "lesson.learnt"]
    forgotten = [event[1:] for event in events if event[0] == "lesson.forgotten"]
    assert all(forgotten.count(lesson) <= learnt.count(lesson) for lesson in forgotten)
    if night.processes == 1:
        assert sorted(forgotten, key=str) == sorted(learnt, key=str), "each is told once, and once when it ends"


def test_a_lesson_is_told_when_it_is_learnt_and_when_the_card_is_empty_again() -> None:
    night = Night(plan=CPU_PLAN, machine=Machine(room=7.5))
    with capture_logs() as logs:
        night.make([request(seed) for seed in range(3)])
        night.machine.room, night.room_mib = PLENTY, night.room_mib + MORE_ROOM_MIB
        (after,) = night.make([request(3)]).values()
    assert [one_try.rung for one_try in after.tries] == ["first"]
    assert [log for log in logs if log["event"].startswith("lesson.")] == [
        {"event": "lesson.learnt", "log_level": "info", "rung": "stream_in_turn", "guided": False,
         "from_pixels": SIDE_PX**2, "room_mib": 10_000.0, "file": "0.png"},
        {"event": "lesson.forgotten", "log_level": "info", "rung": "stream_in_turn", "guided": False,
         "from_pixels": SIDE_PX**2, "room_mib": 10_000.0,
         "why": "the card has 1024 MiB more room than when it was learnt"},
    ]  # fmt: skip


def test_a_lesson_is_forgotten_while_the_worker_has_nothing_to_do() -> None:
    night = Night(plan=CPU_PLAN, machine=Machine(room=7.5))
    night.make([request(0)])
    night.machine.room, night.now_s = PLENTY, LASTS_S
    assert [one_try.rung for one_try in night.make([request(1)])["1.png"].tries] == ["first"]


def test_the_manifest_names_the_lessons_that_a_picture_began_with() -> None:
    night = Night(plan=CPU_PLAN, machine=Machine(room=7.5))
    results = night.make([request(0)])
    night.machine.room, night.machine.is_black = 14.0, True
    results |= night.make([request(seed) for seed in range(1, 4)])
    began = [(one.tries[0].rung, one.tries[0].lessons) for one in results.values()]
    assert began[0] == ("first", ())
    assert began[-1] == ("stream_in_turn", ("decode_fp32", "stream_in_turn"))
    assert all(one_try.lessons == () for one in results.values() for one_try in one.tries[1:])


def test_a_job_without_permission_is_made_without_the_tiles_of_the_job_before() -> None:
    night = Night(plan=CPU_PLAN, machine=Machine(room=5.0))
    assert night.make([request(0, allow=TILES)])["0.png"].tries[-1].rung == "tiled_decode"
    night.machine.room = PLENTY
    mixed = night.make([request(1), request(2, allow=TILES), request(3, allow=SEED)])
    assert {file: one.tries[0].lessons for file, one in mixed.items()} == {
        "1.png": (), "2.png": ("tiled_decode",), "3.png": ()
    }  # fmt: skip
    for seed, is_tiled in ((1, False), (2, True), (3, False)):
        assert mixed[f"{seed}.png"].picture.rgb == painted(seed, is_tiled=is_tiled).numpy().tobytes()


def test_a_rung_that_a_lesson_alone_wanted_does_not_follow_a_picture_into_the_next_process() -> None:
    night = Night(plan=CPU_PLAN, machine=Machine(is_black=True))
    night.make([request(seed) for seed in range(2)])
    # a VAE in fp32 needs 12 beside the transformer's 1: without the lesson there is room enough
    night.machine.room, night.machine.is_black = 12.5, False
    result = night.make([request(2)])["2.png"]
    assert result.picture is not None
    assert (result.tries[0].lessons, result.tries[-1].rung, night.processes) == (("decode_fp32",), "new_process", 2)


def test_a_picture_in_tiles_by_the_plan_says_so() -> None:
    night = Night(plan=CPU_PLAN, plan_tiles=True)
    results = night.make([request(0, allow=TILES), request(1)])
    assert [results[file].tries[0].note for file in ("0.png", "1.png")] == ["decoded in tiles of 32 pixels", ""]
