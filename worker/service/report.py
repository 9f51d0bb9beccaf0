"""What a service does now, in words; and its removal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from worker.errors import ExitCode, UsageError
from worker.service.endings import exit_status, number_of, why_ended
from worker.service.manager import STOPPED_S, Manager
from worker.service.unit_files import UnitFiles
from worker.service.unit_text import Origin
from worker.translation import Text, enumerated, gettext, joined, ngettext

HANDS: Mapping[Origin, Text] = {
    "changed": gettext("its file was changed by hand"),
    "foreign": gettext("its file was not written by `service install`"),
}
"""By whose a unit is."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")

STATES: Mapping[str, Text] = {
    "reloading": gettext("reads its settings again"),
    "activating": gettext("is starting"),
    "deactivating": gettext("is stopping: it finishes the picture in work"),
    "failed": gettext("has failed and stays down"),
    "inactive": gettext("does not run"),
}
"""By systemd's word."""
BOOT: Mapping[str, Text] = {
    "enabled": gettext("starts at each boot"),
    "disabled": gettext("does not start at boot"),
    "masked": gettext("is masked: nobody can start it"),
}
"""By systemd's word."""


def status_of(manager: Manager, files: UnitFiles, *, lingers: bool | None) -> tuple[list[str], ExitCode]:
    """What a service's units do.

    Args:
        manager: of the units.
        files: of the service.
        lingers: whether that person's services outlive their session; None where that does not matter.

    Returns:
        A line for each thing to say; DONE where it runs or will by itself, else NOBODY_WORKS.
    """
    there = files.there()
    if not there:
        return [_nothing(files)], ExitCode.NOBODY_WORKS
    units = [unit for unit in there if not unit.endswith(("@.service", "-watch.service"))] + files.cards()
    lines, works = [], []
    for unit in units:
        known = manager.show(unit)
        lines += [*_lines(unit, known, origin=there.get(unit, "ours"))]
        if unit.endswith("-night.service"):
            continue
        if "-watch." not in unit:
            works.append(known.get("ActiveState") in ("active", "reloading", "activating"))
    lines += [gettext("Changes of your own: {folder}", folder=folder) for folder in files.additions()]
    if lingers is False:
        lines.append(gettext("It ends when you log out: `loginctl enable-linger` keeps it running."))
    return lines, ExitCode.DONE if works and all(works) else ExitCode.NOBODY_WORKS


def _lines(unit: str, known: Mapping[str, str], *, origin: Origin) -> Iterator[str]:
    words = _state(unit, known)
    if boot := BOOT.get(known.get("UnitFileState", "")):
        yield gettext("{unit} {state}; it {boot}.", unit=unit, state=words, boot=boot)
    else:
        yield gettext("{unit} {state}.", unit=unit, state=words)
    if status := known.get("StatusText"):
        yield _below(gettext("now: {state}", state=status))
    is_down = known.get("ActiveState") not in ("active", "reloading")
    if known.get("Result", "success") != "success" or (is_down and exit_status(known)):
        yield _below(gettext("its last run: {why}", why=why_ended(known)))
    if restarts := number_of(known, "NRestarts"):
        again = ngettext("started again by itself {count} time", "started again by itself {count} times", restarts)
        yield _below(again)
    if origin in HANDS:
        yield _below(HANDS[origin])


def _state(unit: str, known: Mapping[str, str]) -> Text:
    state = known.get("ActiveState", "")
    if known.get("SubState") == "auto-restart":
        return gettext("has ended and is started again soon")
    if state == "active" and unit.endswith(".timer"):
        return gettext("is set: next at {moment}", moment=_moment(known.get("NextElapseUSecRealtime", "")))
    if state == "active":
        return gettext("runs since {moment}", moment=_moment(known.get("ActiveEnterTimestamp", "")))
    return STATES.get(state, gettext("is in a state that systemd does not tell"))


def _below(text: str) -> str:
    """A line that belongs to the one above it."""
    return joined(("   ", text), " ")


def _nothing(files: UnitFiles) -> Text:
    return gettext("No service `{name}` is installed in {folder}.", name=files.name, folder=files.folder)


def _moment(text: str) -> str:
    found = _MOMENT.search(text)
    return found[0] if found else text or "?"


def remove(manager: Manager, files: UnitFiles, *, say: Callable[[str], object]) -> ExitCode:
    """Stop a service and remove what installing wrote; jobs, settings and state stay.

    Args:
        manager: of the units.
        files: of the service.
        say: takes each sentence.

    Raises:
        UsageError: systemd does not stop it, or a unit is not as it was written.
        OSError: a file cannot be removed.
    """
    there = files.there()
    if not there:
        say(_nothing(files))
        return ExitCode.DONE
    ours = [unit for unit, origin in there.items() if origin == "ours"]
    kept = [str(files.folder / unit) for unit in there if unit not in ours]
    stopped = [*files.cards(), *(unit for unit in ours if not unit.endswith("@.service"))]
    if stopped:
        say(gettext("Stopping {units}: a picture in work is finished first.", units=enumerated(stopped)))
        manager.require("stop", *stopped, limit_s=STOPPED_S)
        manager.call("disable", *stopped)
    files.remove(ours)
    manager.require("daemon-reload")
    manager.call("reset-failed", *stopped)
    for unit in ours:
        say(gettext("Removed {path}", path=files.folder / unit))
    if kept:
        raise UsageError(
            gettext("{files}: written or changed by hand, so it is left: remove it yourself.", files=enumerated(kept))
        )
    return ExitCode.DONE
