"""The bundle of `doctor --bundle`: a zip for whoever helps, in which no name of anybody's stands.

Knows what helps, as values of the machine; `masking` decides what of each may be told.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path

from worker import __version__
from worker.card_readings import CardReading, users
from worker.disk.mount_tables import kind_of_system, sync_tool_of
from worker.disk.mounts import REMOTE, SYNC_MARKS, WRITE_BACK
from worker.doctor.check import Finding, Machine
from worker.doctor.device_report import DeviceReport
from worker.doctor.log_lines import reduced
from worker.doctor.masking import Masks, plain_moment, plain_version
from worker.doctor.verdict import verdict
from worker.overview_records import Overview
from worker.settings import Settings

PACKAGES = (
    "torch", "diffusers", "transformers", "safetensors", "accelerate", "watchdog", "pyyaml", "openpyxl", "pydantic",
    "structlog", "tokenizers", "jinja2", "pillow", "rich",
)  # fmt: skip
LOCAL_SYSTEMS = {
    "ext4", "ext3", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "ntfs", "ntfs3", "exfat", "vfat", "f2fs",
}  # fmt: skip
LOG_LINES = 500
"""The last ones."""
LOG_BYTES = 1024 * 1024
_CARD = re.compile(r"[A-Za-z0-9 ().+-]{1,60}")
_ALLOCATOR = re.compile(r"(?:[a-z_]+:(?:True|False|[0-9.]+),?)+")


def bundle(machine: Machine, findings: Sequence[Finding], *, log: Path | None = None) -> bytes:
    """The zip.

    Args:
        machine: that was checked.
        findings: of its checks.
        log: a file with lines of the worker's log, if there is one.
    """
    masks = Masks(_known_words(machine.settings))
    files = {
        "versions.json": _versions(),
        "settings.json": {name: masks.value(value) for name, value in machine.settings},
        "file-systems.json": _file_systems(machine, masks),
        "card.json": _card(machine, masks),
        "workers.json": _workers(machine.overview, masks),
        "jobs.json": _jobs(machine),
    }
    texts = {name: json.dumps(content, indent=2) + "\n" for name, content in files.items()}
    texts["doctor.txt"] = "".join(f"{line}\n" for line in _lines(findings, masks))
    texts["log.txt"] = "".join(f"{line}\n" for line in _log(log))
    texts["about.txt"] = _about([*texts])
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text.encode("ascii", errors="backslashreplace"))
    return made.getvalue()


def _about(names: Iterable[str]) -> str:
    return (
        f"zimage-worker {__version__}: what `zimage-worker doctor --bundle` found.\n"
        "No prompt, no name of a product, picture, job, folder, person or computer is in these files:\n"
        "a number such as <3> stands for each, the same wherever the same is meant.\n\n"
        + "".join(f"{name}\n" for name in sorted(names))
    )


def _known_words(settings: Settings) -> set[str]:
    """Names of settings, and values of those that are a choice."""
    fields = type(settings).model_fields
    choices = {"auto", "always", "never", "cuda", "cpu", "demo", "turbo", "distilled", "de-turbo", "base", "zh", "en"}
    others = {"console", "json", "tiled_decode", "new_seed", "default", "on", "off", "none", "expandable_segments:True"}
    return {*fields, *choices, *others, *REMOTE, *LOCAL_SYSTEMS}


def _versions() -> dict[str, object]:
    found: dict[str, object] = {"zimage-worker": __version__, "python": plain_version(platform.python_version())}
    found["system"], found["machine"] = platform.system(), platform.machine()
    kernel = re.match(r"[0-9]+(?:\.[0-9]+)*", platform.release())
    found["kernel"] = kernel[0] if kernel else None
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = plain_version(version(package))
    return found


def _file_systems(machine: Machine, masks: Masks) -> dict[str, object]:
    settings = machine.settings
    folders = {
        "inbox": settings.inbox, "outbox": settings.outbox, "failed": settings.failed,
        "state_dir": settings.state_dir, "models_dir": settings.models_dir,
    }  # fmt: skip
    return {name: _file_system(folder, machine, masks) for name, folder in folders.items()}


def _file_system(folder: Path, machine: Machine, masks: Masks) -> dict[str, object]:
    kind, tool = kind_of_system(folder, machine.mounts), sync_tool_of(folder, machine.mounts)
    found: dict[str, object] = {
        "path": masks.path(folder.absolute()),
        "kind": kind if kind in REMOTE | WRITE_BACK | LOCAL_SYSTEMS else "other",
        "synchronised_by": tool if tool in SYNC_MARKS else bool(tool),
    }
    with suppress(OSError):
        usage, rights = shutil.disk_usage(folder), folder.stat()
        found |= {"total_mib": usage.total // 2**20, "free_mib": usage.free // 2**20}
        found |= {"mode": oct(rights.st_mode & 0o7777), "is_own": rights.st_uid == os.getuid()}
    return found


def _card(machine: Machine, masks: Masks) -> dict[str, object]:
    room = machine.host_room()
    host = {"available_mib": room.available_mib, "total_mib": room.total_mib, "processors": os.cpu_count()}
    report = machine.device
    if not isinstance(report, DeviceReport):
        return {"host": host, "problem": masks.said(report.text)}
    facts = {name: masks.value(value) for name, value in asdict(report).items()}
    for name, form in (("gpu", _CARD), ("allocator", _ALLOCATOR), ("device", re.compile(r"cpu|cuda:[0-9]+"))):
        value = getattr(report, name)
        facts[name] = value if value and form.fullmatch(value) else bool(value)
    facts["card"] = _figures(report.card)
    facts |= {name: plain_version(getattr(report, name)) for name in ("torch", "diffusers", "transformers", "driver")}
    return {"host": host, **facts}


def _figures(reading: CardReading | None) -> dict[str, object] | None:
    """What the card's driver told, without whose programs are on it."""
    if reading is None:
        return None
    programs = {"programs": len(reading.programs), "programs_in_use": len(users(reading))}
    return {name: value for name, value in asdict(reading).items() if name != "programs"} | programs


