"""Every control on a real share: asked at one machine, obeyed by a worker at another; runs inside the fault tools.

`python controls.py`, with SHARE_A, SHARE_B, SERVER_DIR and OUT as `on-nfs.sh` and `on-smb.sh` set them. Prints one line
of JSON: the seconds until each control was receipted, until it had acted, and until `status.json` said so, as the
asking machine saw it; how old the files were that people look at; when a killed worker was told dead. Exits with 1
where a receipt took longer than `RECEIPT_S`, or something did not come true.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from person import OUT, SPOOL, Ages, command, drop, pictures, receipts, status_of, told, until, write_settings  # noqa: E402

from worker.errors import ExitCode  # noqa: E402
from worker.spool import init_folders  # noqa: E402

TWIN = Path(__file__).parents[1] / "twin_worker.py"
RECEIPT_S = 35.0
PICTURE_S = 3.0
LEASE_S = 60.0
MANY = "shots:\n  - {{id: {id}, prompt: a mug, count: 80}}\n"


@dataclass(slots=True)
class Steps:
    """What was asked, and what came of it."""

    report: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def tell(self, name: str, came: object) -> None:
        """Also at once, for whoever asks how far it has come."""
        self.report[name] = came
        with (OUT / "steps.log").open("a", encoding="utf-8") as log:
            log.write(f"{name}: {came}\n")

    def comes(self, name: str, true: Callable[[], object], *, within_s: float = 60.0) -> float | None:
        """Wait until it is so; otherwise that is wrong."""
        came_s = until(true, within_s)
        self.tell(name, came_s)
        if came_s is None:
            self.wrong.append(name)
        return came_s

    def steered(
        self,
        name: str,
        asked: Callable[[], object],
        *,
        receipt: Callable[[dict[str, str]], bool],
        acted: Callable[[], object] | None = None,
        page: Callable[[dict[str, object]], object] | None = None,
    ) -> None:
        """Ask once, and time receipt, act, and what `status.json` says: all from the end of asking."""
        began_s = time.monotonic()
        asked()
        asked_s, times = time.monotonic(), dict[str, float | None]()
        looks = {
            "receipted_s": lambda: receipt(receipts()),
            "acted_s": acted,
            "told_s": page and (lambda: page(told())),
        }
        waited = {key: look for key, look in looks.items() if look is not None}
        until(lambda: _all_seen(waited, times, asked_s), 45)
        self.tell(name, {"asking_s": round(asked_s - began_s, 1), **{key: times.get(key) for key in waited}})
        told_s = times.get("receipted_s")
        if len(times) < len(waited) or told_s is None or told_s > RECEIPT_S:
            self.wrong.append(name)


def _all_seen(looks: dict[str, Callable[[], object]], times: dict[str, float | None], began_s: float) -> bool:
    for key, look in looks.items():
        if key not in times and look():
            times[key] = round(time.monotonic() - began_s, 1)
    return len(times) == len(looks)


class Standing:
    """Whether no picture has come for three times as long as one takes."""

    def __init__(self) -> None:
        self._made, self._since_s = -1, 0.0

    def __call__(self) -> bool:
        if (made := pictures()) != self._made:
            self._made, self._since_s = made, time.monotonic()
        return time.monotonic() - self._since_s > 3 * PICTURE_S


def has(start: str, *words: str) -> Callable[[dict[str, str]], bool]:
    """Whether there is a receipt whose name begins so, with all these words in it."""
    return lambda found: any(
        name.startswith(start) and all(word in text for word in words) for name, text in found.items()
    )


def running(said: dict[str, object]) -> list[str]:
    """Names of the jobs in work."""
    return [job["name"] for job in said.get("running", ())]  # type: ignore[attr-defined]


def pauses(steps: Steps) -> None:
    """By command, then by a file as Windows makes it, taken away by hand."""
    pause = SPOOL / "inbox/PAUSE.txt"
    for name, ask, end in (
        ("pause", lambda: command("pause"), lambda: command("resume")),
        ("PAUSE.txt", pause.touch, pause.unlink),
    ):
        file = "PAUSE" if name == "pause" else name
        steps.steered(
            name, ask, receipt=has("PAUSE"), acted=Standing(), page=lambda said, f=file: said.get("paused_by") == f
        )
        made = pictures()
        steps.steered(
            f"{name}, taken away", end, receipt=lambda found: not has("PAUSE")(found),
            acted=lambda m=made: pictures() > m, page=lambda said: said.get("paused_by", "") is None,
        )  # fmt: skip


def asked_of_a_running_job(steps: Steps) -> None:
    """What waits for nobody's approval; then an urgent job lets the catalogue wait; then this one is cancelled."""
    for verb in ("approve", "reject"):
        steps.steered(verb, lambda v=verb: command(v, "杯子"), receipt=has(f"杯子.{verb}", "answer"))
    Path("/tmp/urgent.yaml").write_text("priority: high\nshots:\n  - {id: a, prompt: a vase, count: 2}\n")
    steps.steered(
        "submit, urgent", lambda: command("submit", "/tmp/urgent.yaml"), receipt=lambda _: True,
        acted=lambda: status_of("urgent") == "complete",
        page=lambda said: any(job["name"] == "urgent" for job in said.get("ended", ())),  # type: ignore[attr-defined]
    )  # fmt: skip
    steps.comes("the catalogue goes on", lambda: "杯子" in running(told()))
    steps.steered(
        "cancel", lambda: command("cancel", "杯子"), receipt=has("杯子.cancel"),
        acted=lambda: "cancelled" in (status_of("mugs"), status_of("杯子")),
        page=lambda said: any(job["state"] == "cancelled" for job in said.get("ended", ())),  # type: ignore[attr-defined]
    )  # fmt: skip


