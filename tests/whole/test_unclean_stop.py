"""An unclean stop is found by what the former run left on this machine, whatever the share says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import structlog

from worker.compose.unclean_stop import marked_run
from worker.operations import events
from worker.settings import Settings
from worker.streams import LossyStream

Heard = list[tuple[str, Mapping[str, object]]]
RENDERING = {"state": "rendering", "job": "mugs", "written_at": "2026-11-28T01:00:00+00:00"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"state_dir": tmp_path / "state", "worker_id": "pc"})


@pytest.fixture
def heard() -> Heard:
    found: Heard = []

    def show(_logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
        found.append((str(event.pop("event")), event))
        raise structlog.DropEvent

    events.configure("json", LossyStream(None), show=show)
    return found


def die(settings: Settings) -> None:
    """A run that ends in no order at all: its context is never left."""
    abandoned = marked_run(settings, {})
    abandoned.__enter__()
    KEPT.append(abandoned)


KEPT: list[object] = []


def test_it_is_told_once_with_what_was_in_work(settings: Settings, heard: Heard) -> None:
    die(settings)
    for _ in range(2):
        with marked_run(settings, RENDERING):
            pass
    [(event, facts)] = heard
    assert event == "worker.unclean_stop"
    assert (facts["state"], facts["job"], facts["heard_at"]) == ("rendering", "mugs", RENDERING["written_at"])


def test_a_stop_in_good_order_that_the_share_did_not_hear_of_is_none(settings: Settings, heard: Heard) -> None:
    with marked_run(settings, {}):
        pass
    with marked_run(settings, RENDERING), pytest.raises(OSError, match="no"):
        raise OSError("no")
    with marked_run(settings, RENDERING):
        pass
    assert heard == []


def test_another_worker_s_mark_and_another_inbox_s_are_not_this_one_s(settings: Settings, heard: Heard) -> None:
    die(settings)
    for other in ({"worker_id": "other"}, {"inbox": Path("elsewhere")}):
        with marked_run(settings.model_copy(update=other), RENDERING):
            pass
    assert heard == []


@pytest.mark.parametrize("odd", [None, 5, [], {}, "x" * 10_000, "\x1b[2J"])
def test_whatever_stands_in_the_record_is_bounded(settings: Settings, heard: Heard, odd: object) -> None:
    die(settings)
    with marked_run(settings, dict.fromkeys(["state", "job", "written_at", "interrupted"], odd)):
        pass
    assert len(repr(heard)) < 1_000


def test_where_the_state_folder_cannot_be_written_the_worker_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with marked_run(Settings.model_validate({"state_dir": tmp_path / "state"}), RENDERING):
        pass
