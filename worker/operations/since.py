"""Since when: what people write for the begin of a report, in English and Chinese, as a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DAYS = {
    "today": 0, "今天": 0, "今日": 0,
    "yesterday": 1, "昨天": 1, "昨日": 1,
    "前天": 2,
}  # fmt: skip
"""Words for a day, by how many days ago it began."""
_NIGHTS = frozenset({"last night", "tonight", "昨晚", "昨夜", "今晚"})
"""From the last noon but for the afternoon."""
_WEEKS = {"last week": 7, "上周": 7, "上星期": 7, "week": 7, "month": 30, "last month": 30, "上个月": 30, "上月": 30}
_UNITS = {
    "m": 60, "min": 60, "minute": 60, "minutes": 60, "分": 60, "分钟": 60,
    "h": 3600, "hour": 3600, "hours": 3600, "小时": 3600, "个小时": 3600, "钟头": 3600, "个钟头": 3600,
    "d": 86_400, "day": 86_400, "days": 86_400, "天": 86_400, "日": 86_400,
    "w": 604_800, "week": 604_800, "weeks": 604_800, "周": 604_800, "星期": 604_800, "个星期": 604_800,
}  # fmt: skip
_CHINESE = {numeral: number for number, numeral in enumerate("〇一二三四五六七八九十")} | {"两": 2}
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""No job ended before."""
_AGO = re.compile(
    r"(?:过去|最近|近|last )?(\d{1,4}|[一二两三四五六七八九十]) ?([a-z]+|[^\W\d_a-z]+?) ?(?:ago|前|以前|以来)?"
)
_WRITTEN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def moment_meant(words: str, *, now: datetime) -> datetime | None:
    """The moment that is meant; None for what means none, or one to come.

    Args:
        words: `yesterday`, `7d`, `2h`, `2026-11-20`, `2026-11-20 22:00`, 昨天, 3天, ...
        now: aware, in the reader's zone.

    Returns:
        Aware, in the same zone.
    """
    found = _meant(words, now)
    return None if found is None else max(found, FIRST.astimezone(now.tzinfo))


def _meant(words: str, now: datetime) -> datetime | None:
    said = " ".join(words.strip().lower().split())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if said in _NIGHTS:
        return night_before(now)
    if said in _DAYS or said in _WEEKS:
        return midnight - timedelta(days=_DAYS.get(said, _WEEKS.get(said, 0)))
    found = _AGO.fullmatch(said)
    if found and (unit_s := _UNITS.get(found[2])):
        return _earlier(now, (_CHINESE.get(found[1]) or int(found[1])) * unit_s)
    return _dated(said, now)


def night_before(now: datetime) -> datetime:
    """The noon at which the night began that is meant by day: until six in the evening the one before.

    Args:
        now: aware, in the reader's zone.
    """
    evening = now - timedelta(hours=18)
    return evening.replace(hour=12, minute=0, second=0, microsecond=0)


def _earlier(now: datetime, seconds: int) -> datetime | None:
    try:
        return now - timedelta(seconds=seconds)
    except OverflowError:
        return None


def _dated(said: str, now: datetime) -> datetime | None:
    plain = _WRITTEN.sub(lambda found: f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", said, count=1)
    try:
        moment = datetime.fromisoformat(plain.upper())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
        return moment.astimezone(now.tzinfo) if moment <= now else None
    except (ValueError, OverflowError):
        return None
