"""Sending to real receivers: a webhook, a mail server, one that refuses, one that hangs. Addresses never show."""

from __future__ import annotations

import os
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from receivers import Webhook, mail_server, silent_server
from waiting_for import wait_for

from worker.operations.alerts import sending
from worker.operations.alerts.apprise_child import without_address
from worker.operations.alerts.sending import Addressed, send

pytestmark = pytest.mark.slow


def test_chinese_arrives_intact_by_webhook_and_by_mail() -> None:
    title, body = "studio: 12 个任务完成", "完成：红色马克杯，8 张图：\\\\nas\\图片\\outbox\\红色马克杯\n第二行"
    with Webhook() as webhook, mail_server() as (mail, got):
        letters = [Addressed(url=url, title=title, body=body, severity="success") for url in (webhook.url, mail)]
        assert send(letters) == {}
        assert [(one["title"], one["message"], one["type"]) for one in webhook.got] == [(title, body, "success")]
        [message] = got
        assert str(make_header(decode_header(message["subject"]))) == title
        part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert payload.decode().replace("\r\n", "\n").strip() == body


def test_letters_to_one_address_keep_their_order() -> None:
    with Webhook() as webhook:
        assert send([Addressed(url=webhook.url, title=str(number), body="x") for number in range(5)]) == {}
        assert webhook.titles == ["0", "1", "2", "3", "4"]


def test_one_that_hangs_or_refuses_keeps_no_other_from_being_told_and_leaves_no_process() -> None:
    with Webhook() as good, Webhook(500) as failing, silent_server() as silent:
        urls = [good.url, failing.url, silent, "json://127.0.0.1:1/geheim-token", "nothing://geheim-token", "slack://x"]
        failed = send([Addressed(url=url, title="a", body="b") for url in urls], within_s=4.0)
        assert sorted(failed) == [1, 2, 3, 4, 5]
        assert good.titles == ["a"]
    assert "500" in failed[1]
    assert failed[2] == "no answer within 4 s"
    assert "Apprise does not know this service" in failed[4]
    assert not any("geheim" in reason for reason in failed.values())
    wait_for(lambda: not children("apprise_child"), 5.0)


def children(word: str) -> list[int]:
    """Processes of this machine with a word in their command line, this one apart."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in line and b"pytest" not in line and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def test_a_stop_ends_the_sending_at_once() -> None:
    with silent_server() as silent:
        failed = send([Addressed(url=silent, title="a", body="b")], within_s=60.0, is_over=lambda: True)
    assert list(failed) == [0]


def test_an_address_is_asked_whether_it_serves_without_a_message() -> None:
    with Webhook() as webhook:
        failed = send([Addressed(url=url) for url in (webhook.url, "foo://geheim", "slack://geheim")])
        assert sorted(failed) == [1, 2]
        assert webhook.requests == 0


@pytest.mark.slow
@pytest.mark.parametrize(("invocation", "told"), [("1f", True), ("", False)])
def test_where_the_unit_takes_the_network_away_the_reason_says_so(
    invocation: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOCATION_ID", invocation)
    monkeypatch.setattr(sending, "has_network", lambda: False)
    failed = send([Addressed(url="json://127.0.0.1:1/x", title="a", body="b")])
    assert ("PrivateNetwork=no" in failed[0]) is told


def test_without_the_extra_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apprise.py").write_text("raise ImportError")
    places = os.pathsep.join([str(tmp_path), sending.PACKAGE_PATH])
    monkeypatch.setattr(sending, "PACKAGE_PATH", places)
    failed = send([Addressed(url="json://127.0.0.1:1/x", title="a", body="b")])
    assert failed == {0: 'Apprise is not installed: pip install "zimage-worker[notify]"'}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("posting to https://hook/T0K3N/abc%20d failed", "json://hook/T0K3N/abc%20d?key=s3cret"),
        ("user shop:pa55 refused, s3cret", "mailtos://shop:pa55@gmail.com?pass=s3cret"),
        ("abc d is wrong", "json://hook/abc%20d"),
    ],
)
def test_no_part_of_an_address_stays_in_a_reason(text: str, url: str) -> None:
    told = without_address(text, url)
    assert not any(part in told for part in ("T0K3N", "abc%20d", "abc d", "s3cret", "pa55", "gmail", "shop"))
