"""A machine to check: the embedded model on a card that only exists here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.compose.from_settings import job_reader, model
from worker.disk.mount_tables import MountTables
from worker.doctor.check import Machine
from worker.doctor.device_report import DeviceReport
from worker.overview_records import Overview
from worker.records import Job
from worker.settings import Settings, load
from worker.studio.plan.host_memory import HostRoom

REPORT = DeviceReport(
    torch="2.13", diffusers="0.42", transformers="5.23", wheel_cuda="12.8", driver="570.1", allocator="split",
    tf32_matmul=False, tf32_cudnn=False, device="cuda:0", gpu="a card", memory_mib=24_000, free_mib=23_000,
)  # fmt: skip


def read_here(name: str, settings: Settings) -> Job:
    return job_reader(settings).read(settings.inbox / name, stem=name, shown_as=name)


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Machine]:
    """Makes a machine; what is given takes the place of what is well."""

    def make(*, flags: dict[str, str] | None = None, **given: object) -> Machine:
        for name in ("inbox", "outbox", "failed"):
            (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
        places = {name: str(tmp_path / name) for name in ("inbox", "outbox", "failed")}
        configured = load(file=None, environment={}, flags={"model": "demo", **places, **(flags or {})})
        usual: dict[str, object] = {
            "settings": configured.settings,
            "origins": configured.origins,
            "open_folders": lambda: None,
            "inspect_model": lambda: model(configured.settings),
            "ask_device": lambda device, *, is_demo: REPORT,
            "host_room": lambda: HostRoom(available_mib=28_000, total_mib=32_000, bound="machine"),
            "look": lambda: Overview(as_of="2026-11-28T18:00:00Z"),
            "read_job": lambda name: read_here(name, configured.settings),
            "now": lambda: datetime(2026, 11, 28, 18, 0, tzinfo=UTC),
            "mounts": MountTables(mountinfo=tmp_path / "mountinfo"),
        }
        return Machine(**{**usual, **given})

    return make