def _workers(seen: Overview | None, masks: Masks) -> list[dict[str, object]]:
    return [
        {
            "worker": masks.name(one.id),
            "host": masks.name(one.host),
            "state": one.state,
            "since": plain_moment(one.since),
            "heard_at": plain_moment(one.heard_at),
            "version": plain_version(one.version),
            "has_job": one.job is not None,
            "has_reason": bool(one.reason),
        }
        for one in (seen.workers if seen else ())
    ]


def _jobs(machine: Machine) -> dict[str, object]:
    seen, waiting = machine.overview, machine.waiting
    if seen is None:
        return {}
    return {
        "waiting": Counter(job.state for job in seen.waiting),
        "read": {
            "jobs": waiting.jobs, "pictures": waiting.pictures, "unread": waiting.unread,
            "invalid": len(waiting.invalid), "size_mib": round(waiting.size_bytes / 2**20), "seconds": waiting.seconds,
        },
        "rules": dict(waiting.rules),
        "running": [
            {"pictures": job.pictures, "made": job.made, "failed": job.failed, "left_s": job.left_s}
            for job in seen.running
        ],
        "ended": Counter(job.state for job in seen.ended),
        "pictures": {
            "made": sum(job.made for job in seen.ended), "failed": sum(job.failed for job in seen.ended),
            "cancelled": sum(job.cancelled for job in seen.ended), "retried": sum(job.retried for job in seen.ended),
        },
        "tries": dict(machine.outcomes(seen)),
        "ignored": len(seen.ignored),
        "is_paused": seen.paused_by is not None,
    }  # fmt: skip


def _lines(findings: Sequence[Finding], masks: Masks) -> Iterator[str]:
    for one in findings:
        yield f"{one.mark:4}  {one.what:10}  {masks.said(one.text)}"
    yield ""
    for line in verdict(findings).lines:
        yield masks.said(line)


def _log(path: Path | None) -> Iterator[str]:
    """The last lines that are ours, without names."""
    if path is None:
        return
    try:
        with path.open("rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - LOG_BYTES, 0))
            lines = file.read(LOG_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return
    kept = [line for line in map(reduced, lines[-4 * LOG_LINES :]) if line is not None]
    yield from kept[-LOG_LINES:]
