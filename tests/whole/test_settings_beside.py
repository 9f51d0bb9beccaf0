"""The settings of what runs beside the jobs: every form that a person would write, and what is wrong told."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.errors import SettingsInvalid
from worker.settings import Settings, load


def settings(folder: Path, text: str, **environment: str) -> Settings:
    (folder / "worker.yaml").write_text(text)
    return load(file=folder / "worker.yaml", environment=environment, flags={}).settings


@pytest.mark.parametrize(
    ("text", "command", "limit_s"),
    [
        ("hook: ./after.sh", ("{folder}/after.sh",), 60),
        ("hook: bin/after.sh --to 'two words'", ("{folder}/bin/after.sh", "--to", "two words"), 60),
        ("hook: [notify-send, done]", ("notify-send", "done"), 60),
        ("hook: {command: [/opt/after.sh, 5], limit_s: 1.5}", ("/opt/after.sh", "5"), 1.5),
        ("hook:\n  command: ./after.sh $HOME\n", ("{folder}/after.sh", "$HOME"), 60),
    ],
)
def test_a_hook_in_every_form(tmp_path: Path, text: str, command: tuple[str, ...], limit_s: float) -> None:
    hook = settings(tmp_path, text).hook
    assert hook is not None
    assert hook.command == tuple(word.format(folder=tmp_path) for word in command)
    assert hook.limit_s == limit_s


def test_a_hook_in_the_environment_is_a_line(tmp_path: Path) -> None:
    hook = settings(tmp_path, "model: demo\n", ZIMAGE_WORKER_HOOK="/opt/after.sh 'a b'").hook
    assert hook is not None
    assert hook.command == ("/opt/after.sh", "a b")


def test_old_folders_and_figures_count_from_the_settings_file(tmp_path: Path) -> None:
    made = settings(
        tmp_path,
        "metrics_file: x/zimage.prom\nretention: {after_days: 60, do: archive, archive: old, which: partial}\n",
    )
    assert made.metrics_file == tmp_path / "x/zimage.prom"
    assert made.retention is not None
    assert (made.retention.archive, made.retention.which) == (tmp_path / "old", ("partial",))


@pytest.mark.parametrize("mark", [",", ", ", "，", "、", ";", " "])
def test_words_of_a_list_may_stand_in_one_text_with_any_mark_between_them(tmp_path: Path, mark: str) -> None:
    made = settings(
        tmp_path,
        f"allow: 'tiled_decode{mark}new_seed'\n"
        f"retention: {{after_days: 60, do: delete, which: 'partial{mark}failed'}}\n"
        f"notify: {{urls: ntfy://a, events: 'job_failed{mark}job_partial'}}\n",
    )
    assert sorted(made.allow or ()) == ["new_seed", "tiled_decode"]
    assert made.retention is not None
    assert made.retention.which == ("partial", "failed")
    assert made.notify is not None
    assert made.notify.events == ("job_failed", "job_partial")


def test_all_three_are_off_by_default(tmp_path: Path) -> None:
    made = settings(tmp_path, "model: demo\n")
    assert (made.hook, made.metrics_file, made.retention) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hook: ''", "worker.yaml:1:7: hook"),
        ("hook: []", "This is no command"),
        ("hook: [[a]]", "This is no command"),
        ("hook: ./after.sh 'a", "has a quote without its end"),
        ("hook: {command: [a], limit: 5}", "hook.limit: There is no key `limit`. Did you mean `limit_s`?"),
        ("hook: {command: [a], limit_s: 0}", "hook.limit_s: `0` is not allowed. Allowed is more than 0"),
        ("hook: {limit_s: 5}", "hook.command: This key is missing"),
        ("hook: ~nobody-at-all/after.sh", "no such home folder"),
        ("notify: {urls: [], file: ~nobody-at-all/urls}", "no such home folder"),
        ("notify: {file: ~nobody-at-all/keys}", "no such home folder"),
        ("retention: {after_days: 60, do: archive, archive: ~nobody-at-all/old}", "no such home folder"),
        ("metrics_file: zimage.txt", "The file's name ends in .prom"),
        ("metrics_file: .prom", "The file's name ends in .prom"),
        ("retention: {do: delete}", "retention.after_days: This key is missing"),
        ("retention: {after_days: 0, do: delete}", "Allowed is 1 or more"),
        ("retention: {after_days: 60, do: archive}", "`do: archive` needs `archive:`"),
        ("retention: {after_days: 60, do: archive, archive: ''}", "`do: archive` needs `archive:`"),
        ("retention: {after_days: 60, do: delete, archive: /x}", "`do: delete` keeps nothing"),
        ("retention: {after_days: 60, do: delete, which: [done]}", "retention.which[1]: `done` is not allowed"),
        ("retention: {after_days: 60, do: delete, which: []}", "retention.which"),
        ("retention: 60", "allowed are keys with values"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsInvalid) as error:
        settings(tmp_path, f"{text}\n")
    assert told in str(error.value)
