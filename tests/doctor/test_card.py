"""Doctor on the card: what is read there, and settings that cannot do what they say."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from tests.doctor.conftest import REPORT
from worker.card_readings import CardProgram, CardReading
from worker.doctor.bundle import bundle
from worker.doctor.checks import card
from worker.doctor.device_report import DeviceReport
from worker.errors import DeviceUnavailable

XORG = CardProgram(pid=812, name="Xorg", memory_mib=300.2, used_percent=1)
GAME = CardProgram(pid=99, name="game", memory_mib=4000.0, used_percent=85)
CALM = CardReading(temperature_c=41, slowdown_c=93, used_percent=2, power_w=71.4, programs=(XORG,))


def told(machine, report: DeviceReport | DeviceUnavailable, **flags: str) -> list[tuple[str, str]]:
    asked = machine(flags=flags, ask_device=lambda device, *, is_demo: report)
    return [(one.mark, str(one.text)) for one in card.check(asked)]


def of(reading: CardReading | None, **changes: object) -> DeviceReport:
    return replace(REPORT, card=reading, **changes)


def test_it_says_how_hot_the_card_is_and_who_is_on_it(machine) -> None:
    assert told(machine, of(CALM)) == [("ok", "41 °C, 2 % in use, 71 W; on it: Xorg (process 812, 300 MiB).")]
    assert told(machine, of(replace(CALM, programs=())))[0][1].endswith("71 W; no other program is on it.")
    many = tuple(replace(XORG, pid=pid, name="") for pid in range(1, 9))
    assert "and 3 more." in told(machine, of(replace(CALM, programs=many)))[0][1]
    assert told(machine, of(CardReading())) == [("ok", "its driver tells neither temperature nor use.")]


def test_what_cannot_be_read_is_a_warning_for_whoever_set_anything(machine) -> None:
    away = of(None, card_problem="Not Supported")
    assert told(machine, away) == []
    for flags in ({"nice": "true"}, {"max_temperature_c": "80"}):
        ((mark, text),) = told(machine, away, **flags)
        assert (mark, "(Not Supported)" in text, "no effect" in text) == ("warn", True, True)
    ((_, text),) = told(machine, replace(REPORT, device="cpu", gpu=None), nice="true")
    assert "cpu is no card of NVIDIA" in text


def test_nice_tells_who_would_be_waited_for_and_where_it_cannot_know(machine) -> None:
    assert len(told(machine, of(CALM), nice="true")) == 1
    busy = told(machine, of(replace(CALM, programs=(XORG, GAME))), nice="true")
    assert busy[1][0] == "warn"
    assert "game (process 99, 4000 MiB) use the card now" in busy[1][1]
    blind = replace(CALM, programs=(replace(XORG, used_percent=None),))
    assert "every minute" in told(machine, of(blind), nice="true")[1][1]
    assert "`nice` has no effect" in told(machine, of(replace(blind, used_percent=None)), nice="true")[1][1]


@pytest.mark.parametrize(
    ("now_c", "used", "ceiling", "words"),
    [
        (41, 2, "80", []),
        (72, 2, "70", ["goes on at 65 °C, and the card is at 72 °C while it does nothing"]),
        (68, 2, "70", ["goes on at 65 °C"]),
        (72, 95, "70", []),
        (41, 2, "93", ["slows itself down at 93 °C"]),
        (None, 2, "80", ["has no effect"]),
    ],
)
def test_a_ceiling_that_makes_no_sense_on_this_card_is_told(machine, now_c, used, ceiling, words) -> None:
    reading = replace(CALM, temperature_c=now_c, used_percent=used)
    found = [text for mark, text in told(machine, of(reading), max_temperature_c=ceiling) if mark == "warn"]
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_a_ceiling_under_the_idle_card_lets_no_picture_be_made(machine) -> None:
    asked = machine(
        flags={"max_temperature_c": "40"}, ask_device=lambda device, *, is_demo: of(replace(CALM, temperature_c=45))
    )
    assert [one.stops_work for one in card.check(asked)] == [False, True]


def test_a_device_that_is_not_there_is_told_by_its_own_check(machine) -> None:
    assert told(machine, DeviceUnavailable("no card"), nice="true") == []


def test_for_whoever_helps_figures_are_told_and_not_whose_programs_are_on_it(machine) -> None:
    report = of(replace(CALM, programs=(replace(GAME, name="secret-game"), XORG)))
    asked = machine(ask_device=lambda device, *, is_demo: report)
    with zipfile.ZipFile(BytesIO(bundle(asked, [*card.check(asked)]))) as made:
        told = {name: made.read(name).decode() for name in made.namelist()}
    assert json.loads(told["card.json"])["card"] == {
        "temperature_c": 41, "slowdown_c": 93, "used_percent": 2, "power_w": 71.4, "programs": 2, "programs_in_use": 1,
    }  # fmt: skip
    assert "secret" not in "".join(told.values())
    assert "Xorg" not in "".join(told.values())
