"""Several workers on one fake clock, each a whole daemon in its turn: killed, frozen or stopped at any call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from house import MODEL, House
from twins import PaintingRenderer

from worker.clocks import Clocks, utc_text
from worker.compose.bootstrap import Worker
from worker.compose.passing_trouble import PassingTrouble
from worker.errors import FoldersUnusable, StopAsked, WorkerIdTaken

PULSE_S = 3.0
"""Between two looks of a heart whether it is time to beat."""
MOST_CALLS = 300_000
"""Of one worker while no time passes: more is a loop without an end."""
AGAIN_S = 30.0


class Killed(BaseException):
    """Nothing of this process runs any more."""


class Process:
    """One life of a worker, in a thread that runs only while it is its turn."""

    def __init__(self, workers: Workers, name: str, run: Callable[[], None]) -> None:
        self.name = name
        self.wake_s = workers.now_s()
        self.frozen_until_s = 0.0
        self.is_killed = False
        self.is_stopped = False
        self.fuse: int | None = None
        """Killed at this call."""
        self.calls = 0
        self.pulse: Callable[[], object] | None = None
        self.error: BaseException | None = None
        self.is_over = False
        self.worker: Worker | None = None
        """Once it has its lock."""
        self._workers = workers
        self._run = run
        self._turn = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def due_s(self) -> float:
        return max(self.wake_s, self.frozen_until_s)

    def resume(self) -> None:
        """Let it run until it waits or ends."""
        former, self._workers.acting = self._workers.acting, self
        self._turn.release()
        self._back.acquire()
        self._workers.acting = former
        if self.is_over:
            self._thread.join()

    def hand_back(self) -> None:
        """To be called in its own thread: wait for the next turn."""
        self._back.release()
        self._turn.acquire()
        self.live_on()

    def live_on(self) -> None:
        if self.is_killed:
            raise Killed

    def met(self) -> None:
        """It is about to call the system."""
        self.live_on()
        self.calls += 1
        if self.fuse is not None:
            self.fuse -= 1
            self.is_killed = self.fuse < 0
            self.live_on()
        if self.calls > MOST_CALLS:
            self.error = RuntimeError(f"{MOST_CALLS} calls while no time passed")
            self.is_killed = True
            raise Killed

    def _live(self) -> None:
        self._turn.acquire()
        try:
            if not self.is_killed:
                self._run()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever ends a worker is told by whoever looks
            self.error = error
        self.is_over = True
        self._back.release()


class Workers(House):
    """A house in which several workers take turns; whoever waits lets the clock go on to whoever is next."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.acting: Process | None = None
        self.processes: list[Process] = []
        self._horizon_s = 0.0
        self._pulsed_s = 0.0
        self._begun_s = time.time() // 86_400.0 * 86_400.0

    def wall_s(self) -> float:
        """What the clock on the wall shows: today's midnight, and what has passed since."""
        return self._begun_s + self._now_s

    def clocks(self) -> Clocks:
        return Clocks(now=lambda: utc_text(self.wall_s()), monotonic=self.now_s, boottime=self.now_s)

    def start(self, name: str, renderer: PaintingRenderer, **settings: object) -> Process:
        """As a service starts it: what passes is waited for, also an id or a folder that a person would look at."""

        def run() -> None:
            trouble = PassingTrouble(
                should_stop=self.is_stopped, pause=self.spend, monotonic=self.now_s, again_s=AGAIN_S, most_s=None
            )
            while not self.is_stopped():
                try:
                    worker, held = trouble.outlast(lambda: self.locked(renderer, worker_id=name, **settings))
                    process.worker = worker
                    with held:
                        worker.daemon(MODEL).run(drain=False)
                except StopAsked:
                    return
                except (FoldersUnusable, WorkerIdTaken):
                    self.spend(AGAIN_S)

        process = Process(self, name, run)
        self.processes.append(process)
        return process

    def locked(self, renderer: PaintingRenderer, **settings: object) -> tuple[Worker, ExitStack]:
        """The worker, and what holds its lock."""
        worker = self.worker(renderer, **settings)
        with ExitStack() as held:
            held.enter_context(worker.spool.ownership.lock(self.wait))
            return worker, held.pop_all()

    def is_stopped(self) -> bool:
        return self.acting is not None and self.acting.is_stopped

    @contextmanager
    def beating(self, pulse: Callable[[], object]) -> Iterator[None]:
        process = self.acting
        assert process is not None
        process.pulse = pulse
        try:
            yield
        finally:
            process.pulse = None

    def kill(self, process: Process) -> None:
        """As by SIGKILL: at once, wherever it is."""
        process.is_killed, process.pulse = True, None
        if not process.is_over:
            process.resume()

    def spend(self, seconds: float) -> None:
        """The acting worker waits, or is busy, for so long; nobody else's calls cost anything."""
        process = self.acting
        if process is None:
            return
        process.live_on()
        process.calls = 0
        process.wake_s = self._now_s + seconds
        others = [one.due_s() for one in self.living() if one is not process]
        if process.due_s() <= min([self._horizon_s, *others]):
            self._advance(process.due_s())
        else:
            process.hand_back()

    def run_until(self, now_s: float) -> None:
        """Let everybody work until then."""
        while self._now_s < now_s:
            event_s = min((at_s for at_s, _ in self._events), default=now_s)
            self._horizon_s = min(now_s, max(event_s, self._now_s))
            while (nxt := min(self.living(), key=Process.due_s, default=None)) and nxt.due_s() <= self._horizon_s:
                self._advance(max(self._now_s, nxt.due_s()))
                nxt.resume()
            self._advance(self._horizon_s)
            due = [event for event in self._events if event[0] <= self._now_s]
            self._events = [event for event in self._events if event not in due]
            for _, act in due:
                act()

    def living(self) -> list[Process]:
        return [process for process in self.processes if not process.is_over]

    def _advance(self, now_s: float) -> None:
        self._now_s = max(self._now_s, now_s)
        if self._now_s - self._pulsed_s < PULSE_S:
            return
        self._pulsed_s = self._now_s
        acting, self.acting = self.acting, None
        for process in self.processes:
            if process.pulse is not None and process.frozen_until_s <= self._now_s:
                process.pulse()
        self.acting = acting
