"""A share without room at each single write, sync, close, rename and mkdir of a job's life: it ends whole all the same.

The calls fail once each, in turn, with a real file below them: what was written until then stays on the disk.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from house import House
from promises import violations

from worker.errors import ExitCode, FoldersUnusable

pytestmark = pytest.mark.slow

JOBS = {"mug.yaml": "prompt: a white mug\nsize: 64x64\ncount: 2\n", "bad.yaml": "prompt: [\n"}
CALLS = ("fsync", "rename", "mkdir", "link")


class Shortage:
    """Counts the calls that may find no room, and refuses the n-th, once."""

    def __init__(self, nth: int, *, error: int) -> None:
        self.count = 0
        self.refused = ""
        self._nth = nth
        self._error = error

    def meet(self, call: str) -> None:
        self.count += 1
        if self.count == self._nth:
            self.refused = call
            raise OSError(self._error, os.strerror(self._error))

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in CALLS:
            patch.setattr(os, name, self._checked(name, getattr(os, name)))
        patch.setattr(os, "fdopen", self._opening(os.fdopen))

    def _checked(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def checked(*args: object, **named: object) -> object:
            self.meet(name)
            return call(*args, **named)

        return checked

    def _opening(self, usual: Callable[..., object]) -> Callable[..., object]:
        shortage = self

        class File(io.FileIO):
            def write(self, data: bytes) -> int:
                shortage.meet("write")
                return super().write(data)

            def close(self) -> None:
                is_open = not self.closed
                super().close()
                if is_open:
                    shortage.meet("close")

        def opening(descriptor: int, mode: str = "r", *args: object, **named: object) -> object:
            if set(mode) & set("wxa") and "b" in mode:
                return io.BufferedWriter(File(descriptor, mode.replace("b", "")))
            return usual(descriptor, mode, *args, **named)

        return opening


def live(root: Path, patch: pytest.MonkeyPatch, shortage: Shortage) -> House:
    house = House(root)
    for name, text in JOBS.items():
        house.drop(name, text)
    with patch.context() as share:
        shortage.install(share)
        with suppress(FoldersUnusable):  # at its very start a worker says what is wrong, and is started again
            house.drain(grace_s=2.0)
    return house


@pytest.mark.parametrize(("error", "one_in"), [(errno.ENOSPC, 1), (errno.EDQUOT, 5)])
def test_no_room_at_any_one_call_costs_time_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, one_in: int
) -> None:
    undisturbed = Shortage(0, error=error)
    live(tmp_path / "undisturbed", monkeypatch, undisturbed)
    refused = set()
    for nth in range(1, undisturbed.count + 1, one_in):
        shortage = Shortage(nth, error=error)
        house = live(tmp_path / str(nth), monkeypatch, shortage)
        refused.add(shortage.refused)
        where = f"{shortage.refused}, call {nth} of {undisturbed.count}"
        assert house.drain(grace_s=2.0) in (ExitCode.DONE, ExitCode.JOBS_FAILED), where
        assert violations(house.root, {name: text.encode() for name, text in JOBS.items()}, is_over=True) == [], where
        assert house.names("outbox") == {"mug"}, where
        assert house.names("failed") == {"bad"}, where
        assert [entry["status"] for entry in house.manifest("mug")["shots"]] == ["ok", "ok"], where
    assert refused == {"write", "close", *CALLS}
