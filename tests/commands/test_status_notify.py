"""`status --notify`, for a timer: each trouble is told once when it has lasted, and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from program import call_here
from receivers import Webhook

from worker.compose.onlooker_alerts import LASTS_S, MOST_TRIES, seen_in_time, tell_onlookers
from worker.errors import ExitCode, FoldersAway, FoldersUnusable
from worker.overview_records import Overview, WaitingJob, WorkerLine
from worker.settings import Settings

pytestmark = pytest.mark.slow

NOW = 1_795_800_000.0
AT = "2026-11-28T00:00:00+00:00"
ALL_WELL = Overview(as_of=AT)
WAITS = Overview(as_of=AT, waiting=[WaitingJob(name="mugs.yaml", state="waiting")])


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as made:
        yield made


def settings(tmp_path: Path, *urls: str, **notify: object) -> Settings:
    given = {"worker_id": "studio", "state_dir": tmp_path / "state", "notify": {"urls": urls, **notify}}
    return Settings.model_validate(given)


def test_an_outage_is_told_once_and_its_end_once(tmp_path: Path, webhook: Webhook) -> None:
    ours = settings(tmp_path, webhook.url)
    for minute in range(0, 60, 5):
        tell_onlookers(ours, WAITS, now_s=NOW + 60 * minute)
    assert webhook.titles == ["studio: Nobody works while 1 job waits."]
    for minute in range(60, 80, 5):
        tell_onlookers(ours, ALL_WELL, now_s=NOW + 60 * minute)
    assert webhook.titles[1:] == ["studio: Over, after 1 h 00 min: Nobody works while 1 job waits."]
    assert [one["type"] for one in webhook.got] == ["failure", "success"]


def test_a_worker_that_is_started_again_is_no_news(tmp_path: Path, webhook: Webhook) -> None:
    ours = settings(tmp_path, webhook.url)
    tell_onlookers(ours, WAITS, now_s=NOW)
    tell_onlookers(ours, WAITS, now_s=NOW + LASTS_S - 1)
    tell_onlookers(ours, ALL_WELL, now_s=NOW + LASTS_S + 60)
    assert webhook.titles == []


def test_the_first_look_tells_where_the_last_worker_has_been_silent_for_long(tmp_path: Path, webhook: Webhook) -> None:
    line = WorkerLine(id="w", host="pc", state="dead", heard_at="2026-11-27T00:00:00+00:00")
    seen = Overview(as_of=AT, waiting=WAITS.waiting, workers=[line])
    tell_onlookers(settings(tmp_path, webhook.url), seen, now_s=NOW)
    assert len(webhook.titles) == 1
    assert "The last worker was heard of" in str(webhook.got[0]["message"])


def test_folders_that_are_away_are_told_and_say_nothing_of_workers(tmp_path: Path, webhook: Webhook) -> None:
    ours = settings(tmp_path, webhook.url)
    away = FoldersAway("no mount")
    for minute, seen in enumerate([WAITS, WAITS, away, away, WAITS, ALL_WELL]):
        tell_onlookers(ours, seen, now_s=NOW + minute * 300)
    assert [title.split(":")[1].strip()[:22] for title in webhook.titles] == [
        "Nobody works while 1 j", "The folders cannot be ", "Over, after 10 min 0 s", "Over, after 25 min 0 s",
    ]  # fmt: skip


def test_one_who_was_not_reached_is_told_later_and_nobody_else_again(tmp_path: Path) -> None:
    with Webhook() as good, Webhook(500, 500) as late:
        ours = settings(tmp_path, good.url, late.url)
        for minute in range(0, 60, 5):
            tell_onlookers(ours, WAITS, now_s=NOW + 60 * minute)
        assert len(good.titles) == len(late.titles) == 1
        assert late.requests == 3


def test_the_end_is_told_to_those_who_know_of_the_beginning_and_given_up_at_last(tmp_path: Path) -> None:
    with Webhook(200, *[500] * 100) as failing:
        ours = settings(tmp_path, failing.url)
        for minute in (0, 5):
            tell_onlookers(ours, WAITS, now_s=NOW + 60 * minute)
        for minute in range(10, 200, 5):
            tell_onlookers(ours, ALL_WELL, now_s=NOW + 60 * minute)
        assert failing.requests == 1 + MOST_TRIES


def test_what_nobody_wants_is_not_told(tmp_path: Path, webhook: Webhook) -> None:
    ours = settings(tmp_path, webhook.url, events=["job_failed"])
    for minute in (0, 5):
        tell_onlookers(ours, WAITS, now_s=NOW + 60 * minute)
    assert webhook.requests == 0


@pytest.mark.parametrize("odd", ["", "[]", '{"nobody_works": 3}', '{"nobody_works": {"since_s": "x"}}', "{" * 9_000])
def test_a_memory_that_is_odd_is_forgotten(tmp_path: Path, webhook: Webhook, odd: str) -> None:
    ours = settings(tmp_path, webhook.url)
    tell_onlookers(ours, WAITS, now_s=NOW)
    [memory] = (tmp_path / "state/notify").glob("*/told.json")
    memory.write_text(odd)
    tell_onlookers(ours, WAITS, now_s=NOW + 300)
    tell_onlookers(ours, WAITS, now_s=NOW + 600)
    assert len(webhook.titles) == 1


def test_the_command_says_what_it_sent_and_ends_as_status_does(folder: Path, webhook: Webhook) -> None:
    with (folder / "worker.yaml").open("a") as file:
        file.write(f"\nstate_dir: {folder}/state\nworker_id: studio\nnotify: {webhook.url}\n")
    (folder / "inbox/mugs.yaml").write_text("prompt: mug\n")
    asked = ("status", "--notify", "-c", folder / "worker.yaml")
    first = call_here(*asked)
    assert (first.returncode, first.stdout, webhook.titles) == (ExitCode.NOBODY_WORKS, "", [])
    [memory] = (folder / "state/notify").glob("*/told.json")
    known = json.loads(memory.read_text())
    known["nobody_works"]["since_s"] -= 600
    memory.write_text(json.dumps(known))
    second = call_here(*asked)
    assert second.stdout == "told: Nobody works while 1 job waits.\n"
    assert webhook.titles == ["studio: Nobody works while 1 job waits."]
    (folder / "inbox/mugs.yaml").unlink()
    third = call_here(*asked)
    assert third.returncode == ExitCode.DONE
    assert third.stdout.startswith("told: Over, after 10 min")
    assert "geheim" not in first.stdout + second.stdout + third.stdout + first.stderr


def test_a_look_into_a_share_that_never_answers_is_given_up_and_other_errors_are_raised() -> None:
    never = Event()

    def hang() -> Overview:
        never.wait(60.0)
        return ALL_WELL

    seen = seen_in_time(hang, within_s=0.05)
    never.set()
    assert isinstance(seen, FoldersAway)
    assert "no answer" in seen.text
    assert seen_in_time(lambda: WAITS) == WAITS
    assert isinstance(seen_in_time(partial(fail, FoldersAway("gone"))), FoldersAway)
    with pytest.raises(FoldersUnusable):
        seen_in_time(partial(fail, FoldersUnusable("a file")))


def fail(error: Exception) -> Overview:
    raise error


def test_the_command_without_anybody_to_tell_says_so(folder: Path) -> None:
    done = call_here("status", "--notify", "-c", folder / "worker.yaml")
    assert "`notify` names nobody" in done.stderr
