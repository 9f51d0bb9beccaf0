"""Every row of the table of a job's states, walked over the real folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from job_walk import TWO, Killed, S, Walk
from twins import PaintingRenderer
from whole.proof_walks import PROOF_WALKS

from worker.daemon.job_states import TRANSITIONS, JobState, Transition
from worker.errors import RendererBroken, RendererDied


def settles(walk: Walk) -> None:
    walk.waiting()
    walk.cut_at("begin", "worker.spool.claims.Claims")


def changes_at_the_last_moment(walk: Walk) -> None:
    walk.waiting()
    real, changed = os.rename, []

    def rename(source: object, target: object, *args: object, **named: object) -> None:
        if str(source).endswith("mugs.yaml") and "dropped" in str(target) and not changed:
            changed.append(source)
            Path(str(source)).write_text(TWO + "steps: 3\n")
        real(source, target, *args, **named)

    walk.monkeypatch.setattr(os, "rename", rename)
    walk.house.at(2.5, walk.see)  # it lies in the inbox again, and settles anew
    walk.house.drain()
    assert changed


def deleted(walk: Walk) -> None:
    walk.waiting()
    walk.house.at(1.0, (walk.inbox / "mugs.yaml").unlink)
    walk.house.drain()
    walk.see()


def begins(walk: Walk) -> None:
    walk.claimed()
    walk.house.drain(PaintingRenderer(after=walk.see))


def cannot_be_read(walk: Walk) -> None:
    walk.waiting("promt: a mug\n")
    walk.cut_at("fail", "worker.spool.publishing.FolderPublishing")
    walk.house.drain()
    walk.see()


def cancelled_before(walk: Walk) -> None:
    walk.claimed()
    walk.house.drop("mugs.cancel", "")
    walk.house.drain()
    walk.see()


def begun_too_often(walk: Walk) -> None:
    walk.waiting()
    walk.cut_at("stage", "worker.spool.publishing.FolderPublishing")
    walk.house.drain(attempts=1)
    walk.see()


def begun_too_often_later(walk: Walk) -> None:
    walk.waiting()
    with pytest.raises(Killed):
        walk.house.drain(PaintingRenderer(after=lambda one: walk.cut(one) if one.file == "b_01.png" else None))
    walk.cut_at("stage", "worker.spool.publishing.FolderPublishing")
    walk.house.drain(attempts=1)
    walk.see()


def worker_dies_before(walk: Walk) -> None:
    walk.claimed()
    walk.cut_at("begin", "worker.spool.claims.Claims")


def files_keep_failing_before(walk: Walk) -> None:
    walk.waiting()

    def failing(*_: object, **__: object) -> None:
        walk.see()
        raise OSError(5, "Input/output error")

    with walk.monkeypatch.context() as patch:
        patch.setattr("worker.spool.claims.Claims.begin", failing)
        walk.house.drain()
    walk.see()


def claim_removed_before(walk: Walk) -> None:
    walk.waiting()

    def removed(*_: object, **__: object) -> None:
        walk.see()
        shutil.rmtree(next(walk.house.folders.claims.glob("*/*")))
        walk.see()
        raise OSError(2, "No such file or directory")

    with walk.monkeypatch.context() as patch:
        patch.setattr("worker.spool.claims.Claims.begin", removed)
        walk.house.drain()


def stopped_while_its_name_is_taken(walk: Walk) -> None:
    walk.waiting()
    walk.house.drain(
        PaintingRenderer(
            after=lambda _: (walk.see(), walk.house.drop("mugs.yaml", TWO + "steps: 3\n"), walk.house.stop())
        )
    )
    walk.see()
    assert (walk.inbox / "mugs.yaml").read_text() == TWO + "steps: 3\n"


def all_made(walk: Walk) -> None:
    walk.waiting()
    walk.house.drain(PaintingRenderer(after=walk.see))
    walk.see()
    assert walk.house.manifest("mugs")["status"] == "complete"


def some_made(walk: Walk) -> None:
    walk.waiting()
    walk.house.drain(PaintingRenderer(after=walk.see, refuses=["b_01.png"]))
    walk.see()
    assert walk.house.manifest("mugs")["status"] == "partial"


def none_made(walk: Walk) -> None:
    walk.waiting()
    walk.house.drain(PaintingRenderer(after=walk.see, refuses=["a_01.png", "b_01.png"]))
    walk.see()


def cancelled_while(walk: Walk) -> None:
    walk.waiting()
    walk.house.drain(PaintingRenderer(after=lambda _: (walk.see(), walk.house.drop("mugs.cancel", ""))))
    walk.see()


def cancelled_before_any(walk: Walk) -> None:
    walk.waiting()
    renderer = PaintingRenderer(after=lambda _: (walk.see(), walk.house.drop("mugs.cancel", "")), refuses=["a_01.png"])
    walk.house.drain(renderer)
    walk.see()
    assert "mugs" in walk.house.names("failed")


def gives_way(walk: Walk) -> None:
    walk.waiting(f"{TWO}  - {{id: c, prompt: a bowl}}\n")
    walk.house.at(10.0, lambda: walk.house.drop("now.yaml", "prompt: a red cup\npriority: high\n"))
    renderer = PaintingRenderer(after=lambda _: (walk.see(), walk.house.wait(20.0)))
    walk.house.drain(renderer)
    walk.see()
    assert renderer.painted == ["a_01.png", "b_01.png", "shot-01_01.png", "c_01.png"]


def stopped(walk: Walk) -> None:
    walk.given_back()


def renderer_lost(walk: Walk) -> None:
    walk.waiting()
    with pytest.raises(RendererDied):
        walk.house.drain(PaintingRenderer(dies_at="b_01.png", after=walk.see))
    walk.see()


class Breaking(PaintingRenderer):
    """Ends the run in the place of its death."""

    def render(self, requests, *, on_progress):
        try:
            yield from super().render(requests, on_progress=on_progress)
        except RendererDied as death:
            raise RendererBroken(str(death)) from None


def every_picture_fails_alike(walk: Walk) -> None:
    walk.waiting()
    with pytest.raises(RendererBroken):
        walk.house.drain(Breaking(dies_at="b_01.png", after=walk.see))
    walk.see()


def worker_dies_while(walk: Walk) -> None:
    walk.rendering()
    walk.house.drain(PaintingRenderer(after=walk.see))  # the next start goes on


def files_keep_failing(walk: Walk) -> None:
    walk.waiting()
    real = os.rename

    def refusing(source: object, target: object, *args: object, **named: object) -> None:
        if str(target).endswith("b_01.png"):
            walk.see()
            raise OSError(5, "Input/output error")
        real(source, target, *args, **named)

    with walk.monkeypatch.context() as patch:
        patch.setattr(os, "rename", refusing)
        walk.house.drain()
    walk.see()


def claim_removed(walk: Walk) -> None:
    walk.waiting()

    def remove(_: object) -> None:
        if not any(state == S.WITHDRAWN for state in walk.seen):
            walk.see()
            shutil.rmtree(next(walk.house.folders.claims.glob("*/*")))
            walk.see()

    walk.house.drain(PaintingRenderer(after=remove))


def settles_again(walk: Walk) -> None:
    walk.given_back()
    walk.cut_at("begin", "worker.spool.claims.Claims")


def deleted_after(walk: Walk) -> None:
    walk.given_back()
    (walk.inbox / "mugs.yaml").unlink()
    walk.see()


WALKS: dict[tuple[JobState, str], Callable[[Walk], None]] = {
    (S.WAITING, "unchanged for settle s by two readings"): settles,
    (S.WAITING, "changed between the last reading and the claim"): changes_at_the_last_moment,
    (S.WAITING, "deleted by a person"): deleted,
    (S.CLAIMED, "begun with one attempt more counted first"): begins,
    (S.CLAIMED, "unreadable and its grace over"): cannot_be_read,
    (S.CLAIMED, "cancelled before it began"): cancelled_before,
    (S.RENDERING, "begun too often"): begun_too_often,
    (S.RENDERING, "begun too often after some pictures"): begun_too_often_later,
    (S.CLAIMED, "its worker died"): worker_dies_before,
    (S.CLAIMED, "its files keep failing"): files_keep_failing_before,
    (S.CLAIMED, "the claim was removed by a person"): claim_removed_before,
    (S.RENDERING, "its worker was asked to stop while its name is taken"): stopped_while_its_name_is_taken,
    (S.RENDERING, "every picture made"): all_made,
    (S.RENDERING, "some pictures made"): some_made,
    (S.RENDERING, "no picture made"): none_made,
    (S.RENDERING, "cancelled"): cancelled_while,
    (S.RENDERING, "cancelled before any picture"): cancelled_before_any,
    (S.RENDERING, "a more urgent one waits"): gives_way,
    (S.RENDERING, "its worker was asked to stop"): stopped,
    (S.RENDERING, "its hours are over"): Walk.late,
    (S.RENDERING, "the renderer was lost"): renderer_lost,
    (S.RENDERING, "every picture fails alike"): every_picture_fails_alike,
    (S.RENDERING, "its worker died"): worker_dies_while,
    (S.RENDERING, "its files keep failing"): files_keep_failing,
    (S.RENDERING, "the claim was removed by a person"): claim_removed,
    (S.GIVEN_BACK, "unchanged for settle s by two readings"): settles_again,
    (S.GIVEN_BACK, "deleted by a person"): deleted_after,
    **PROOF_WALKS,
}


def test_every_transition_is_walked_and_every_walk_is_a_transition() -> None:
    assert {(one.state, one.event) for one in TRANSITIONS} == set(WALKS)
    assert len(TRANSITIONS) == len(WALKS)


def test_every_state_is_reached_and_only_ends_lead_nowhere() -> None:
    reached = {one.next for one in TRANSITIONS} | {S.WAITING}
    assert reached == set(JobState)
    assert set(JobState) - {one.state for one in TRANSITIONS} == {S.PUBLISHED, S.FAILED, S.CANCELLED, S.WITHDRAWN}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.state}-{row.event}")
def test_a_job_goes_where_the_table_says(row: Transition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(tmp_path, monkeypatch)
    WALKS[row.state, row.event](walk)
    steps = list(zip(walk.seen, walk.seen[1:], strict=False))
    assert (row.state, row.next) in steps, walk.seen
    allowed = {(one.state, one.next) for one in TRANSITIONS} | {(state, state) for state in JobState}
    skipped = {(S.WAITING, S.RENDERING), (S.GIVEN_BACK, S.RENDERING)}  # claimed and begun between two looks
    assert set(steps) <= allowed | skipped, walk.seen
