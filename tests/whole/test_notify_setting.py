"""The setting `notify`: written as simply as it is, wrong values told at their place, and no address ever shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import call_here

from worker import settings
from worker.alert_kinds import KINDS
from worker.compose.notifying import shown_folders
from worker.errors import SettingsInvalid
from worker.settings.notify import MOST_URLS, Notify
from worker.translation import translated

SECRET = "g3heim"


def load(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> Notify:
    (tmp_path / "worker.yaml").write_text(f"model: demo\n{text}", "utf-8")
    found = settings.load(file=tmp_path / "worker.yaml", environment=environment or {}, flags={}).settings.notify
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("notify: ntfy://a\n", ("ntfy://a",)),
        ("notify: ntfy://a, mailtos://b:c@d\n", ("ntfy://a", "mailtos://b:c@d")),
        ("notify:\n- ntfy://a/b,c\n- json://x\n", ("ntfy://a/b,c", "json://x")),
        ("notify:\n  urls: ntfy://a\n", ("ntfy://a",)),
        ("notify: {urls: [ntfy://a, json://x]}\n", ("ntfy://a", "json://x")),
    ],
)
def test_it_is_written_as_simply_as_it_is(tmp_path: Path, text: str, urls: tuple[str, ...]) -> None:
    found = load(tmp_path, text)
    assert found.addresses() == urls
    assert found.events == KINDS


def test_the_environment_holds_addresses_too(tmp_path: Path) -> None:
    found = load(tmp_path, "notify: ntfy://a\n", {"ZIMAGE_WORKER_NOTIFY": "json://x json://y"})
    assert found.addresses() == ("json://x", "json://y")


def test_a_file_keeps_addresses_out_of_the_settings_and_counts_from_there(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("# ours\n\nntfy://b\n json://c \n", "utf-8-sig")
    found = load(tmp_path, "notify: {file: keys, urls: ntfy://a, events: job_failed job_partial}\n")
    assert found.addresses() == ("ntfy://a", "ntfy://b", "json://c")
    assert found.events == ("job_failed", "job_partial")


@pytest.mark.parametrize("content", [None, b"no address\n", b"\xff\xfe", b"mailto:shop:g3heim@x\n"])
def test_a_file_that_cannot_serve_ends_nothing_and_shows_nothing(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "keys").write_bytes(content)
    found = load(tmp_path, "notify: {file: keys}\n")
    with pytest.raises(SettingsInvalid, match=r"notify\.file: .*keys") as error:
        found.addresses()
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notify: mailto:shop:g3heim@x\n", r":2:9: notify: Address 1 cannot be one. Write a service"),
        ("notify: [ntfy://a, 'json://g3 heim']\n", r":2:9: notify: Address 2 cannot be one"),
        ("notify: {url: json://g3heim}\n", r":2:10: notify.url: There is no key `url`\. Did you mean `urls`\?"),
        ("notify: {urls: ntfy://a, events: [job_dune]}\n", r"notify.events\[1\]: `job_dune` is not allowed"),
        ("notify: {urls: ntfy://a, batch_s: soon}\n", r"notify.batch_s: `soon` is not a number"),
        ("notify: {urls: ntfy://a, most_an_hour: 0}\n", r"notify.most_an_hour: `0` is not allowed"),
        ("notify: {urls: {a: b}}\n", r"notify.urls: Allowed is a list of addresses"),
        ("notify:\n  json://g3heim: x\n", r"There is no key `json://\.\.\.`"),
        ("notify: {urls: ntfy://a, templates: [a]}\n", r"notify.templates: "),
        (f"notify: [{', '.join(['json://g3heim'] * (MOST_URLS + 1))}]\n", r"up to 20 addresses"),
        ("notify: 'json://g3heim\n", r":2:9: This quotation mark"),
        ("notify: &a json://g3heim\nlog: *a\n", r"worker\.yaml:"),
    ],
)
def test_what_is_wrong_is_told_at_its_place_without_an_address(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsInvalid, match=message) as error:
        load(tmp_path, text)
    for language in ("en", "zh"):
        assert SECRET not in translated(error.value.text, language)
    assert SECRET not in repr(error.value.problems)
    assert error.value.__cause__ is None or SECRET not in repr(error.value.__cause__)


def test_a_template_or_a_service_that_does_not_serve_is_no_reason_not_to_start(tmp_path: Path) -> None:
    found = load(tmp_path, "notify: {urls: nothing://a, templates: {job_done: '{job'}}\n")
    assert found.templates == {"job_done": "{job"}


def test_no_text_of_the_settings_has_an_address(tmp_path: Path) -> None:
    found = load(tmp_path, f"notify: [json://{SECRET}, mailtos://shop:{SECRET}@x]\n")
    whole = settings.load(file=tmp_path / "worker.yaml", environment={}, flags={}).settings
    assert str(found) == repr(found) == "json://..., mailtos://..."
    assert all(SECRET not in text for text in (repr(whole), str(whole), whole.model_dump_json()))


@pytest.mark.parametrize(
    ("notify", "shown"),
    [
        (Notify(), ("/mnt/p/outbox", "/mnt/p/failed")),
        (Notify(outbox_as=r"\\nas\p\outbox"), (r"\\nas\p\outbox", r"\\nas\p\failed")),
        (Notify(outbox_as="Z:\\outbox\\"), (r"Z:\outbox", r"Z:\failed")),
        (Notify(outbox_as="/Volumes/p/outbox/"), ("/Volumes/p/outbox", "/Volumes/p/failed")),
        (Notify(outbox_as="Z:\\"), ("Z:", "/mnt/p/failed")),
        (Notify(outbox_as="Z:\\", failed_as="Y:\\"), ("Z:", "Y:")),
    ],
)
def test_folders_are_shown_as_a_colleague_has_them(notify: Notify, shown: tuple[str, str]) -> None:
    places = {"outbox": "/mnt/p/outbox", "failed": "/mnt/p/failed", "state_dir": "/tmp"}
    assert shown_folders(settings.Settings.model_validate(places), notify) == shown


def test_the_schema_knows_all_three_ways_of_writing_it() -> None:
    schema = json.loads(call_here("schema", "settings").stdout)
    ways = json.dumps(schema["properties"]["notify"])
    assert '"string"' in ways
    assert '"array"' in ways
    assert "Notify" in ways
