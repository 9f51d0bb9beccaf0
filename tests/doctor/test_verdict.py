"""Doctor's verdict: one sentence, and what to mend, the most important first."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from pages import ROOT

from worker.doctor.check import Finding
from worker.doctor.verdict import IMPORTANCE, verdict
from worker.translation import gettext, translated


def finding(mark: str, what: str, text: str = "it is so.") -> Finding:
    return Finding(mark=mark, what=what, text=gettext("{text}", text=text))


def test_a_machine_on_which_all_is_well_is_ready() -> None:
    found = verdict([finding("ok", "model"), finding("ok", "inbox")])
    assert (found.is_ready, [*found.lines]) == (True, ["Ready for tonight."])


def test_what_must_be_mended_comes_first_and_what_is_to_be_read_after_it() -> None:
    found = verdict(
        [finding("warn", "pause"), finding("FAIL", "device"), finding("warn", "compiler"), finding("FAIL", "folders")]
    )
    assert not found.is_ready
    assert found.lines[0].startswith("Not ready for tonight: 2 things must be mended.")
    assert [line.split(":")[0].strip() for line in found.lines[1:]] == [
        "1. folders", "2. device", "3. pause", "4. compiler",
    ]  # fmt: skip


def test_warnings_alone_keep_nobody_from_the_night() -> None:
    found = verdict([finding("warn", "compiler"), finding("warn", "workers"), finding("ok", "model")])
    assert found.is_ready
    assert found.lines[0].startswith("Ready for tonight, but 2 things")
    assert found.lines[1].startswith("  1. workers")


def test_what_lets_nothing_be_made_is_no_word_of_a_ready_night_and_comes_before_what_is_only_to_be_read() -> None:
    waits = Finding(mark="warn", what="room", text=gettext("{text}", text="it is so."), stops_work=True)
    found = verdict([finding("warn", "workers"), waits])
    assert found.is_ready, "`run` would start"
    assert found.lines[0].startswith("This machine is ready, but as it stands nothing is made tonight. 2 things")
    assert [line.split(":")[0].strip() for line in found.lines[1:]] == ["1. room", "2. workers"]


@given(st.lists(st.tuples(st.sampled_from(["ok", "warn", "FAIL"]), st.sampled_from(IMPORTANCE))))
def test_every_finding_that_is_not_well_is_told_once_in_every_language(pairs: list[tuple[str, str]]) -> None:
    found = verdict(finding(*pair) for pair in pairs)
    assert len(found.lines) == 1 + sum(mark != "ok" for mark, _ in pairs)
    assert found.is_ready == all(mark != "FAIL" for mark, _ in pairs)
    assert all(translated(line, "zh") for line in found.lines)


def test_the_importance_of_every_first_column_is_settled() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "worker/doctor/checks").glob("*.py"))
    said = set(re.findall(r'(?:what=|failure\()"(\w+)"', code))
    assert said | {"inbox", "outbox", "failed"} == set(IMPORTANCE)
