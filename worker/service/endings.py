"""Why a service is not running, in words: the worker's exit codes, and those by which systemd says it could not begin.

Source: systemd.exec(5), "Process Exit Codes".
"""

from __future__ import annotations

from collections.abc import Mapping

from worker.errors import ExitCode
from worker.translation import Text, gettext

WORDS: Mapping[int, Text] = {
    ExitCode.DONE: gettext("it ended in good order (0)"),
    ExitCode.BUG: gettext("an error that nobody foresaw (1): it is started again"),
    ExitCode.USAGE: gettext("its command line is wrong (2): install it again"),
    ExitCode.SETTINGS_INVALID: gettext("the settings are not valid (10): mend the settings file"),
    ExitCode.FOLDERS_UNUSABLE: gettext("a folder cannot serve (11): mend its place or its rights"),
    ExitCode.MODEL_INVALID: gettext("the model cannot be used (12): `zimage-worker doctor` says why"),
    ExitCode.DEVICE_UNAVAILABLE: gettext("the card is not there, or was lost (13): it is started again"),
    ExitCode.WORKER_ID_TAKEN: gettext("another worker has its id (14): stop that one, or set another `worker_id`"),
    ExitCode.JOBS_FAILED: gettext("it ended with jobs that failed, or are partial (20)"),
    ExitCode.STOPPED: gettext("it was stopped (130)"),
    200: gettext("systemd cannot enter its folder (200)"),
    203: gettext("the program is not there or may not be run by its account (203): install it where all may read it"),
    216: gettext("a group that the unit names is not there (216): install the service again"),
    217: gettext("its account is not there (217): install the service again"),
    226: gettext("a folder that the unit opens for writing is not there (226): mount the share, or install it again"),
    238: gettext("its state folder cannot be made (238): make room below /var/lib, or mend its rights"),
}
"""By exit code."""
BY_RESULT: Mapping[str, Text] = {
    "watchdog": gettext("it hung, and was ended by the watchdog; it is started again"),
    "timeout": gettext("it did not begin or end in time, and was ended"),
    "oom-kill": gettext("the machine ran out of memory"),
    "protocol": gettext("it ended before it was ready"),
    "signal": gettext("it was killed"),
    "core-dump": gettext("it crashed"),
}
"""By systemd's word for how it ended, where there is no exit code."""


def why_ended(properties: Mapping[str, str]) -> Text:
    """Why a service's last run ended.

    Args:
        properties: of `Manager.show`.
    """
    result, code = properties.get("Result", ""), exit_status(properties)
    if result in BY_RESULT:
        return BY_RESULT[result]
    return WORDS.get(code, gettext("exit code {code}", code=str(code)))


def exit_status(properties: Mapping[str, str]) -> int:
    """The exit code of its last run; 0 where there was none.

    Args:
        properties: of `Manager.show`.
    """
    return number_of(properties, "ExecMainStatus")


def number_of(properties: Mapping[str, str], name: str) -> int:
    """A property that is a number; 0 where it is none.

    Args:
        properties: of `Manager.show`.
        name: of one.
    """
    said = properties.get(name, "")
    return int(said) if said.isdigit() else 0


def exit_code(properties: Mapping[str, str]) -> ExitCode:
    """The worker's own exit code of a run that failed; that of a bug for any other end.

    Args:
        properties: of `Manager.show`.
    """
    code = exit_status(properties)
    known = {int(one) for one in ExitCode} - {int(ExitCode.DONE)}
    return ExitCode(code) if code in known else ExitCode.BUG
