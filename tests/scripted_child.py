"""The renderer's own child process with a painting studio in place of the model, and faults where a test asks for them.

No torch. Python runs `sitecustomize` before the child: everything but the studio is the real thing.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
SITE = "import scripted_child; from pathlib import Path; scripted_child.install(Path(__file__).parent)\n"
PLAN = "on a card that does not exist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the first `processes` processes do wrong; those after them do nothing wrong."""

    processes: int = 1
    at: str = ""
    """`send` or `receive` and the message: `send Progress 2` is the second one; `receive 2` the second order."""
    where: str = "before"
    """`before`, `amid` (half of it is through) or `after`."""
    signal: str = "SIGSTOP"
    """What the process sends itself there."""
    loads: str = ""
    """Python that is run while the model is loaded, with the process's `number`."""
    paints: str = ""
    """Python that is run before a picture is painted, with its `request`."""
    device: str = "cpu"
    together: int = 1
    """Prompts that are encoded in one go."""
    encodes: str = ""
    """Python that is run while the prompts of `files` are encoded."""


def environment(folder: Path, script: Script) -> str:
    """Write the script down.

    Returns:
        The PYTHONPATH for the parent's environment.
    """
    (folder / "sitecustomize.py").write_text(SITE)
    (folder / "script.json").write_text(json.dumps(asdict(script)))
    return f"{folder}:{HERE}"


def install(folder: Path) -> None:
    """Put studio and faults into this process, if it is the renderer's child."""
    if "worker.studio.process.child" not in " ".join(sys.orig_argv):
        return
    script = Script(**json.loads((folder / "script.json").read_text()))
    number = 1 + len([*folder.glob("process-*")])
    (folder / f"process-{number}").touch()
    is_faulty = number <= script.processes
    if not is_faulty:
        script = Script(device=script.device, together=script.together)
    opening: Any = ModuleType("worker.studio.render.opening")
    opening.open_studio = lambda _load: opened(script, number)
    sys.modules[opening.__name__] = opening
    if script.at:
        BreakingMessages(script)


def opened(script: Script, number: int) -> tuple[Any, Any]:
    """What `opening.open_studio` gives in the process of this number."""
    from worker.identity import RendererInfo

    exec(script.loads, {"time": time, "signal": signal, "number": number})
    info = RendererInfo(
        device=script.device, gpu=None, precision="bf16", memory_mib=1, room_mib=None, torch="2", diffusers="0"
    )
    return PaintingStudio(script), info


class PaintingStudio:
    """Says what `StudioRenderer` says, in its order, and paints."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def render(
        self,
        requests: Sequence[Any],
        *,
        on_progress: Callable[[Any], None],
        is_interrupted: Callable[[], bool],
        may_begin: Callable[[], bool],
        histories: Sequence[Any] = (),
        mode: Any = None,  # it paints in one way only
    ) -> Iterator[Any]:
        begun = {history.file: history for history in histories}
        resumed = [request for request in requests if request.file in begun]
        fresh = [request for request in requests if request.file not in begun]
        for request in resumed:
            tries = begun[request.file].tries
            yield from self._painted(request, tries, on_progress, is_interrupted, is_alone=True)
        for first in range(0, len(fresh), self._script.together):
            if not may_begin():
                return
            together = fresh[first : first + self._script.together]
            self._encode(together, on_progress)
            for request in together:
                yield from self._painted(request, (), on_progress, is_interrupted)

    def _encode(self, requests: Sequence[Any], on_progress: Callable[[Any], None]) -> None:
        from worker.records import Progress

        files = tuple(request.file for request in requests)
        on_progress(Progress(request=requests[0], step=0, steps=requests[0].steps, files=files))
        self._run_encodes(files)

    def _run_encodes(self, files: tuple[str, ...]) -> None:
        exec(self._script.encodes, {"os": os, "signal": signal, "files": files})

    def _painted(
        self, request: Any, tries: Any, on_progress: Any, is_interrupted: Any, *, is_alone: bool = False
    ) -> Iterator[Any]:
        from twins import paint

        from worker.records import PictureResult, Progress, Try

        for step in range(request.steps + 1):
            plan = "" if step else PLAN
            on_progress(Progress(request=request, step=step, steps=request.steps, files=(request.file,), plan=plan))
            if is_interrupted():
                return
            if is_alone and step == 0:
                self._run_encodes((request.file,))
        scope = {
            "time": time,
            "os": os,
            "signal": signal,
            "request": request,
            "unsendable": unsendable,
            "unreadable": unreadable,
        }
        exec(self._script.paints, scope)
        last = Try(rung="new_process" if tries else "first", outcome="ok", seconds=0.01)
        yield PictureResult(request=scope["request"], picture=paint(request), tries=(*tries, last))


def unsendable(request: Any) -> Any:
    """A request that no pipe takes."""
    return replace(request, metadata={"odd": Unsendable()})


def unreadable(request: Any) -> Any:
    """A request that goes out, and of which nothing can be made at the other end."""
    return replace(request, metadata={"odd": Unreadable()})


class Unsendable:
    """Something that there is no memory to copy."""

    def __reduce__(self) -> Any:
        raise MemoryError("no room for a copy")


class Unreadable:
    """Something that raises when it is read."""

    def __reduce__(self) -> Any:
        return int, ("x",)


SEND, RECEIVE = Connection.send, Connection.recv


class BreakingMessages:
    """The pipe's messages, one of which goes wrong."""

    def __init__(self, script: Script) -> None:
        self._script = script
        _, *kind, turn = script.at.split()
        self._kind, self._left = kind, int(turn)
        if script.at.startswith("send "):
            Connection.send = lambda pipe, message: self.send(pipe, message)  # noqa: PLW0108 - it needs the pipe
        else:
            Connection.recv = lambda pipe: self.receive(pipe)  # noqa: PLW0108 - it needs the pipe

    def _is_due(self, *kind: str) -> bool:
        self._left -= [*kind] == self._kind
        return self._left == 0 and [*kind] == self._kind

    def _end(self) -> None:
        os.kill(os.getpid(), getattr(signal, self._script.signal))
        signal.pause()

    def send(self, pipe: Connection, message: object) -> None:
        is_due = self._is_due(type(message).__name__)
        if is_due and self._script.where == "amid":
            packed = ForkingPickler.dumps(message)
            pipe._send(struct.pack("!i", len(packed)) + bytes(packed[: len(packed) // 2]))
        if is_due and self._script.where != "after":
            self._end()
        SEND(pipe, message)
        if is_due:
            self._end()

    def receive(self, pipe: Connection) -> object:
        is_due = self._is_due()
        if is_due and self._script.where == "amid":
            pipe._recv(6)
        if is_due and self._script.where != "after":
            self._end()
        message = RECEIVE(pipe)
        if is_due:
            self._end()
        return message
