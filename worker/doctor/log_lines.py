"""Lines of this program's log, reduced to what names nobody: when, which event, how grave, and its figures.

Knows both forms in which the log is written, for programs and for people.
"""

from __future__ import annotations

import json
import re

from worker.doctor.masking import plain_moment

_EVENT = re.compile(r"[a-z]{2,20}\.[a-z_]{2,24}")
_FIGURES = """
    after_s again_s attempt available_mib broken_runs careful code compiled demo_model files fits grace_s kept left
    lines memory_mib mib mib_per_s need_mib of_mib other_attention pictures pid problems seconds silent_s streamed
    failed ok peak_mib rungs steps cancelled
"""
FIGURES = frozenset(_FIGURES.split())
"""Keys of events that hold a number, or yes or no. A seed is none of them: it tells one picture."""
_CONSOLE = re.compile(
    r"(?P<when>[0-9:\- ]{8,19}) \[(?P<level>[a-z]+) *\] (?P<event>[a-z]+\.[a-z_]+)(?: +(?P<rest>.*))?"
)
_FIGURE = re.compile(r"(?<![^\s])([a-z][a-z_]{0,23})=(-?[0-9]+(?:\.[0-9]+)?|True|False|None)(?!\S)")
_FRAME = re.compile(r'File "[^"\n]*[/\\](worker[/\\][a-z_/\\]+\.py)", line ([0-9]+)')
_RAISED = re.compile(r"^([A-Za-z_][A-Za-z_.]{2,60}(?:Error|Exception|Interrupt|Invalid|Died|Broken|Away))\b", re.M)
LEVELS = ("debug", "info", "warning", "error", "critical")


def reduced(line: str) -> str | None:
    """One line of the log; None for what is none of ours.

    Args:
        line: without its end.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return _of_console(line)
    if not isinstance(record, dict):
        return None
    event, level = record.get("event"), record.get("level")
    if not isinstance(event, str) or not _EVENT.fullmatch(event) or level not in LEVELS:
        return None
    kept: dict[str, object] = {"when": plain_moment(record.get("timestamp")), "level": level, "event": event}
    kept |= {key: value for key, value in record.items() if key in FIGURES and isinstance(value, bool | int | float)}
    if isinstance(trace := record.get("exception"), str):
        kept["frames"] = [f"{file}:{number}" for file, number in _FRAME.findall(trace)]
        kept["raised"] = _RAISED.findall(trace)[-1:]
    return json.dumps(kept)


def _of_console(line: str) -> str | None:
    found = _CONSOLE.fullmatch(line.strip())
    if found is None or found["level"] not in LEVELS or not _EVENT.fullmatch(found["event"]):
        return None
    figures = {key: value for key, value in _FIGURE.findall(found["rest"] or "") if key in FIGURES}
    return json.dumps({"when": found["when"].strip(), "level": found["level"], "event": found["event"], **figures})
