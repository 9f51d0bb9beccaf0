"""Whatever workers, the share and people do in whatever order: every honest job done, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from whole.histories import lived, many

from worker.records import Claim
from worker.spool.publishing import FolderPublishing

pytestmark = pytest.mark.slow

HISTORIES = 200
"""In CI; `make histories` takes 10,000."""


def test_no_history_of_workers_a_share_and_people_breaks_a_promise() -> None:
    outcome = many(range(HISTORIES))
    assert not outcome.violations, "\n".join(line for lines in outcome.violations.values() for line in lines)
    assert outcome.operations >= 30 * HISTORIES
    assert len(outcome.met) > 100
    assert outcome.events.keys() >= {"job.interrupted", "window.ended", "folder.archived", "proof.approved"}


@pytest.mark.parametrize("seed", [102107, 102818])
def test_what_once_was_published_twice_is_not_any_more(seed: int) -> None:
    """A return that stopped between its two steps, and a look-up that failed where the finished folder lay."""
    assert lived(seed, has_urgent=False).violations == {}


def no_pictures_taken_along(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("worker.spool.publishing.take_along", lambda *_, **__: None)
    patch.setattr("worker.spool.publishing.is_saved", lambda *_, **__: True)


def never_waiting_for_a_copy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("worker.spool.scan.is_settled", lambda *_, **__: True)


def ended_before_it_appears(patch: pytest.MonkeyPatch) -> None:
    real = FolderPublishing.publish

    def publish(self: FolderPublishing, claim: Claim, *args: object, **named: object) -> object:
        self._claims.end(claim)
        return real(self, claim, *args, **named)  # type: ignore[arg-type]

    patch.setattr(FolderPublishing, "publish", publish)


MUTANTS = {
    no_pictures_taken_along: range(285, 300),
    never_waiting_for_a_copy: range(20),
    ended_before_it_appears: range(5),
}
"""Each with some seeds of the 10,000, one of which catches it."""


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_rule_is_caught(mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    assert any(lived(seed, has_urgent=False).violations for seed in MUTANTS[mutant])
