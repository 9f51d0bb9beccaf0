"""Workers on a real share, one kind of trouble, and the promises looked up afterwards; runs inside the fault tools.

`python crowd.py SCENARIO JOBS`, with SHARE_A, SHARE_B, SERVER_DIR and OUT as `on-nfs.sh` and `on-smb.sh` set them.
Prints one line of JSON; exits with 1 when a promise was broken or the trouble did not happen.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from promises import published_whole, violations  # noqa: E402

from worker.spool import init_folders  # noqa: E402
from worker.spool.layout import PARTIAL  # noqa: E402

TWIN = Path(__file__).parents[1] / "twin_worker.py"
SHARES = {"w1": os.environ["SHARE_A"], "w2": os.environ["SHARE_B"], "w3": os.environ["SHARE_B"]}
SERVER = Path(os.environ["SERVER_DIR"])
OUT = Path(os.environ["OUT"])
LEASE_S = 60.0
PATIENCE_S = float(os.environ.get("PATIENCE", "240"))


class Crowd:
    """Three workers, each a machine of its own."""

    def __init__(self) -> None:
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.stopped_s: dict[str, float] = {}
        """How long each took to stop."""

    def start(self, name: str, *, pace_s: float = 0.0) -> None:
        command = [sys.executable, str(TWIN), f"{SHARES[name]}/spool", "--id", name, "--state", f"/tmp/state-{name}",
                   "--lease", str(LEASE_S), "--pace", str(pace_s), "--page"]  # fmt: skip
        self.workers[name] = subprocess.Popen(command, stderr=(OUT / f"{name}.log").open("ab"))

    def send(self, name: str, what: int) -> None:
        self.workers[name].send_signal(what)

    def end(self) -> dict[str, int]:
        for worker in self.workers.values():
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        asked_s = time.monotonic()
        until(lambda: all(self._has_stopped(name, asked_s) for name in self.workers), 60)
        return {name: self._code(name) for name in self.workers}

    def _has_stopped(self, name: str, asked_s: float) -> bool:
        if self.workers[name].poll() is None:
            return False
        self.stopped_s.setdefault(name, round(time.monotonic() - asked_s, 1))
        return True

    def _code(self, name: str) -> int:
        """Of a worker that was asked to stop; one that does not is killed, once it has said where it is."""
        worker = self.workers[name]
        try:
            return worker.wait(1)
        except subprocess.TimeoutExpired:
            for file in ("status", "wchan", "stack"):
                with suppress(OSError):
                    (OUT / f"{name}.{file}").write_text(Path(f"/proc/{worker.pid}/{file}").read_text())
            worker.send_signal(signal.SIGUSR1)
            with suppress(subprocess.TimeoutExpired):
                worker.wait(10)
            worker.kill()
            return worker.wait(60)


def drop(number: int, *, pictures: int = 1) -> tuple[str, bytes]:
    """Through a client, as a person would: what is written past the clients' leases is no user's case."""
    data = f"shots:\n  - {{id: a, prompt: mug {number}, count: {pictures}}}\n".encode()
    name = f"job-{number:03}.yaml"
    folder = Path(SHARES["w2"]) / "spool/inbox"
    (folder / f".{name}").write_bytes(data)
    (folder / f".{name}").rename(folder / name)
    return name, data


def log_has(name: str, event: str) -> bool:
    path = OUT / f"{name}.log"
    return path.exists() and f'"{event}"' in path.read_text("utf-8", errors="replace")


def until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.5)
    return true()


def crowd(_crowd: Crowd) -> bool:
    """No trouble but each other."""
    return True


def cut(_crowd: Crowd) -> bool:
    """One machine's network is gone for a minute, in the middle of its job."""
    until(lambda: log_has("w1", "job.claimed"), 60)
    subprocess.run(["share-cut", "1"], check=True)
    time.sleep(65)
    subprocess.run(["share-heal", "1"], check=True)
    # an SMB client may hang in one call for all of the time, and only see afterwards whose the job is now
    return until(lambda: log_has("w1", "share.away") or log_has("w1", "claim.lost"), 60)


