"""One night of the real program: a job into its inbox, `run --drain` in a process, and what it wrote."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLANT = Path(__file__).parent / "plant"
SIZES = ((512, 512), (768, 768), (1024, 1024), (768, 1024), (1024, 768))
SMALL_SIZES = ((64, 64), (128, 64), (64, 128), (128, 128), (96, 96))
"""For a run without a card."""
TEXT = """white ceramic mug on a grey wall in soft window light with a knitted sweater beside two tea bowls and fresh
linen under warm morning sun near an old wooden table 白色 马克杯 浅灰 背景 柔光 针织 毛衣 特写 清晨 木桌"""
EVENTS = ("pinning.refused", "host.short", "renderer.replaced", "picture.failed", "compiler.failed", "job.broken")
STOP_S = 40.0
START_S = 300.0


@dataclass(frozen=True)
class Made:
    """One picture of a night."""

    file: str
    what: str
    seconds: float | None
    """Of all its tries; None where there is no picture."""
    tries: str


def job_of(pictures: int, *, steps: int, seed: int, sizes: tuple[tuple[int, int], ...] = SIZES) -> dict[str, object]:
    """Mixed pictures: five sizes, two of five guided, prompts of 3 to 120 words."""
    drawn = random.Random(seed)
    shots = []
    for number in range(pictures):
        width, height = sizes[number % len(sizes)]
        words = 3 + round(117 * drawn.random() ** 3)
        shots.append(
            {
                "id": f"p{number:02}", "prompt": " ".join(drawn.choices(TEXT.split(), k=words)), "seed": number,
                "size": f"{width}x{height}", "guidance": 4.0 if drawn.random() < 0.4 else 0.0,
            }
        )  # fmt: skip
    return {"steps": steps, "negative_prompt": "text, watermark, blur", "shots": shots}


class WorkerRun:
    """A worker on folders of its own."""

    def __init__(
        self, folder: Path, job: Mapping[str, object], *, model: Path, state: Path, device: str,
        plants: Mapping[str, str], enter: Callable[[], None] | None = None, more: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        for name in ("inbox", "outbox", "failed"):
            (folder / name).mkdir(parents=True)
        (folder / "inbox" / "night.yaml").write_text(json.dumps(job, ensure_ascii=False), "utf-8")
        settings = {
            "model": str(model),
            "device": device,
            "log": "json",
            "settle_s": 0.2,
            "scan_s": 1,
            "compile": "never",
        }
        # random weights heed guidance; the embedded model says itself what it is
        settings |= {} if device == "cpu" else {"model_kind": "base"}
        settings |= {"state_dir": str(state), **(more or {})}
        (folder / "worker.yaml").write_text(json.dumps(settings), "utf-8")
        paths = (str(PLANT), str(ROOT), os.environ.get("PYTHONPATH", ""))
        environment = {**os.environ, **plants, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        self._folder, self._log = folder, folder / "log.jsonl"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker.cli", "run", "--drain"], cwd=folder, env=environment,
                stdout=log, stderr=log,
                preexec_fn=enter,  # noqa: PLW1509 - no other thread runs yet
            )  # fmt: skip
        self.begun_s = time.monotonic()

    def events(self) -> list[dict[str, object]]:
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def wait_for(self, event: str, *, until_s: float) -> bool:
        """Whether it came to that before it ended or the time was over."""
        while time.monotonic() < until_s:
            if any(one.get("event") == event for one in self.events()):
                return True
            if self.end_within(0.5):
                return any(one.get("event") == event for one in self.events())
        return False

    def end_within(self, seconds: float) -> bool:
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """As a service is stopped: what is made until then is kept."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            if not self.end_within(STOP_S):
                self.process.kill()
                self.process.wait()

    def last_words(self) -> str:
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-8:])

    def told(self) -> str:
        """Events of a night that had trouble, counted."""
        counted = Counter(str(event["event"]) for event in self.events() if event.get("event") in EVENTS)
        return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "no trouble told"

    def plans(self) -> Counter[str]:
        return Counter(str(event["plan"]) for event in self.events() if event.get("event") == "work.planned")

    def made(self) -> dict[str, Made]:
        """By picture's name, from the sidecars and the manifest, finished or not."""
        found: dict[str, Made] = {}
        manifests = [*self._folder.glob("outbox/*/manifest.json"), *self._folder.glob("failed/*/manifest.json")]
        entries = [entry for path in manifests for entry in json.loads(path.read_text("utf-8"))["shots"]]
        if not entries:
            entries = [json.loads(path.read_text("utf-8")) for path in self._folder.glob("outbox/*.partial/p*.json")]
        for entry in entries:
            tries = entry.get("attempts", [])
            what = f"{entry['width']}x{entry['height']} g{entry['guidance']:g} {len(entry['prompt'].split())} words"
            is_made = entry.get("status", "ok") == "ok"
            seconds = sum(one["seconds"] for one in tries) if is_made else None
            story = ", ".join(f"{one['rung']} {one['outcome']}" for one in tries)
            found[entry["file"]] = Made(entry["file"], what, seconds, story)
        return found
