"""A machine whose systemd is a stand-in: its commands write down how they are called, and answer from a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

COMMAND = """#!{python}
import json, os, sys
place = {place!r}
words = [word for word in sys.argv[1:] if not word.startswith("--no-") and word != "--user"]
with open(place + "/calls", "a") as file:
    print(os.path.basename(sys.argv[0]), *sys.argv[1:], file=file)
with open(place + "/answers.json") as file:
    answers = json.load(file)
verb, unit = words[0], words[-1]
if verb in answers["fail"]:
    sys.exit("stand-in: " + verb + " is not allowed")
states = answers["states"]
if verb in ("start", "restart"):
    states[unit] = {{"ActiveState": "active", **answers["after_start"]}}
if verb in ("stop", "disable"):
    for one in words[1:]:
        states.pop(one, None)
if verb == "enable-linger":
    answers["linger"] = "yes"
with open(place + "/answers.json", "w") as file:
    json.dump(answers, file)
if verb == "show-user":
    print(answers["linger"])
if verb == "show":
    for name, value in states.get(unit, {{"ActiveState": "inactive"}}).items():
        print(name + "=" + value)
"""
JOURNAL = '#!/bin/sh\necho \'{"event": "worker.stopping"}\'\necho "zimage-worker: the model folder lacks its vae"\n'
PROGRAM = '#!/bin/sh\necho "ok    $1 as $(id -un)"\n'
"""In the place of the program, which takes its time."""

PYTHON = Path("/usr/bin/python3")
"""One that every account may run, where there is one."""


class StandIn:
    """A systemd that does nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.units = root / "units"
        self.programs = root / "bin"
        self.programs.mkdir()
        for name in ("systemctl", "loginctl"):
            (self.programs / name).write_text(COMMAND.format(python=sys.executable, place=str(root)))
        (self.programs / "journalctl").write_text(JOURNAL)
        (self.programs / "zimage-worker").write_text(PROGRAM)
        (self.programs / "python").symlink_to(PYTHON if PYTHON.exists() else sys.executable)
        for path in self.programs.iterdir():
            path.chmod(0o755)
        self.answers(states={}, fail=[], after_start={"StatusText": "idle"}, linger="no")

    def answers(self, **changed: object) -> None:
        file = self.root / "answers.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps({**known, **changed}))

    def calls(self) -> list[str]:
        """As they were made since the last look, without those that only ask."""
        file = self.root / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        plain = (line.replace("--no-ask-password ", "") for line in lines)
        return [line for line in plain if " show" not in line]