def lossy(_crowd: Crowd) -> bool:
    """The answers to one machine's changes are lost: a rename happens and reports failure."""
    until(lambda: log_has("w1", "job.claimed"), 60)
    subprocess.run(["share-lossy", "1", "change"], check=True)
    time.sleep(45)
    subprocess.run(["share-heal", "1"], check=True)
    return until(lambda: log_has("w1", "share.away"), 60)


def stop(people: Crowd) -> bool:
    """One machine sleeps beyond its lease with a job in its hands, and wakes after the take-over."""
    claims = SERVER / "spool/inbox/.zimage-worker/claims/w1"
    until(lambda: any(claims.glob("*/dropped/*")), 60)
    people.send("w1", signal.SIGSTOP)
    if not any(claims.glob("*/dropped/*")):
        return False
    taken = until(lambda: log_has("w2", "claim.taken_over") or log_has("w3", "claim.taken_over"), LEASE_S * 3)
    people.send("w1", signal.SIGCONT)
    return taken and until(lambda: log_has("w1", "claim.lost"), 60)


def late(people: Crowd) -> bool:
    """One machine sleeps with a large job in its hands that is almost done, and wakes after the take-over."""
    pictures = int(sys.argv[2])
    until(lambda: len(list(SERVER.glob("spool/outbox/*.partial/*.png"))) >= pictures * 0.98, PATIENCE_S)
    [owner] = [path.parts[-3] for path in SERVER.glob("spool/inbox/.zimage-worker/claims/*/*/dropped")]
    others = set(SHARES) - {owner}
    people.send(owner, signal.SIGSTOP)
    taken = until(lambda: any(log_has(name, "claim.taken_over") for name in others), LEASE_S * 3)
    people.send(owner, signal.SIGCONT)
    return taken and until(lambda: log_has(owner, "claim.lost"), 60)


def broken(dropped: dict[str, bytes], *, pictures: int) -> list[str]:
    """Promises that are not kept; a job without all its pictures is one here, as nothing refuses any."""
    whole = published_whole(SERVER / "spool")
    partly = [f"not whole: {name}" for name, data in dropped.items() if whole.get(data) != pictures]
    return [*violations(SERVER / "spool", dropped, is_over=True), *partly]


def is_all_published(jobs: int) -> bool:
    """By names alone: whoever hashes all files twice a second takes the guest's one processor from the workers."""
    published = [path for path in (SERVER / "spool/outbox").iterdir() if path.name[:4] == "job-"]
    return sum(not path.name.endswith(PARTIAL) for path in published) >= jobs


def write_listing() -> None:
    """What the server and a client see, for whoever asks why."""
    with (OUT / "listing").open("w") as listing:
        for top in (SERVER / "spool", Path(SHARES["w2"]) / "spool"):
            for folder, _, names in os.walk(top, onerror=lambda error: print(error, file=listing)):
                print(folder, names, file=listing)


SCENARIOS = {"crowd": crowd, "cut": cut, "lossy": lossy, "stop": stop, "late": late}


def main() -> int:
    scenario, jobs = sys.argv[1], int(sys.argv[2])
    spool = Path(SHARES["w2"]) / "spool"
    init_folders(spool)
    jobs, pictures = (1, jobs) if scenario == "late" else (jobs, 1)
    people, dropped = Crowd(), dict(drop(number, pictures=pictures) for number in range(jobs))
    for name in SHARES:
        people.start(name, pace_s=0.0 if scenario in ("crowd", "late") else 1.0)
    begun_s = time.monotonic()
    fired = SCENARIOS[scenario](people)
    until(lambda: is_all_published(jobs), PATIENCE_S)
    seconds = time.monotonic() - begun_s
    if broken(dropped, pictures=pictures):
        write_listing()
    codes = people.end()
    found = broken(dropped, pictures=pictures)
    made = {name: (OUT / f"{name}.log").read_text(errors="replace").count('"job.settled"') for name in SHARES}
    report = {"scenario": scenario, "jobs": jobs, "pictures": pictures, "seconds": round(seconds), "fired": fired,
              "settled_by": made, "violations": found[:5], "count": len(found), "codes": codes,
              "stopped_s": people.stopped_s}  # fmt: skip
    print(json.dumps(report), flush=True)
    (OUT / "report.json").write_text(json.dumps(report))
    return int(bool(found) or not fired or any(codes.values()))


if __name__ == "__main__":
    sys.exit(main())
