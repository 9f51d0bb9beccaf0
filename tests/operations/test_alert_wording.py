"""The words of notifications: in the reader's language, with the path a colleague would open, whatever names hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alert_kinds import KINDS, PLACEHOLDERS, filled, heading, why_no_template
from worker.operations.alerts.desk import Alert, Desk
from worker.operations.alerts.rows import ROWS
from worker.operations.alerts.wording import BODY, SENTENCE, SUBJECT, Letter, Wording
from worker.translation import Language, translated

SETTLED = {"job": "mugs", "folder": "mugs", "status": "complete", "pictures": 8, "failed": 0, "seconds": 24.0}


def letter_of(wording: Wording, *events: tuple[str, dict[str, object]]) -> Letter:
    desk = Desk()
    for event, facts in events:
        desk.tell(Alert(kind="job_done", text=wording.say(event, facts)), 0.0)
    digest = desk.take(1e6)
    assert digest is not None
    return wording.letter(digest)


def test_a_colleague_s_path_has_its_own_separators() -> None:
    nas = Wording(worker="pc", outbox=r"\\nas\pictures\outbox", failed=r"\\nas\pictures\failed")
    letter = letter_of(nas, ("job.settled", SETTLED))
    assert letter.title == r"pc: finished: mugs, 8 pictures in 24 s: \\nas\pictures\outbox\mugs"
    assert letter.body.splitlines()[-1] == r"All of it: \\nas\pictures\outbox\index.html"
    refused = {"job": "b", "folder": "b", "reason": "No."}
    assert nas.say("job.refused", refused).endswith(r"\\nas\pictures\failed\b")
    drive = Wording(worker="pc", outbox="Z:\\", failed="Z:\\")
    assert drive.say("job.settled", SETTLED).endswith(r"Z:\mugs")
    assert Wording(worker="pc", outbox="/mnt/out").say("job.settled", SETTLED).endswith("/mnt/out/mugs")


def test_it_is_said_in_chinese() -> None:
    letter = letter_of(Wording(worker="pc", language="zh", outbox="/出图"), ("job.settled", SETTLED))
    assert "完成" in letter.title
    assert "/出图/mugs" in letter.body


HOSTILE = [
    "a\nBcc: x@example.org",
    "a\r\n\r\nDear shop",
    "\x1b[2J",
    "\u202egnp",
    "\u2028x",
    "x" * 5_000,
    "\ud800",
    "\0",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("event", sorted(ROWS))
def test_no_name_ends_a_line_or_makes_it_longer_than_it_may_be(event: str, name: str) -> None:
    facts = dict.fromkeys(["job", "folder", "reason", "error", "file", "first", "by"], name)
    for language in ("en", "zh"):
        letter = letter_of(Wording(worker="pc", language=language, outbox="/out"), (event, {**facts, "careful": True}))
        assert letter.title.isprintable()
        assert len(letter.title) <= SUBJECT
        lines = letter.body.split("\n")
        assert len(lines) == 2
        assert all(line.isprintable() and len(line) <= SENTENCE for line in lines)
        assert letter.body.encode()


@pytest.mark.parametrize("name", ["@everyone", "@here", "@Channel", "<!channel>", "<@U12>", "<#C1>", "@all"])
def test_a_job_s_name_calls_nobody_in_a_chat(name: str) -> None:
    text = Wording(worker="pc").say("job.settled", {**SETTLED, "job": name})
    assert name not in text
    assert name[-3:] in text


def test_a_name_with_an_at_sign_stays_as_it_is() -> None:
    assert "2@4x.png" in Wording(worker="pc").say("job.settled", {**SETTLED, "job": "2@4x.png"})


def test_a_message_is_never_longer_than_it_may_be() -> None:
    wording = Wording(worker="pc", outbox="/out")
    letter = letter_of(wording, *[("job.settled", {**SETTLED, "job": "马" * 300})] * 100)
    assert len(letter.body.encode()) <= BODY + 200
    *lines, more, page = letter.body.splitlines()
    assert more == f"and {100 - len(lines)} more"
    assert page == "All of it: /out/index.html"
    assert letter.title == "pc: 100 jobs done"


@pytest.mark.parametrize(
    ("name", "template", "wrong"),
    [
        ("job_failed", "{job} broke: {reason}", None),
        ("job_failed", "{{{job}}}", None),
        ("title", "Studio: {summary}", None),
        ("title", "{job}", "no placeholder"),
        ("job_failed", "{job.__class__}", "no placeholder"),
        ("job_failed", "{job[0]}", "no placeholder"),
        ("job_failed", "{0}", "no placeholder"),
        ("job_failed", "{}", "no placeholder"),
        ("job_failed", "{job!r}", "no placeholder"),
        ("job_failed", "{job:>9999999999}", "no placeholder"),
        ("job_failed", "{job", "brace"),
        ("job_failed", "job}", "brace"),
        ("job_failed", " ", "characters"),
        ("job_failed", "x" * 501, "characters"),
        ("job_gone", "x", "no template"),
    ],
)
def test_a_template_is_found_well_or_told(name: str, template: str, wrong: str | None) -> None:
    said = why_no_template(name, template)
    assert (said is None) if wrong is None else (wrong in str(said))


def test_a_template_words_a_line_and_one_that_does_not_serve_changes_nothing() -> None:
    own = {"job_done": "{job} 好了，{pictures} 张，见 {folder}", "title": "{summary} ({worker})"}
    letter = letter_of(Wording(worker="pc", outbox=r"Z:\out", templates=own), ("job.settled", SETTLED))
    assert letter.title == r"mugs 好了，8 张，见 Z:\out\mugs (pc)"
    bad = Wording(worker="pc", outbox="/out", templates={"job_done": "{job", "title": "{nothing}"})
    assert letter_of(bad, ("job.settled", SETTLED)) == letter_of(
        Wording(worker="pc", outbox="/out"), ("job.settled", SETTLED)
    )


@pytest.mark.slow
@given(
    st.text("ab{}:!.[]0job", max_size=20),
    st.dictionaries(st.sampled_from(["job", "text", "worker"]), st.text(max_size=20)),
)
def test_no_template_that_is_found_well_can_fail(template: str, values: dict[str, str]) -> None:
    if why_no_template("job_done", template) is None:
        assert isinstance(filled(template, values), str)


def test_what_fills_a_template_is_not_a_template() -> None:
    assert filled("{job}", {"job": "{reason}", "reason": "x"}) == "{reason}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_a_heading_and_placeholders(language: Language) -> None:
    for kind in KINDS:
        assert translated(heading(kind, 2), language).strip()
        assert kind in PLACEHOLDERS
