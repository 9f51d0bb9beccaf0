"""Check: how hot the card is and who else is on it, and whether `nice` and `max_temperature_c` can work there."""

from __future__ import annotations

from collections.abc import Iterator

from worker.card_readings import BELOW_CEILING_C, USED_PERCENT, CardProgram, CardReading, users
from worker.doctor.check import Finding, Machine
from worker.errors import DeviceUnavailable
from worker.translation import Text, enumerated, gettext, sentences

NAMED = 5


def check(machine: Machine) -> Iterator[Finding]:
    """A line of what is read there; a warning for each setting that cannot do what it says."""
    report, settings = machine.device, machine.settings
    if isinstance(report, DeviceUnavailable) or report.device is None:
        return  # told by its own check
    reading = report.card
    if reading is None:
        if settings.nice or settings.max_temperature_c is not None:
            why = report.card_problem or gettext("{device} is no card of NVIDIA", device=report.device)
            yield _warning(
                gettext(
                    "the card cannot be read ({reason}): `nice` and `max_temperature_c` have no effect here.",
                    reason=why,
                )
            )
        return
    yield Finding(mark="ok", what="card", text=_told(reading))
    if settings.nice:
        yield from _nice(reading)
    if settings.max_temperature_c is not None:
        yield from _ceiling(reading, settings.max_temperature_c)


def _warning(text: Text, *, stops_work: bool = False) -> Finding:
    return Finding(mark="warn", what="card", text=text, stops_work=stops_work)


def _told(reading: CardReading) -> str:
    figures = [
        None if reading.temperature_c is None else gettext("{degrees} °C", degrees=round(reading.temperature_c)),
        None if reading.used_percent is None else gettext("{share} in use", share=f"{reading.used_percent} %"),
        None if reading.power_w is None else gettext("{watts} W", watts=round(reading.power_w)),
    ]
    now = enumerated(figure for figure in figures if figure is not None)
    if not now and not reading.programs:
        return gettext("its driver tells neither temperature nor use.")
    beside = sorted(reading.programs, key=lambda one: -(one.memory_mib or 0))
    if not beside:
        return gettext("{now}; no other program is on it.", now=now)
    named = enumerated(_named(one) for one in beside[:NAMED])
    more = len(beside) - NAMED
    if more > 0:
        return gettext("{now}; on it: {programs}, and {more} more.", now=now, programs=named, more=more)
    return gettext("{now}; on it: {programs}.", now=now, programs=named)


def _named(program: CardProgram) -> Text:
    name = program.name or gettext("a program")
    if program.memory_mib is None:
        return gettext("{program} (process {pid})", program=name, pid=program.pid)
    return gettext("{program} (process {pid}, {mib} MiB)", program=name, pid=program.pid, mib=round(program.memory_mib))


def _nice(reading: CardReading) -> Iterator[Finding]:
    is_told_by_program = any(one.used_percent is not None for one in reading.programs)
    if reading.used_percent is None and not is_told_by_program:
        yield _warning(gettext("`nice` has no effect: this card's driver does not tell whether anybody uses it."))
    elif reading.programs and not is_told_by_program:
        text = gettext(
            "`nice`: this card's driver does not tell who uses it, so that the worker stands still for some seconds"
            " every minute, to see whether others do."
        )
        yield Finding(mark="ok", what="card", text=text)
    busy = [one for one in users(reading) if not one.is_ours]
    if busy:
        text = gettext(
            "`nice`: {programs} use the card now; a worker waits until they have not for 10 s.",
            programs=enumerated(_named(one) for one in busy[:NAMED]),
        )
        yield _warning(text)


def _ceiling(reading: CardReading, ceiling_c: int) -> Iterator[Finding]:
    now_c, slowdown_c = reading.temperature_c, reading.slowdown_c
    if now_c is None:
        yield _warning(gettext("`max_temperature_c` has no effect: this card's driver does not tell its temperature."))
        return
    remedy = gettext("Set it higher, or look at the card's fans.")
    facts = {"ceiling_c": ceiling_c, "now_c": round(now_c), "on_c": ceiling_c - BELOW_CEILING_C}
    if now_c > facts["on_c"] and (reading.used_percent or 0) < USED_PERCENT:
        why = gettext(
            "`max_temperature_c` is {ceiling_c}: a worker that has waited goes on at {on_c} °C, and the card is at"
            " {now_c} °C while it does nothing.", ceiling_c=ceiling_c, on_c=facts["on_c"], now_c=facts["now_c"],
        )  # fmt: skip
        yield _warning(_said(why, remedy), stops_work=now_c >= ceiling_c)
    if slowdown_c is not None and ceiling_c >= slowdown_c:
        yield _warning(
            gettext(
                "`max_temperature_c` is {ceiling_c}, but the card slows itself down at {slowdown_c} °C: set it some"
                " degrees below that.",
                ceiling_c=ceiling_c,
                slowdown_c=round(slowdown_c),
            )
        )


def _said(*texts: Text) -> Text:
    said = sentences(texts)
    assert isinstance(said, Text)
    return said
