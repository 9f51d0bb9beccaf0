"""One of systemd's managers, asked through its own commands; each answers within a time limit, or counts as silent."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.errors import UsageError
from worker.translation import Text, gettext

RUNNING = Path("/run/systemd/system")
"""There while systemd is this machine's first process. Source: sd_booted(3)."""
KERNEL = Path("/proc/sys/kernel/osrelease")
ASKED_S = 30.0
"""For an answer; what begins or ends a service is not waited for by these calls."""
STOPPED_S = 16 * 60.0
"""For a service to end: its own limit is a quarter of an hour."""
MOST_EXPOSED = 18
"""Of 100: what `systemd-analyze security` may find open in a unit."""
ASKED = (
    "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "ExecMainStatus", "ExecMainCode", "StatusText",
    "NRestarts", "ActiveEnterTimestamp", "InvocationID", "FragmentPath", "NextElapseUSecRealtime",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    """Its exit code; 127 where there is none such, 124 where it did not answer in time."""
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line, for a person."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1] if lines else f"exit code {self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """The machine's service manager, or a person's own."""

    is_user: bool

    def folder(self) -> Path:
        """Where units lie that an administrator, or that person, has written."""
        if not self.is_user:
            return Path("/etc/systemd/system")
        home = os.environ.get("XDG_CONFIG_HOME")
        return (Path(home) if home else Path("~/.config").expanduser()) / "systemd" / "user"

    def command(self, *words: str) -> str:
        """A call of systemctl as a person types it."""
        return " ".join(["systemctl --user" if self.is_user else "sudo systemctl", *words])

    def call(self, *words: str, limit_s: float = ASKED_S) -> Said:
        """Call systemctl.

        Args:
            words: after its name.
            limit_s: seconds for its answer.
        """
        mine = ["--user"] if self.is_user else []
        return called("systemctl", *mine, "--no-ask-password", *words, limit_s=limit_s, environment=self._environment())

    def require(self, *words: str, limit_s: float = ASKED_S) -> None:
        """Likewise, and it must succeed.

        Args:
            words: after its name.
            limit_s: seconds for its answer.

        Raises:
            UsageError: it did not.
        """
        said = self.call(*words, limit_s=limit_s)
        if said.code:
            raise UsageError(gettext("{command} failed: {why}", command=self.command(*words), why=said.last))

    def show(self, unit: str) -> dict[str, str]:
        """What it knows of a unit, by property; nothing where it does not answer.

        Args:
            unit: with its ending.
        """
        said = self.call("show", f"--property={','.join(ASKED)}", unit)
        return dict(line.split("=", 1) for line in said.out.splitlines() if "=" in line) if not said.code else {}

    def log_lines(self, unit: str, *, invocation: str, most: int = 12) -> list[str]:
        """The last lines that a unit logged, the oldest first.

        Args:
            unit: with its ending.
            invocation: id of one run; empty for any.
            most: lines.
        """
        which = [f"_SYSTEMD_INVOCATION_ID={invocation}"] if invocation else []
        mine = ["--user-unit" if self.is_user else "--unit", unit] if not which else []
        said = called("journalctl", "--no-pager", "--output=cat", f"--lines={most}", *mine, *which)
        return [line for line in said.out.splitlines() if line.strip()][-most:] if not said.code else []

    def _environment(self) -> dict[str, str]:
        """A person's manager is found through this folder; `su` and `sudo` forget it."""
        own, place = dict(os.environ), Path(f"/run/user/{os.getuid()}")
        if self.is_user and "XDG_RUNTIME_DIR" not in own and place.is_dir():
            own["XDG_RUNTIME_DIR"] = str(place)
        return own


def called(program: str, *words: str, limit_s: float = ASKED_S, environment: Mapping[str, str] | None = None) -> Said:
    """Call a command and take its answer, without anybody at its keyboard.

    Args:
        program: its name.
        words: after it.
        limit_s: seconds for its answer.
        environment: of the command; this process's, when not given.
    """
    own = {**(os.environ if environment is None else environment), "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"}
    command: Sequence[str] = (program, *words)
    try:
        done = subprocess.run(
            command, env=own, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=limit_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Said(code=124, out="", err=f"no answer within {limit_s:g} s")
    except OSError as error:
        return Said(code=127, out="", err=f"{program}: {error.strerror}")
    return Said(code=done.returncode, out=done.stdout, err=done.stderr)


def require_systemd(manager: Manager) -> None:
    """Return where services can be had here.

    Args:
        manager: whose service is meant.

    Raises:
        UsageError: there is no systemd, or that person's manager does not answer.
    """
    if not RUNNING.is_dir() or shutil.which("systemctl") is None:
        raise UsageError(
            gettext("systemd does not run here, so there can be no service of it. {remedy}", remedy=_remedy())
        )
    if manager.is_user and manager.call("show", "--property=Version").code:
        raise UsageError(
            gettext(
                "Your own service manager does not answer: log in as this person (by ssh or at the desk, not by `su` or"
                " `sudo`), or install it for the whole machine, with sudo and without --user."
            )
        )


def _remedy() -> Text:
    try:
        kernel = KERNEL.read_text("utf-8").lower()
    except OSError:
        kernel = ""
    if "microsoft" in kernel:
        return gettext(
            "In WSL2, write `[boot]` and below it `systemd=true` into /etc/wsl.conf, call `wsl --shutdown` in"
            " PowerShell, and open Ubuntu again."
        )
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        return gettext("In a container, the container's own restart policy keeps it running: let it call `run`.")
    return gettext("Let what starts programs on this machine call `zimage-worker run -c FILE`, and start it again when"
                   " it ends.")  # fmt: skip


def complaints(units: Mapping[str, str], folder: Path, *, is_user: bool) -> list[str]:
    """What systemd finds wrong with units; nothing where it cannot be asked.

    Args:
        units: by file name, as they lie in the folder.
        folder: of nothing else.
        is_user: for a person's own manager.
    """
    if shutil.which("systemd-analyze") is None:
        return []
    paths = [str(folder / name) for name in units]
    mine = ["--user"] if is_user else []
    checked, stems = called("systemd-analyze", "verify", "--man=no", *mine, *paths), {Path(one).stem for one in units}
    return [line for line in checked.err.splitlines() if any(stem in line for stem in stems)]


def exposures(units: Iterable[str], folder: Path) -> list[str]:
    """Which services are more open than `MOST_EXPOSED`; none where systemd is too old to look at a file.

    Args:
        units: file names.
        folder: in which they lie.
    """
    services = (str(folder / name) for name in units if name.endswith(".service"))
    asked = ("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    answers = [called(*asked, path) for path in services]
    return [said.out.strip().splitlines()[-1] for said in answers if said.code and "exposure level" in said.out]
