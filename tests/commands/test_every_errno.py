"""Whatever call on the share fails, a command ends with a code that is its own, and says why."""

from __future__ import annotations

import errno
import os
from itertools import product
from pathlib import Path

import pytest
from failing_calls import EVERY, FailingCalls
from program import call_here

from worker.errors import ExitCode

pytestmark = pytest.mark.slow

ERRNOS = (errno.EIO, errno.EACCES, errno.ENOSPC, errno.ESTALE, errno.ENOENT, errno.ENOTDIR)
COMMANDS = (
    ("status",),
    ("submit", "../mug.yaml"),
    ("check", "inbox/waiting.yaml"),
    ("plan", "inbox/waiting.yaml"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_error_at_any_call_on_the_share_ends_a_command_in_order(folder: Path, command: tuple[str, ...]) -> None:
    (folder / "inbox/waiting.yaml").write_text("prompt: a mug\n", "utf-8")
    (folder.parent / "mug.yaml").write_text("prompt: a mug\n", "utf-8")
    places, found = ("/inbox", "/outbox", "/failed"), []
    shift = len(command[0])
    cases = [(call, ERRNOS[(number + shift) % len(ERRNOS)]) for number, call in enumerate(EVERY)]
    for call, error in product(EVERY, ERRNOS) if "EVERY" in os.environ else cases:

        def fails(met: str, path: str, *, call: str = call, error: int = error) -> int | None:
            return error if met == call and path.startswith(tuple(f"{folder}{place}" for place in places)) else None

        calls = FailingCalls(fails)
        try:
            with calls.installed():
                done = call_here(*command, cwd=folder)
        except Exception as broken:  # noqa: BLE001 - a traceback is what must not be
            found.append(f"{errno.errorcode[error]} at {call}: {type(broken).__name__}: {broken} {calls.met[-1:]}")
            continue
        if done.returncode not in set(ExitCode) - {ExitCode.BUG}:
            found.append(f"{errno.errorcode[error]} at {call}: ended with {done.returncode}")
        if done.returncode != ExitCode.DONE and not done.stderr.strip() and not done.stdout.strip():
            found.append(f"{errno.errorcode[error]} at {call}: said nothing")
        for left in (folder / "inbox").glob("mug.yaml"):
            left.unlink()
    assert not found, "\n".join(found)
