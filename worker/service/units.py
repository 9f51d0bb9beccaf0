"""The units of a service, from the shipped ones and where it is to run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from worker.service.placement import Placement
from worker.service.quoting import argument, command_line, quoted
from worker.service.unit_text import with_changes, without_sections

HERE = Path(__file__).parent
WORKER, NIGHT, WATCH = "zimage-worker.service", "zimage-worker-night.timer", "zimage-worker-watch.service"
WATCH_TIMER = "zimage-worker-watch.timer"
AFTER_SHARE = "After=mnt-pictures.mount"
"""Of the shipped unit, whose share is an example."""
NOT_FOR_USERS = (
    # of other managers' units, which a user's cannot name
    "After",
    # as root
    "ExecStartPre",
    # another account
    "User", "Group", "SupplementaryGroups",
    # where the state lies, a user's own rules say
    "StateDirectory", "Environment",
    # mounts and networks of its own need root
    "ProtectSystem", "ReadWritePaths", "ProtectHome", "PrivateTmp", "PrivateNetwork", "PrivateMounts", "PrivateDevices",
    "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock", "ProtectControlGroups",
    "ProtectHostname", "ProtectProc", "RemoveIPC", "CapabilityBoundingSet", "DevicePolicy", "DeviceAllow",
    # these bring NoNewPrivileges=, with which CUDA cannot make the card's device files, and nobody does it as root here
    "NoNewPrivileges", "SystemCallFilter", "SystemCallErrorNumber", "SystemCallArchitectures",
    "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
)  # fmt: skip
"""Directives that a person's own service manager cannot do, or not beside a card."""
DRAINS = (
    "on-failure\n"
    "# A drain that ends with failed jobs (20), or is stopped (130), has done its night's work.\n"
    "SuccessExitStatus=20 130"
)
"""Of `Restart=`: after its end a drain is not begun again, but after a crash."""


def templates_dir() -> Path:
    """The shipped units: inside an installed package, else at the root of the repository."""
    packaged = HERE / "units"
    return packaged if packaged.is_dir() else HERE.parents[1] / "systemd"


def templates() -> dict[str, str]:
    """The shipped units by file name."""
    return {name: (templates_dir() / name).read_text("utf-8") for name in (WORKER, NIGHT, WATCH, WATCH_TIMER)}


def units_for(placement: Placement, shipped: Mapping[str, str]) -> dict[str, str]:
    """The units of a service, by file name.

    Args:
        placement: of the service.
        shipped: as `templates` gives them.

    Raises:
        UsageError: a path holds what no unit can.
    """
    name, units = placement.name, {}
    worker = _placed(shipped[WORKER], placement, _run(placement))
    if placement.drain_at is not None:
        drain = without_sections(with_changes(worker, {"Restart": [DRAINS]}), ["Install"])
        units[f"{name}-night.service"] = drain
        at = {"OnCalendar": [f"*-*-* {placement.drain_at}:00"]}
        units[f"{name}-night.timer"] = _named(with_changes(shipped[NIGHT], at), placement)
    elif placement.cards:
        units[f"{name}@.service"] = with_changes(worker, {"Description": _of_card(worker)})
    else:
        units[f"{name}.service"] = worker
    if placement.is_watched:
        look = command_line(placement.program, "status", "--notify", "-c", argument(str(placement.settings_file)))
        units[f"{name}-watch.service"] = _placed(shipped[WATCH], placement, look)
        units[f"{name}-watch.timer"] = _named(shipped[WATCH_TIMER], placement)
    return units


def enabled(placement: Placement) -> tuple[str, ...]:
    """The units that are begun now and at each boot.

    Args:
        placement: of the service.
    """
    name = placement.name
    if placement.drain_at is not None:
        work = [f"{name}-night.timer"]
    elif placement.cards:
        work = [f"{name}@{card}.service" for card in placement.cards]
    else:
        work = [f"{name}.service"]
    return (*work, *([f"{name}-watch.timer"] if placement.is_watched else []))


def _run(placement: Placement) -> str:
    words = ["run", *(["--drain"] if placement.drain_at else []), "-c", argument(str(placement.settings_file))]
    if placement.cards:
        words += ["--device", "cuda:%i", "--worker-id", f"{argument(placement.worker_id)}-%i"]
    return command_line(placement.program, *words)


def _of_card(worker: str) -> list[str]:
    return [line.partition("=")[2] + " (card %i)" for line in worker.splitlines() if line.startswith("Description=")]


def _placed(template: str, placement: Placement, command: str) -> str:
    """A service with its command, account and places."""
    if placement.is_user:
        gone = dict.fromkeys((*NOT_FOR_USERS, AFTER_SHARE), ())
        return _named(
            with_changes(template, {**gone, "ExecStart": [command], "WantedBy": ["default.target"]}), placement
        )
    changes: dict[str, list[str]] = {
        "ExecStart": [command],
        "User": [placement.account],
        "Group": [placement.group],
        "SupplementaryGroups": [" ".join(placement.groups)] if placement.groups else [],
        "StateDirectory": [placement.name],
        "Environment": [f"HOME=/var/lib/{placement.name}"],
        "ReadWritePaths": [quoted(str(path)) for path in placement.writable],
        "ProtectHome": [placement.home],
        AFTER_SHARE: [" ".join(placement.mounts)] if placement.mounts else [],
    }
    if not placement.has_own_tmp:
        changes["PrivateTmp"] = []
    if placement.has_network:
        changes |= {"PrivateNetwork": [], "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"]}
    return _named(with_changes(template, changes), placement)


def _named(text: str, placement: Placement) -> str:
    """Comments name the service's own units."""
    return text.replace("`zimage-worker-", f"`{placement.name}-")
