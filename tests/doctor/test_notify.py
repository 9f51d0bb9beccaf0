"""Doctor's check of notifications."""

from __future__ import annotations

from zipfile import ZipFile

import pytest
from program import call
from receivers import Webhook

from worker.doctor.checks.notify import check
from worker.doctor.verdict import verdict
from worker.errors import SettingsInvalid
from worker.settings import Settings
from worker.translation import gettext


def told(machine, notify: object, **given: object) -> list[str]:
    settings = Settings.model_validate({"model": "demo", "notify": notify})
    origins = {"notify": "worker.yaml:3"}
    return [str(one) for one in check(machine(settings=settings, origins=origins, **given))]


def test_nobody_to_be_told_is_nothing_to_say(machine) -> None:
    assert list(check(machine())) == []


def test_each_address_has_a_line_and_one_that_does_not_serve_is_a_warning_at_its_place(machine) -> None:
    places = [("1 (json)", None), ("2 (foo)", gettext("no"))]
    first, second = told(machine, ["json://a", "foo://b"], ask_notify=lambda: places)
    assert first == "ok    notify      address 1 (json) is well formed; `doctor --notify` sends a test."
    assert second.startswith("warn  notify      address 2 (foo): no  (worker.yaml:3; the night goes on")


def test_a_test_that_was_sent_is_said(machine) -> None:
    [line] = told(machine, "json://a", ask_notify=lambda: [("1 (json)", None)], is_notify_sent=True)
    assert "a test was sent" in line


def test_a_template_that_does_not_serve_is_told(machine) -> None:
    notify = {"urls": "json://a", "templates": {"job_done": "{job", "title": "{summary}"}}
    [line] = told(machine, notify)[1:]
    assert "`notify.templates`: `job_done`: a brace stands alone: write {{ or }}" in line


def test_a_file_that_cannot_be_read_and_no_address_at_all_are_told(machine) -> None:
    def refuse() -> None:
        raise SettingsInvalid(gettext("{path}: no", path="keys"))

    assert "keys: no" in told(machine, {"file": "keys"}, ask_notify=refuse)[0]
    assert "there is no address" in told(machine, {})[0]


def test_a_warning_keeps_no_night_from_being_ready(machine) -> None:
    settings = Settings.model_validate({"model": "demo", "notify": "foo://a"})
    findings = [*check(machine(settings=settings, ask_notify=lambda: [("1 (foo)", gettext("no"))]))]
    assert verdict(findings).is_ready


@pytest.mark.slow
def test_the_command_sends_a_test_and_shows_no_address(tmp_path) -> None:
    assert call("init", tmp_path).returncode == 0
    with Webhook() as webhook, (tmp_path / "worker.yaml").open("a") as file:
        file.write(f"\nworker_id: studio\nlanguage: en\nnotify: ['{webhook.url}', 'nothing://geheim']\n")
        file.flush()
        done = call("doctor", "--notify", "--bundle", tmp_path / "help.zip", "-c", tmp_path / "worker.yaml")
    assert webhook.titles == ["studio: a test"]
    assert "address 1 (json): a test was sent." in done.stdout
    assert "address 2 (nothing): Apprise does not know this service" in done.stdout
    assert "geheim" not in done.stdout + done.stderr
    with ZipFile(tmp_path / "help.zip") as bundle:
        assert not any(
            b"geheim" in bundle.read(name) or b"127.0.0.1" in bundle.read(name) for name in bundle.namelist()
        )
