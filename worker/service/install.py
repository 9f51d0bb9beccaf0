"""Installing: units checked, written, begun, and what came of that."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from worker.errors import ExitCode, UsageError
from worker.service.endings import exit_code, why_ended
from worker.service.manager import STOPPED_S, Manager, complaints, exposures
from worker.service.unit_files import OLD, UnitFiles
from worker.service.unit_text import marked
from worker.translation import enumerated, gettext

READY_S = 600.0
"""So long a start is watched; it goes on by itself after that."""
LOOK_S = 1.0
"""Between two looks."""
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What a watched start needs of this machine."""

    pause: Callable[[float], object]
    monotonic: Callable[[], float]


def require_free(files: UnitFiles, units: Mapping[str, str], *, replaces: bool) -> None:
    """Return where these units may be written.

    Args:
        files: of the service.
        units: by file name.
        replaces: also what a person has written.

    Raises:
        UsageError: a person has written or changed one of them; or it was installed in another way.
    """
    there = files.there()
    others = [name for name in there if name not in units and "-watch." not in name]
    if others:
        raise UsageError(
            gettext(
                "{units} is installed already: `zimage-worker service remove` first, then this again.",
                units=enumerated(others),
            )
        )
    strange = [str(files.folder / name) for name, origin in there.items() if name in units and origin != "ours"]
    if strange and not replaces:
        raise UsageError(
            gettext(
                "{files}: written or changed by hand, so it is left alone. Put changes of yours into `systemctl edit"
                " {name}`, then give --replace: the file is kept beside it as `{old}`.",
                files=enumerated(strange),
                name=files.name,
                old=f"*{OLD}",
            )
        )


def require_sound(units: Mapping[str, str], *, is_user: bool, say: Say) -> None:
    """Return where systemd finds nothing wrong with units; what they leave open beyond the usual is told.

    Args:
        units: by file name.
        is_user: for a person's own manager, which cannot shut a service in.
        say: takes each sentence.

    Raises:
        UsageError: it does.
    """
    with tempfile.TemporaryDirectory(prefix="zimage-worker-units-") as folder:
        for name, text in units.items():
            (Path(folder) / name).write_text(marked(text), "utf-8")
        found = complaints(units, Path(folder), is_user=is_user)
        for line in [] if is_user else exposures(units, Path(folder)):
            say(gettext("More is open to it than usual: {why}", why=line.lstrip("→ ")))
    if found:
        raise UsageError(gettext("systemd refuses the unit: {why}", why="; ".join(found[:3])))


def write_and_begin(
    manager: Manager, files: UnitFiles, units: Mapping[str, str], begun: tuple[str, ...], *, say: Say, waits: Waits
) -> ExitCode:
    """Write units, begin them now and at each boot, and say what came of it.

    Args:
        manager: of the units.
        files: of the service.
        units: by file name.
        begun: those to be begun.
        say: takes each sentence.
        waits: to watch the start by.

    Returns:
        DONE once all are ready, or go on starting; else how one of them ended.

    Raises:
        UsageError: systemd refuses a step.
        OSError: a unit cannot be written.
    """
    changed = [name for name, text in units.items() if files.differs(name, text)]
    gone = [name for name in (*files.there(), *files.cards()) if name not in units and name not in begun]
    if gone:
        manager.call("disable", "--now", *gone, limit_s=STOPPED_S)
        files.remove(gone)
    files.write({name: units[name] for name in changed})
    for name in changed:
        say(gettext("Wrote {target}", target=files.folder / name))
    manager.require("daemon-reload")
    manager.require("enable", *begun)
    for unit in begun:
        is_stale = any(name in changed for name in (unit, _template_of(unit)))
        if is_stale and manager.show(unit).get("ActiveState") in ("active", "reloading") and unit.endswith(".service"):
            say(gettext("{unit} runs with what it was before: it finishes its picture and starts anew.", unit=unit))
        manager.require("restart" if is_stale else "start", "--no-block", unit)
    codes = [_watched(manager, unit, say=say, waits=waits) for unit in begun]
    return next((code for code in codes if code), ExitCode.DONE)


def _template_of(unit: str) -> str:
    name, is_instance, _ = unit.partition("@")
    return f"{name}@.service" if is_instance else unit


def _watched(manager: Manager, unit: str, *, say: Say, waits: Waits) -> ExitCode:
    """How a start goes, told as it goes."""
    begun_s, told = waits.monotonic(), ""
    while waits.monotonic() - begun_s < READY_S:
        known = manager.show(unit)
        state, status = known.get("ActiveState", ""), known.get("StatusText", "")
        if status and status != told:
            say(gettext("{unit}: {state}", unit=unit, state=status))
            told = status
        if state == "active":
            if unit.endswith(".timer"):
                when = known.get("NextElapseUSecRealtime", "")
                say(gettext("{unit} is set: next at {moment}", unit=unit, moment=when or "?"))
            else:
                say(gettext("{unit} is ready, and starts by itself at each boot.", unit=unit))
            return ExitCode.DONE
        if state == "failed" or known.get("SubState") == "auto-restart":
            say(gettext("{unit} does not run: {why}", unit=unit, why=why_ended(known)))
            for line in said_for_people(manager.log_lines(unit, invocation=known.get("InvocationID", ""))):
                say(f"    {line}")
            return exit_code(known)
        waits.pause(LOOK_S)
    say(gettext("{unit} is still starting, and goes on with that by itself: look with `service status`.", unit=unit))
    return ExitCode.DONE


def said_for_people(lines: list[str]) -> list[str]:
    """Of log lines those that were written for people, where there are any; lines for programs are JSON."""
    sentences = [line for line in lines if not line.startswith("{")]
    return sentences or lines[-3:]
