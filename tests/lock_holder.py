"""A process that is the worker `w1`, as far as its lock tells: it says `held`, and lets go once its input ends."""

from __future__ import annotations

HOLDER = """
import sys, time
from pathlib import Path
from worker.spool import FolderSpool, SpoolOptions, init_folders
root = Path(sys.argv[1])
options = SpoolOptions(settle_s=2.0)
spool = FolderSpool(init_folders(root), worker_id="w1", state_dir=root / "state", options=options, clock=time.monotonic)
with spool.ownership.lock():
    print("held", flush=True)
    sys.stdin.read()
"""
