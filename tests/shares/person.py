"""A colleague at another machine, who has only the share: asks by commands and files, and sees what lies there.

Runs inside the fault tools, with SHARE_B and OUT as they set them. All on one kernel: so the other machine is a host
name, a boot id and a state folder of its own, and all clocks are one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

SPOOL = Path(os.environ["SHARE_B"]) / "spool"
OUT = Path(os.environ["OUT"])
READ_S = 2.5
"""Between two reads of a file."""
ELSEWHERE = """
hostname colleague
echo 01234567-89ab-cdef-0123-456789abcdef >/tmp/boot
mount --bind /tmp/boot /proc/sys/kernel/random/boot_id
exec "$@"
"""
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)")


def write_settings() -> None:
    """Of this machine, whose state lies elsewhere than the worker's."""
    places = {name: f"{SPOOL}/{name}" for name in ("inbox", "outbox", "failed")} | {"state_dir": "/tmp/state-person"}
    settings = [f"{key}: {value}" for key, value in places.items()] + ["lease_s: 60"]
    (SPOOL / "worker.yaml").write_text("\n".join(settings) + "\n", "utf-8")


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Of the program, as called at this machine; what it said goes into the log."""
    program = [sys.executable, "-c", "import sys; from worker.cli import main; sys.exit(main(sys.argv[1:]))"]
    elsewhere = ["unshare", "--uts", "--mount", "bash", "-c", ELSEWHERE, "colleague"]
    whole = [*elsewhere, *program, *words, "-c", str(SPOOL / "worker.yaml")]
    done = subprocess.run(whole, capture_output=True, text=True, check=False)
    with (OUT / "asked.log").open("a") as log:
        log.write(f"{words} {done.returncode}\n{done.stdout}{done.stderr}\n")
    return done


def drop(name: str, text: str) -> None:
    """As people do: written and renamed through a client."""
    (SPOOL / f"inbox/.{name}").write_text(text, "utf-8")
    (SPOOL / f"inbox/.{name}").rename(SPOOL / f"inbox/{name}")


def until(true: Callable[[], object], seconds: float = 90.0) -> float | None:
    """Seconds until it was true; None where it never was."""
    began_s = time.monotonic()
    while (gone_s := time.monotonic() - began_s) < seconds:
        if true():
            return round(gone_s, 1)
        time.sleep(0.25)
    return None


_read: dict[Path, tuple[float, str]] = {}


def read(path: Path) -> str:
    """What stands there; nothing while it is not there.

    Not read again for `READ_S`: Linux's SMB client keeps a file open for a second after its end, and who reads again
    and again in that time is shown the former file for ever, whatever lies on the server (measured).
    """
    now_s = time.monotonic()
    read_s, text = _read.get(path, (float("-inf"), ""))
    if now_s - read_s < READ_S:
        return text
    try:
        text = path.read_text("utf-8")
    except OSError:
        return ""
    _read[path] = now_s, text
    return text


def listed(folder: Path) -> list[str]:
    """Names in it, none while it is not there: only a listing is never a client's memory."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def receipts() -> dict[str, str]:
    """Text of each by its name."""
    folder = SPOOL / "outbox/receipts"
    return {name: read(folder / name) for name in listed(folder) if name.endswith(".txt")}


def pictures() -> int:
    """Made so far, in all folders of the outbox."""
    folders = [SPOOL / "outbox" / name for name in listed(SPOOL / "outbox")]
    return sum(name.endswith(".png") for folder in folders if folder.name[0] not in "._" for name in listed(folder))


def status_of(folder: str) -> str:
    """In its manifest, once a listing shows it: what was looked for too early, NFS hides for half a minute."""
    try:
        path = SPOOL / "outbox" / folder
        there = folder in listed(path.parent) and "manifest.json" in listed(path)
        return str(json.loads(read(path / "manifest.json"))["status"]) if there else ""
    except ValueError:
        return ""


def told() -> dict[str, object]:
    """What `status.json` in the outbox says."""
    try:
        return dict(json.loads(read(SPOOL / "outbox/status.json")))
    except ValueError:
        return {}


class Ages:
    """How old what people look at is when they see it: the most, in seconds, by the moment that stands in each."""

    def __init__(self) -> None:
        self.most: dict[str, float] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Ages:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(10)

    def _look(self) -> None:
        outbox = SPOOL / "outbox"
        while not self._is_over.wait(1.0):
            texts = {"status.json": read(outbox / "status.json")[:200], "now.js": read(outbox / "_overview/now.js")}
            texts["index.html"] = read(outbox / "index.html")[:2_000]
            for name in listed(outbox / "_overview/live"):
                live = read(outbox / "_overview/live" / name)
                if '"ended": true' not in live:
                    texts["live record"] = live
            for name, text in texts.items():
                if (moment := MOMENT.search(text)) is not None:
                    age_s = time.time() - datetime.fromisoformat(moment[0].replace("Z", "+00:00")).timestamp()
                    self.most[name] = max(self.most.get(name, 0.0), round(age_s, 1))