def asked_of_an_ended_job(steps: Steps) -> None:
    """A deleted picture is made again, first by a command, then by a file, beside a job in work."""
    steps.comes("vases", lambda: status_of("vases") == "complete")
    next((SPOOL / "outbox/vases").glob("*.png")).unlink()
    steps.steered(
        "retry --missing", lambda: command("retry", "vases", "--missing"), receipt=has("vases.retry", "answer"),
        acted=lambda: status_of("vases.2") == "complete",
    )  # fmt: skip
    drop("plates.yaml", MANY.format(id="p"))
    steps.comes("plates begun", lambda: "plates" in running(told()))
    next((SPOOL / "outbox/vases.2").glob("*.png")).unlink()
    steps.steered(
        "VASES.2.retry.txt", lambda: drop("VASES.2.retry.txt", "missing\n"), receipt=has("VASES.2.retry", "answer")
    )
    steps.steered(
        "PLATES.cancel.txt", (SPOOL / "inbox/PLATES.cancel.txt").touch, receipt=has("PLATES.cancel"),
        acted=lambda: status_of("plates") == "cancelled",
    )  # fmt: skip
    steps.comes("vases.3", lambda: status_of("vases.3") == "complete")


def killed(steps: Steps, worker: subprocess.Popen[bytes]) -> None:
    """Its death in the middle of a job, as `status` at the other machine tells it."""
    drop("bowls.yaml", MANY.format(id="b"))
    steps.comes("bowls begun", lambda: "bowls" in running(told()))
    before = command("status").returncode
    worker.kill()
    worker.wait()
    began_s, states = time.monotonic(), dict[str, object]()
    while time.monotonic() - began_s < 2 * LEASE_S and "dead" not in states:
        done = command("status", "--json")
        [said] = [one["state"] for one in json.loads(done.stdout)["workers"]]
        states.setdefault(said, {"after_s": round(time.monotonic() - began_s, 1), "code": done.returncode})
        time.sleep(3)
    steps.report["killed"] = {"status before": before, **states}
    last = command("status")
    is_told = "left by dead worker w1: bowls" in last.stdout and last.returncode == ExitCode.NOBODY_WORKS
    if before or "dead" not in states or not is_told:
        steps.wrong.append("killed")


def main() -> int:
    """All of it, one after another, with one worker."""
    init_folders(SPOOL)
    write_settings()
    share = f"{os.environ['SHARE_A']}/spool"
    twin = [sys.executable, str(TWIN), share, "--id", "w1", "--state", "/tmp/state-w1", "--lease", str(LEASE_S)]
    steps = Steps()
    with (OUT / "w1.log").open("wb") as log:
        worker = subprocess.Popen([*twin, "--pace", str(PICTURE_S), "--page"], stderr=log)
    drop("mugs.yaml", f"name: 杯子\n{MANY.format(id='a')}")
    drop("vases.yaml", "shots:\n  - {id: a, prompt: a vase, count: 2}\n")
    try:
        steps.comes("two pictures", lambda: pictures() >= 2)
        steps.comes("the page", (SPOOL / "outbox/index.html").exists)
        with Ages() as ages:
            pauses(steps)
            asked_of_a_running_job(steps)
            asked_of_an_ended_job(steps)
        steps.report["age_s"] = ages.most
        killed(steps, worker)
    finally:
        worker.kill()
        report = {**steps.report, "wrong": steps.wrong}
        print(json.dumps(report, ensure_ascii=False), flush=True)
        (OUT / "report.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")
    return int(bool(steps.wrong))


if __name__ == "__main__":
    sys.exit(main())
