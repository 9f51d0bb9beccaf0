"""Telling, joined with the settings: how a worker's run ends is told, and changed settings come into force."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import structlog
from receivers import Webhook

from worker.compose.notifying import Telling, alone, telling
from worker.errors import DeviceUnavailable, StopAsked
from worker.operations import events
from worker.settings import Settings
from worker.streams import LossyStream

log = structlog.get_logger()


@pytest.fixture(autouse=True)
def quiet() -> None:
    events.configure("json", LossyStream(None))


def settings(tmp_path: Path, *urls: str) -> Settings:
    notify = {"urls": urls} if urls else None
    return Settings.model_validate({"state_dir": tmp_path / "state", "worker_id": "pc", "notify": notify})


def refuse_a_job(name: str) -> None:
    log.error("job.refused", job=name, folder=name, reason="No.", problems=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "titles"),
    [
        (DeviceUnavailable("no card"), ["pc: The worker has ended: no card"]),
        (ZeroDivisionError("division by zero"), ["pc: The worker has ended: ZeroDivisionError: division by zero"]),
        (StopAsked(), []),
        (KeyboardInterrupt(), []),
    ],
)
def test_an_end_by_an_error_is_told_and_raised_on(tmp_path: Path, error: BaseException, titles: list[str]) -> None:
    with (
        Webhook() as webhook,
        pytest.raises(type(error)),
        telling(settings(tmp_path, webhook.url), drain=False, should_stop=lambda: False),
    ):
        raise error
    assert webhook.titles == titles


@pytest.mark.slow
def test_changed_settings_come_into_force_and_so_do_the_first(tmp_path: Path) -> None:
    with Webhook() as one, Webhook() as other:
        with telling(settings(tmp_path), drain=False, should_stop=lambda: False) as told:
            refuse_a_job("before")
            told.use(settings(tmp_path, one.url))
            told.use(settings(tmp_path, other.url))
            refuse_a_job("after")
        assert one.titles == []
        assert [title.split()[2] for title in other.titles] == ["after:"]


@pytest.mark.slow
def test_a_drain_that_was_stopped_has_not_emptied_the_queue(tmp_path: Path) -> None:
    with Webhook() as webhook:
        for is_stopped in (True, False):
            with telling(settings(tmp_path, webhook.url), drain=True, should_stop=partial(bool, is_stopped)):
                refuse_a_job("mugs")
        assert ["queue empty" in title for title in webhook.titles] == [False, True]


def test_where_nobody_is_to_be_told_nothing_is_made(tmp_path: Path) -> None:
    with telling(settings(tmp_path), drain=False, should_stop=lambda: False):
        refuse_a_job("mugs")
    assert not (tmp_path / "state").exists()


def test_a_file_of_addresses_that_cannot_be_read_keeps_nobody_from_working(tmp_path: Path) -> None:
    odd = Settings.model_validate({"state_dir": tmp_path / "state", "notify": {"file": tmp_path / "missing"}})
    with telling(odd, drain=False, should_stop=lambda: False) as told:
        assert isinstance(told, Telling)


def test_one_process_at_a_time_tells_for_a_worker(tmp_path: Path) -> None:
    with alone(tmp_path / "told") as first, alone(tmp_path / "told") as second:
        assert (first, second) == (True, False)
    with alone(tmp_path / "told") as again:
        assert again
    (tmp_path / "file").write_text("")
    with alone(tmp_path / "file" / "told") as anyhow:
        assert anyhow, "without a state folder people are told all the same"
