"""Units that differ from `systemd/zimage-worker.service` in a few lines, written from it: for cards, for a night."""

from __future__ import annotations

from pathlib import Path

from worker.service.placement import Placement
from worker.service.units import templates, units_for

ROOT = Path(__file__).parents[1]
AS_SHIPPED = {
    "name": "zimage-worker", "program": ("/opt/zimage-worker/.venv/bin/zimage-worker",),
    "settings_file": Path("/etc/zimage-worker/worker.yaml"), "groups": ("video", "render"),
    "writable": (Path("/mnt/pictures"),), "mounts": ("mnt-pictures.mount",), "worker_id": "HOST",
}  # fmt: skip


def variants() -> dict[str, str]:
    """By file name; the ids of workers on several cards begin with the host's name, as systemd knows it."""
    cards = units_for(Placement(**AS_SHIPPED, cards=(0,)), templates())
    night = units_for(Placement(**AS_SHIPPED, drain_at="22:00"), templates())
    return {
        "zimage-worker@.service": cards["zimage-worker@.service"].replace("HOST-%i", "%H-%i"),
        "zimage-worker-night.service": night["zimage-worker-night.service"],
    }


if __name__ == "__main__":
    for name, text in variants().items():
        (ROOT / "systemd" / name).write_text(text, "utf-8")
