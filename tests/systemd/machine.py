"""A small Linux machine with a booted systemd, in User-Mode Linux: booted, told what to do, rebooted, its power cut."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from waiting_for import wait_for

ROOT = Path(__file__).parents[2]
PARTS = ("worker", "jobs_example", "systemd", "tests/systemd")
BOOT_S = 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A script that has ended."""

    code: int
    text: str


@dataclass(slots=True)
class Machine:
    """One machine; it keeps its disks over reboots and power cuts."""

    image: Path
    folder: Path
    memory: str = "2500M"
    guest: subprocess.Popen[bytes] | None = None
    scripts: int = 0
    others: list[str] = field(default_factory=list)

    def boot(self) -> None:
        """Switch it on, and wait until it listens."""
        control = self.folder / "control"
        if not control.exists():
            control.mkdir(parents=True)
            for part in PARTS:  # a copy: the tree may change while the machine runs
                shutil.copytree(ROOT / part, control / "source" / part)
        share = self.folder / "share.ext4"
        if not share.exists():
            with share.open("wb") as disk:
                disk.truncate(400 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(share)], check=True)
        command = [
            "linux.uml", f"mem={self.memory}", f"ubd0={self.folder}/cow,{self.image}", f"ubd1={share}",
            "root=/dev/ubda", "rw", "quiet", "con=null", "con0=null,fd:1", f"uml_dir={self.folder}/", "umid=guest",
            f"CONTROL={control}", *self.others,
        ]  # fmt: skip
        with (self.folder / "console").open("ab") as console:
            self.guest = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
            )
        self.until_up()

    def until_up(self) -> None:
        """Wait until systemd has done with booting, as well as it can."""
        self.run("systemctl is-system-running --wait", within_s=BOOT_S)

    def begin(self, script: str) -> str:
        """Begin a script as root, without waiting for its end; its name."""
        self.scripts += 1
        name = f"{self.scripts:04}"
        control = self.folder / "control"
        (control / f"{name}.new-script").write_text(script)
        (control / f"{name}.new-script").rename(control / f"{name}.sh")
        return name

    def run(self, script: str, *, within_s: float = 60.0) -> Ended:
        """Run a script as root in bash."""
        name = self.begin(script)
        status = self.folder / "control" / f"{name}.status"
        wait_for(lambda: status.exists() or not self.is_on(), within_s=within_s)
        assert self.is_on(), (self.folder / "console").read_text(errors="replace")[-2000:]
        return Ended(int(status.read_text()), (self.folder / "control" / f"{name}.out").read_text(errors="replace"))

    def said(self, script: str, *, within_s: float = 60.0) -> str:
        """What a script that must not fail prints."""
        ended = self.run(script, within_s=within_s)
        assert ended.code == 0, f"{script}\n{ended.text}"
        return ended.text.strip()

    def until(self, script: str, *, within_s: float = 120.0) -> None:
        """Wait until a script ends with 0; asked anew each half second, in the machine itself."""
        tries = f"for _ in $(seq {int(within_s * 2)}); do ( {script} ) && exit 0; sleep 0.5; done; exit 1"
        ended = self.run(tries, within_s=within_s * 2 + 30)
        assert ended.code == 0, f"never true: {script}\n{ended.text[-1500:]}\n{self.journal()[-6000:]}"

    def journal(self) -> str:
        """What the service and systemd said about it since the machine was first booted."""
        return self.run("journalctl -u zimage-worker -o short-monotonic --no-pager -n 120").text

    def is_on(self) -> bool:
        """Whether it runs."""
        return self.guest is not None and self.guest.poll() is None

    def reboot(self) -> None:
        """Restart it, as a person does."""
        before = self.said("cat /proc/sys/kernel/random/boot_id")
        self.begin("systemctl reboot")
        wait_for(lambda: self._boot_id() not in ("", before), within_s=3 * BOOT_S)
        self.until_up()

    def _boot_id(self) -> str:
        """Of the boot that it is in; nothing where it goes down before it can answer."""
        try:
            return self.run("cat /proc/sys/kernel/random/boot_id", within_s=5.0).text.strip()
        except AssertionError:
            assert self.is_on()
            return ""

    def cut(self) -> None:
        """Cut its power."""
        if self.guest is not None:
            os.killpg(self.guest.pid, signal.SIGKILL)
            self.guest.wait()
            self.guest = None
