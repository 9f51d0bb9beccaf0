"""By which name each job is asked for whose proof waits, however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.kept_records import Proof
from worker.spool import held_jobs, steering
from worker.spool.held_jobs import Held, ask_names


def held(number: int, name: str) -> Held:
    proof = Proof(folder=f"{name}.{number}.proof", name=name, pictures=1, of=2, runs=(), since="", decision=None, by="")
    return Held(
        folder=Path(f"proofs/{number}"), dropped=Path(f"proofs/{number}/{name}.yaml"), stem=name, proof=proof,
        dropped_by=None, is_there=True,
    )  # fmt: skip


def test_a_job_is_asked_for_by_its_name_and_by_its_proof_s_folder_where_two_are_called_alike() -> None:
    jobs = [held(1, "mugs"), held(2, "vases"), held(3, "Vases"), held(4, "")]
    assert [*ask_names(jobs).values()] == ["mugs", "vases.2.proof", "Vases.3.proof", ".4.proof"]


def test_a_thousand_that_wait_cost_a_thousand_looks_and_no_million(monkeypatch: pytest.MonkeyPatch) -> None:
    spelt = 0

    def counted(name: str) -> str:
        nonlocal spelt
        spelt += 1
        return steering_called(name)

    steering_called = steering.called
    monkeypatch.setattr(steering, "called", counted)
    monkeypatch.setattr(held_jobs, "called", counted)
    ask_names([held(number, f"job-{number}") for number in range(1_000)])
    assert spelt == 5 * 1_000
