"""What a notifier remembers from run to run: what it has told, what it has not sent yet, which troubles last.

Knows one small file in the state folder. A service that dies every half minute sends one message about it, and what a
worker had gathered when it was killed is sent by the next.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from worker.alert_kinds import KINDS
from worker.disk.durable import make_folder, replace_file
from worker.disk.json_records import read_record
from worker.operations.alerts.desk import HOUR_S, MOST_KEYS, MOST_LINES, Desk, Line
from worker.operations.alerts.post import MOST, Post, Waiting
from worker.operations.alerts.rows import ROWS
from worker.operations.alerts.watch import Outage, Watch
from worker.operations.alerts.wording import BODY, SENTENCE, SUBJECT, Letter


def save(file: Path, watch: Watch, post: Post, *, now_s: float, wall_s: float) -> None:
    """Write it down; a disk that refuses loses a memory, never a job.

    Args:
        file: JSON, on the local disk.
        watch: what is going on.
        post: what waits to be sent.
        now_s: seconds of the clock that both go by.
        wall_s: seconds since 1970.
    """
    desk = watch.desk
    record = {
        "saved_s": wall_s,
        "sent": [round(now_s - one, 1) for one in desk.sent_s],
        "told": {key: [round(now_s - told_s, 1), times] for key, (told_s, times) in desk.told.items()},
        "lines": [
            [key, line.kind, line.text, line.count, line.is_over, None if line.due_s is None else line.due_s - now_s]
            for key, line in desk.lines.items()
        ],
        "more": dict(desk.more),
        "outages": {
            event: [one.text, round(now_s - one.begun_s, 1), one.is_told] for event, one in watch.outages.items()
        },
        "letters": [
            [one.letter.title, one.letter.body, one.letter.severity, sorted(one.places), one.tries]
            for one in post.waiting
        ],
        "lost": {str(place): count for place, count in post.lost.items()},
    }
    with suppress(OSError):
        make_folder(file.parent)
        replace_file(file, json.dumps(record, ensure_ascii=False) + "\n")


def load(file: Path, watch: Watch, post: Post, *, now_s: float, wall_s: float) -> None:
    """Take up what was written down; whatever is odd is forgotten.

    Args:
        file: as it was saved.
        watch: new.
        post: new.
        now_s: as for `save`.
        wall_s: likewise; a clock that was set back makes everything new.
    """
    record: dict[str, Any] = {}
    with suppress(OSError):
        record = read_record(file)
    with suppress(KeyError, TypeError, ValueError, AttributeError, IndexError):
        then_s = now_s - max(0.0, wall_s - float(record["saved_s"]))
        _load_desk(record, watch.desk, then_s, now_s=now_s)
        for event, (text, age_s, is_told) in record["outages"].items():
            if event in ROWS and ROWS[event].lasts_s:
                watch.outages[event] = Outage(
                    text=str(text)[:SENTENCE], begun_s=then_s - _age(age_s), is_told=bool(is_told), is_heard=False
                )
        _load_post(record, post, now_s)


def _age(given: object) -> float:
    return max(0.0, min(float(cast(float, given)), 1e9))


def _load_desk(record: Mapping[str, Any], desk: Desk, then_s: float, *, now_s: float) -> None:
    desk.sent_s = sorted(one for age in record["sent"][:1000] if now_s - (one := then_s - _age(age)) < HOUR_S)
    told = [*record["told"].items()][:MOST_KEYS]
    desk.told = {str(key): (then_s - _age(age), max(1, int(times))) for key, (age, times) in told}
    for number, (key, kind, text, count, is_over, due_s) in enumerate(record["lines"][:MOST_LINES]):
        if kind in KINDS:
            name = f"#before-{number}" if str(key).startswith("#") else str(key)
            due = None if due_s is None else then_s + float(due_s)
            line = Line(kind=kind, text=str(text)[:SENTENCE], count=int(count), is_over=bool(is_over), due_s=due)
            desk.lines[name] = line
    desk.more = Counter({kind: int(count) for kind, count in record["more"].items() if kind in KINDS})
    if desk.lines or desk.more:
        desk.first_s = desk.last_s = now_s


def _load_post(record: Mapping[str, Any], post: Post, now_s: float) -> None:
    letters = deque[Waiting]()
    for title, body, severity, places, tries in record["letters"][:MOST]:
        known = {int(place) for place in places if int(place) < post.places}
        if known and severity in ("info", "success", "warning", "failure"):
            letter = Letter(title=str(title)[:SUBJECT], body=str(body)[:BODY], severity=severity)
            letters.append(Waiting(letter=letter, places=known, tries=max(0, int(tries)), due_s=now_s))
    post.waiting = letters
    post.lost = Counter({int(place): int(count) for place, count in record["lost"].items() if int(place) < post.places})
