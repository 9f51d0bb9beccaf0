"""Alerts and dashboard: by Prometheus' own checker, over figures that exist, and each alert fires when it should."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.operations.promtool import needs_promtool, promtool
from worker import commands
from worker.operations.metrics.names import FIGURES, PREFIX, REASONS, STATES, STATUSES, samples_of

SYSTEMD = Path(__file__).parents[2] / "systemd"
RULES = SYSTEMD / "zimage-worker.rules.yml"
DASHBOARD = SYSTEMD / "grafana-dashboard.json"
SAMPLES = {sample for name in FIGURES for sample in samples_of(name)}
OTHERS = {"node_textfile_mtime_seconds"}
"""Of node_exporter."""
PROGRESS = "last_progress_timestamp_seconds"
ON = 'instance="studio", worker="w1"'
FILE = 'node_textfile_mtime_seconds{instance="studio", file="/var/lib/node_exporter/zimage-worker.prom"}'

FIRES = {
    "ZimageNobodyWorks": ([("queue_jobs", "", "3x20"), ("up", "", "0x20")], "15m"),
    "ZimageMetricsStale": ([(FILE, None, "0x20"), ("up", "", "1x20")], "15m"),
    "ZimageStalled": (
        [(PROGRESS, "", "0x90"), ("state", 'state="rendering"', "1x90"), ("up", "", "1x90")],
        "70m",
    ),
    "ZimageShareAway": ([("share_away", "", "1x20")], "10m"),
    "ZimageModelAway": ([("model_away", "", "1x20")], "10m"),
    "ZimagePicturesFail": (
        [("pictures_total", 'outcome="failed"', "0+1x60"), ("pictures_total", 'outcome="made"', "0+2x60")],
        "50m",
    ),
    "ZimageJobsFail": ([("jobs_ended_total", 'status="refused"', "0x10 1x30")], "30m"),
    "ZimageDiskLow": ([("disk_free_bytes", "", "2e9x40"), ("disk_reserve_bytes", "", "1e9x40")], "20m"),
    "ZimageCardHot": ([("card_hot_total", "", "0x10 1x30")], "30m"),
    "ZimageQueueOld": ([("queue_oldest_seconds", "", "90000x60")], "40m"),
    "ZimagePausedLong": ([("paused", 'reason="pause"', "1x800")], "13h"),
    "ZimageRendererRestarts": ([("renderer_restarts_total", "", "0x10 4x40")], "40m"),
    "ZimageHooksFail": ([("hooks_total", 'outcome="failed"', "0x10 1x30")], "30m"),
    "ZimageNotificationsFail": ([("notifications_failed_total", "", "0x10 1x30")], "30m"),
}
"""What each alert fires over by that time; a value a minute."""
QUIET = {
    "ZimageNobodyWorks": [
        [("queue_jobs", "", "3x20"), ("up", "", "1x20")],
        [("queue_jobs", "", "0x20"), ("up", "", "0x20")],
    ],
    "ZimageMetricsStale": [
        [(FILE, None, "0+60x20"), ("up", "", "1x20")],
        [(FILE, None, "0x20"), ("up", "", "0x20")],  # it has ended, and said so
    ],
    "ZimageStalled": [  # it goes on; it waits; it has ended
        [
            (PROGRESS, "", "0+60x90"),
            ("state", 'state="rendering"', "1x90"),
            ("up", "", "1x90"),
        ],
        [(PROGRESS, "", "0x90"), ("state", 'state="rendering"', "0x90"), ("up", "", "1x90")],
        [(PROGRESS, "", "0x90"), ("state", 'state="idle"', "1x90"), ("up", "", "0x90")],
    ],
    "ZimageShareAway": [[("share_away", "", "0x8 1x3 0x9")]],
    "ZimageModelAway": [[("model_away", "", "0x20")]],
    "ZimagePicturesFail": [
        [("pictures_total", 'outcome="failed"', "0x10 1x50"), ("pictures_total", 'outcome="made"', "0x60")],
        [("pictures_total", 'outcome="failed"', "0+1x60"), ("pictures_total", 'outcome="made"', "0+9x60")],
    ],
    "ZimageJobsFail": [[("jobs_ended_total", 'status="complete"', "0+1x60")]],
    "ZimageDiskLow": [[("disk_free_bytes", "", "9e9x40"), ("disk_reserve_bytes", "", "1e9x40")]],
    "ZimageCardHot": [[("card_hot_total", "", "5x60"), ("card_temperature_celsius", "", "80x60")]],
    "ZimageQueueOld": [[("queue_oldest_seconds", "", "3600x60")]],
    "ZimagePausedLong": [[("paused", 'reason="hours"', "1x800")], [("paused", 'reason="pause"', "1x300 0x500")]],
    "ZimageRendererRestarts": [[("renderer_restarts_total", "", "0x10 1x50")]],
    "ZimageHooksFail": [[("hooks_total", 'outcome="ok"', "0+1x60")]],
    "ZimageNotificationsFail": [[("notifications_failed_total", "", "0x60")]],
}
"""What none fires over at the same time."""


def alerts() -> list[dict[str, object]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    """Of the dashboard, as they are asked."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"].replace("$__rate_interval", "5m") for panel in panels for target in panel["targets"]]


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:zimage_worker|node)_\w+", re.sub(r'"[^"]*"', '""', expression)))


def test_alerts_and_dashboard_ask_for_figures_that_exist() -> None:
    asked = [*expressions(), *(str(rule["expr"]) for rule in alerts())]
    assert set().union(*map(names_in, asked)) <= SAMPLES | OTHERS


def test_the_dashboard_shows_every_figure() -> None:
    shown, alerted = set().union(*map(names_in, expressions())), {str(rule["expr"]) for rule in alerts()}
    of_figures = {name: set(samples_of(name)) for name in FIGURES}
    alone = {name for name, samples in of_figures.items() if not samples & shown}
    assert alone == {"start_time_seconds", "last_progress_timestamp_seconds", "job_seconds"}
    assert any("last_progress" in expression for expression in alerted)


def test_labels_are_asked_for_values_that_they_have() -> None:
    known = {"state": STATES, "reason": REASONS, "status": STATUSES}
    for rule in alerts():
        for label, words in re.findall(r'(state|reason|status)=~?"([^"]*)"', str(rule["expr"])):
            assert set(words.split("|")) <= set(known[label])


def test_each_alert_says_what_to_do() -> None:
    for rule in alerts():
        assert set(rule["annotations"]) == {"summary", "remedy"}
        assert len(rule["annotations"]["remedy"]) > 40
    assert {rule["alert"] for rule in alerts()} == FIRES.keys() == QUIET.keys()


def test_commands_in_the_remedies_exist() -> None:
    known = {path.stem for path in Path(commands.__file__).parent.glob("*.py")}
    for rule in alerts():
        asked = re.findall(r"`zimage-worker ([a-z]+)", rule["annotations"]["remedy"])
        assert set(asked) <= known


@needs_promtool
def test_promtool_is_content_with_the_alerts() -> None:
    assert "SUCCESS" in promtool("check", "rules", RULES)


@needs_promtool
def test_promtool_is_content_with_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": asked} for number, asked in enumerate(expressions())]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    told = promtool("check", "rules", tmp_path / "panels.yml")
    assert f"SUCCESS: {len(expressions())} rules found" in told


def series(name: str, labels: str | None, values: str) -> dict[str, str]:
    whole = name if labels is None else f"{PREFIX}{name}{{{', '.join(filter(None, (ON, labels)))}}}"
    return {"series": whole, "values": values}


def case(alert: str, given: list[tuple[str, str | None, str]], at: str, *, fires: bool) -> dict[str, object]:
    asked = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) or vector(0)'
    expected = [{"labels": "{}", "value": int(fires)}]
    return {
        "interval": "1m",
        "input_series": [series(*one) for one in given],
        "promql_expr_test": [{"expr": asked, "eval_time": at, "exp_samples": expected}],
    }


@pytest.mark.slow
@needs_promtool
def test_each_alert_fires_over_its_trouble_and_not_without(tmp_path: Path) -> None:
    cases = [case(alert, given, at, fires=True) for alert, (given, at) in FIRES.items()]
    cases += [case(alert, given, FIRES[alert][1], fires=False) for alert, several in QUIET.items() for given in several]
    tests = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "cases.yml").write_text(yaml.safe_dump(tests))
    assert "SUCCESS" in promtool("test", "rules", tmp_path / "cases.yml")
