"""How many requests one worker makes of a real share in a minute; runs inside the fault tools.

`python request_counts.py TWIN_WORKER [OPTIONS]`: idle, with 15 jobs that have ended and none that waits; then while it
renders a catalogue, a picture every 3 s, with 20 that wait. Counted by the client's kernel. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from person import OUT, SPOOL, drop, pictures, until  # noqa: E402

from worker.spool import init_folders  # noqa: E402

SHARE = Path(os.environ["SHARE_A"])
MEASURED_S = 60.0
SETTLING_S = 20.0
ENDED, WAITING = 15, 20


def requests() -> Counter[str]:
    """That this client has made so far, by kind."""
    if (stats := Path("/proc/fs/cifs/Stats")).exists():
        shares = re.split(r"^\d+\) ", stats.read_text(), flags=re.M)[1:]
        share = next(part for part in shares if part.splitlines()[0].startswith(r"\\10.0.1.1\share"))
        found = {"SMBs": re.search(r"SMBs: (\d+)", share)}
        kinds = ("Creates", "Closes", "Reads", "Writes", "Flushes", "QueryDirectories", "QueryInfos", "SetInfos")
        found |= {kind: re.search(rf"^{kind}: (\d+)", share, flags=re.M) for kind in kinds}
        return Counter({kind: int(match[1]) for kind, match in found.items() if match})
    mounts = Path("/proc/self/mountstats").read_text().split("\ndevice ")
    own = next(mount for mount in mounts if f"mounted on {SHARE} with" in mount)
    operations = re.findall(r"^\s+([A-Z_]+): (\d+) ", own.split("per-op statistics")[1], flags=re.M)
    return Counter({kind: int(count) for kind, count in operations})


def counted() -> dict[str, float]:
    """Requests a minute, by kind, the frequent ones."""
    before, began_s = requests(), time.monotonic()
    time.sleep(MEASURED_S)
    minutes = (time.monotonic() - began_s) / 60
    made = requests() - before
    whole = made.pop("SMBs", 0) or made.total()
    assert whole, "nothing was counted"
    return {"all": round(whole / minutes), **{kind: round(count / minutes) for kind, count in made.most_common(8)}}


def main() -> int:
    """Idle, then at work."""
    init_folders(SPOOL)
    twin, *options = sys.argv[1:]
    command = [sys.executable, twin, str(SHARE / "spool"), "--id", "w1", "--state", "/tmp/state-w1", "--pace", "3"]
    for number in range(ENDED):
        drop(f"done-{number:02}.yaml", f"shots:\n  - {{id: a, prompt: mug {number}}}\n")
    with (OUT / "w1.log").open("wb") as log:
        worker = subprocess.Popen([*command, *options], stderr=log)
    ended = until(lambda: pictures() >= ENDED, 300)
    time.sleep(SETTLING_S)
    report: dict[str, object] = {"share": SHARE.name, "ended_s": ended, "idle": counted()}
    drop("all.yaml", "shots:\n  - {id: a, prompt: a mug, count: 100}\n")
    until(lambda: pictures() > ENDED)
    for number in range(WAITING):
        drop(f"waits-{number:02}.yaml", f"shots:\n  - {{id: a, prompt: mug {number}}}\n")
    time.sleep(SETTLING_S)
    report["rendering"] = counted()
    worker.kill()
    print(json.dumps(report), flush=True)
    (OUT / "report.json").write_text(json.dumps(report), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
