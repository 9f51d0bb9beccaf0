"""The setting `hours` as people write it: days and times of day in English and Chinese, with any mark for `to`.

Knows no clock: `worker.hours` knows when a window comes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from worker.hours import DAY_MIN, Hours, WeekdayWindow
from worker.lazy_patterns import LazyPattern
from worker.translation import Text, gettext
from worker.yaml_reader.document import clipped

LONGEST = 2_000
"""Characters of one text."""
MOST = 200
"""Windows in all."""
NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ALWAYS = frozenset({"", "always", "none", "off", "24/7", "不限", "全天", "随时", "一直"})
"""Say that there are no hours: also for one run, in the environment."""
EVERY_DAY = tuple(range(7))
DAYS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("daily", "every day", "everyday", "all days", "每天", "每日", "天天"), EVERY_DAY),
    **dict.fromkeys(("weekdays", "weekday", "workdays", "工作日", "平日"), EVERY_DAY[:5]),
    **dict.fromkeys(("weekends", "weekend", "周末", "週末"), EVERY_DAY[5:]),
}
"""Words for several days."""
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = ("mon", "tues?", "wed(?:nes)?", "thu(?:rs?)?", "fri", "sat(?:ur)?", "sun")
_ENGLISH = tuple(rf"(?:{long}s?|{short}s?|{long[:2]})\b\.?" for long, short in zip(_LONG, _SHORT, strict=True))
_CHINESE = ("一", "二", "三", "四", "五", "六", "日天")
_DAY = LazyPattern(
    rf"(?P<several>{'|'.join(sorted(DAYS, key=len, reverse=True))})"
    r"|(?:周|週|星期|礼拜|禮拜)?(?P<zh>[一二三四五六日天])"
    + "".join(rf"|(?P<d{number}>{pattern})" for number, pattern in enumerate(_ENGLISH))
)
_HALF = r"(?:(?P<{0}before>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|晚|早) ?)?"
_MINUTE = r"(?: ?[:.h] ?| ?[点點时時] ?)?(?P<{0}minute>\d\d) ?分?| ?(?:[点點时時](?P<{0}half>半)?整?|h|:)"
_TIME = rf"{_HALF}(?P<{{0}}hour>\d{{{{1,2}}}}?)(?:{_MINUTE})?(?: ?(?P<{{0}}after>[ap]\.?m\.?)| ?uhr)?"
_WINDOW = LazyPattern(
    rf"(?:(?P<days>[^0-9]*?) ?:? ?)??{_TIME.format('b')} ?- ?(?:(?:次日|第二天|翌日|next day) ?)?{_TIME.format('e')}"
    r"(?: ?\(?(?P<then>[^0-9()]+)\)?)?"
)
_TO = LazyPattern(r"[‐-―−~〜∼]|\bto\b|\buntil\b|\btill?\b|[至到]")
_ALL_DAY = LazyPattern(r"全天|整天|(?:all|whole) day\b")
_APART = LazyPattern(r"[,;、/&+\n]| and |和|及")
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "夜里", "晚"})


def read_hours(given: object) -> str | None:
    """The hours as one text of a fixed form, which this reads too; None where no hours are meant.

    Args:
        given: a text, a list of texts, or a mapping from days to one or several of them.

    Raises:
        ValueError: it cannot be read; says what can.
    """
    windows = [*_windows_in(given)]
    if not windows or Hours(windows=tuple(windows)).is_whole_week:
        return None
    if len(windows) > MOST * 7:
        raise ValueError(gettext("There are more than {most} windows: write fewer.", most=MOST))
    return _written(windows)


def hours_of(text: str | None) -> Hours | None:
    """The hours that a text means; None for no text, and for one that means the whole week.

    Args:
        text: as `read_hours` gives it.

    Raises:
        ValueError: it cannot be read.
    """
    read = read_hours(text)
    return None if read is None else Hours(windows=tuple(_windows_in(read)))


def _windows_in(given: object) -> Iterator[WeekdayWindow]:
    match given:
        case None | False:
            return
        case str():
            yield from _of_text(given)
        case Mapping():
            for days, times in given.items():
                for one in times if isinstance(times, list | tuple) else [times]:
                    yield from _of_text(f"{days} {one}")
        case list() | tuple():
            for one in given:
                yield from _windows_in(one)
        case _:
            raise ValueError(_unread(str(given)))


def _of_text(text: str) -> Iterator[WeekdayWindow]:
    """The windows of one text; days that are named hold for what follows in it, until others are."""
    if len(text) > LONGEST:
        raise ValueError(_unread(text))
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split(" "))
    if plain.strip() in ALWAYS:
        return
    days, waiting = EVERY_DAY, list[int]()
    spelt = _TO.sub("-", _ALL_DAY.sub(" 00:00-24:00", plain))
    for part in filter(None, (one.strip() for one in _APART.split(spelt))):
        found = _WINDOW.fullmatch(part)
        if found is None and any(one.isdigit() for one in part):
            raise ValueError(_unread(part if len(plain) > 2 * len(part) else text))
        if found is None:
            waiting += _days_in(part)
            continue
        named = _days_in(f"{found['days'] or ''} {found['then'] or ''}")
        days = tuple(sorted({*waiting, *named})) or days
        waiting.clear()
        yield from _on_days(days, _minutes(found, "b", part), _minutes(found, "e", part), part)
    if waiting:
        raise ValueError(_unread(text))


def _on_days(days: Sequence[int], begins_min: int, ends_min: int, part: str) -> Iterator[WeekdayWindow]:
    """The window on each of these days; an end before its beginning is one of the next day.

    Raises:
        ValueError: there is no such window.
    """
    if begins_min == DAY_MIN:
        raise ValueError(gettext("`{text}`: a window does not begin at 24:00; write 00:00.", text=clipped(part)))
    if begins_min == ends_min:
        raise ValueError(
            gettext("`{text}` begins and ends at the same time. A whole day is `00:00-24:00`.", text=clipped(part))
        )
    ends_min += DAY_MIN if ends_min < begins_min else 0
    yield from (WeekdayWindow(weekday=day, begins_min=begins_min, ends_min=ends_min) for day in days)


def _days_in(text: str) -> list[int]:
    """The days that a text names, such as `mon-fri`, `周一至五` or `sat sun`.

    Raises:
        ValueError: something in it is no day.
    """
    days, rest, is_range = list[int](), text.strip(" :"), False
    while rest:
        if rest[0] in " -":
            is_range, rest = is_range or rest[0] == "-", rest[1:]
            continue
        found = _DAY.match(rest)
        if found is None or (is_range and (not days or found["several"])):
            raise ValueError(
                gettext(
                    "`{text}` names no days. Days are {examples}, or several of them: {several}.",
                    text=clipped(text.strip()),
                    examples="Mon, Tue, Wed, Thu, Fri, Sat, Sun",
                    several="`Mon-Fri`, `weekdays`, `weekends`, `daily`, `周一至周五`",
                )
            )
        named, rest = _day_of(found), rest[found.end() :]
        if is_range:
            named = tuple((days[-1] + step) % 7 for step in range(1, (named[0] - days[-1]) % 7 + 1))
        days += named
        is_range = False
    if is_range:
        raise ValueError(_unread(text))
    return days


def _day_of(found: re.Match[str]) -> tuple[int, ...]:
    if found["several"]:
        return DAYS[found["several"]]
    if found["zh"]:
        return (next(number for number, signs in enumerate(_CHINESE) if found["zh"] in signs),)
    return (next(number for number in range(7) if found[f"d{number}"]),)


def _minutes(found: re.Match[str], which: str, part: str) -> int:
    """Minutes after midnight.

    Raises:
        ValueError: there is no such time of day.
    """
    hour = int(found[f"{which}hour"])
    minute = 30 if found[f"{which}half"] else int(found[f"{which}minute"] or 0)
    half, before = (found[f"{which}after"] or "")[:1], found[f"{which}before"]
    is_wrong = minute > 59 or hour > 24 or (hour == 24 and minute > 0) or (half and not 1 <= hour <= 12)
    if is_wrong:
        raise ValueError(
            gettext("`{text}` has a time that no day has. Times go from 00:00 to 24:00.", text=clipped(part.strip()))
        )
    is_late = half == "p" or before in _AFTERNOON or (before == "中午" and hour < 11)
    if half == "a" and hour == 12:
        hour = 0
    elif is_late and hour < 12:
        hour += 12
    elif before in ("晚上", "夜里", "晚") and hour == 12:
        hour = 24
    return hour * 60 + minute


def _written(windows: Sequence[WeekdayWindow]) -> str:
    """In the fixed form: days that have the same windows stand together."""
    times = {day: [] for day in EVERY_DAY}  # type: dict[int, list[str]]
    for one in windows:
        text = f"{_clock(one.begins_min)}-{_clock(one.ends_min)}"
        if text not in times[one.weekday]:
            times[one.weekday].append(text)
    told: list[str] = []
    for text in dict.fromkeys(text for day in EVERY_DAY for text in times[day]):
        days = [day for day in EVERY_DAY if text in times[day]]
        told.append(text if len(days) == 7 else f"{_named(days)} {text}")
    return ", ".join(sorted(told, key=lambda one: not one[0].isdigit()))


def _named(days: Sequence[int]) -> str:
    """`Mon-Fri` where at least three days follow each other."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = ([f"{NAMES[run[0]]}-{NAMES[run[-1]]}"] if len(run) > 2 else [NAMES[day] for day in run] for run in runs)
    return " ".join(name for run in names for name in run)


def _clock(minutes: int) -> str:
    """`07:00`; the end of a day is 24:00."""
    minutes = minutes if minutes <= DAY_MIN else minutes - DAY_MIN
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _unread(text: str) -> Text:
    return gettext(
        "`{text}` cannot be read as hours. Write a beginning and an end, with days before them where they differ:"
        " {examples}.",
        text=clipped(text.strip()),
        examples="`22:00-07:00`, `Mon-Fri 22:00-07:00, Sat 00:00-24:00`, `周一至周五 22:00-07:00`",
    )


_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
HoursText = Annotated[
    str | None,
    BeforeValidator(read_hours),
    WithJsonSchema({"anyOf": [*_TEXTS["anyOf"], {"type": "object", "additionalProperties": _TEXTS}, {"type": "null"}]}),
]
