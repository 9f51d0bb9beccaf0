"""Accepts jobs and works through them on the disk whose power is about to be cut; runs inside `power-cut.sh`.

What was accepted is written to OUT/accepted, what the worker says to OUT/log: both survive the cut.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from worker.disk.durable import sync_folder, write_file  # noqa: E402
from worker.spool import init_folders  # noqa: E402

JOBS = 400
TWIN = Path(__file__).parents[1] / "twin_worker.py"


def main() -> int:
    root, out = Path(os.environ["DISK"]) / "spool", Path(os.environ["OUT"])
    folders = init_folders(root)
    sync_folder(root.parent)
    sync_folder(root)
    with (out / "accepted").open("a") as accepted:
        for number in range(JOBS):
            name = f"job-{number:03}.yaml"
            write_file(folders.inbox / name, f"prompt: mug {number}\n".encode())
            print(name, file=accepted, flush=True)
    with (out / "log").open("ab") as log:
        command = [sys.executable, str(TWIN), str(root), "--id", "w1", "--state", "/tmp/state", "--drain"]
        return subprocess.call(command, stderr=log)


if __name__ == "__main__":
    sys.exit(main())
