"""Doctor's check of the settings."""

from __future__ import annotations

from worker.doctor.checks.settings import check


def test_only_settings_that_were_set_are_listed_with_their_origin(machine) -> None:
    texts = [finding.text for finding in check(machine(flags={"steps": "7"}))]
    assert texts[-1] == "steps = 7  (flag --steps)"
    assert not any(text.startswith("log") for text in texts)
