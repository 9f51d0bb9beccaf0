"""The worker as a service on a booted machine: installed as `systemd/README.md` says, and asked how it is."""

from __future__ import annotations

from dataclasses import dataclass

from systemd.machine import Machine

UNIT = "zimage-worker"
PROGRAM = "/opt/zimage-worker/.venv/bin/zimage-worker"
SPOOL = "/mnt/pictures"
SETTINGS = "/etc/zimage-worker/worker.yaml"
QUICK = "[Service]\\nRestartSec=1\\nWatchdogSec=20\\nTimeoutAbortSec=5\\n"
"""What only takes time: a test need not wait for it as a night does."""

PREPARE = rf"""
set -e
useradd --system --user-group --home-dir /var/lib/zimage-worker --shell /usr/sbin/nologin zimage-worker
groupadd -rf render
mkdir -p /etc/zimage-worker
umount {SPOOL} && chattr +i {SPOOL} && mount {SPOOL}
chown zimage-worker: {SPOOL}
sudo -u zimage-worker {PROGRAM} init {SPOOL}
sudo -u zimage-worker chmod g+ws {SPOOL}/inbox {SPOOL}/outbox {SPOOL}/failed
install -m 644 {SPOOL}/worker.yaml {SETTINGS}
rm {SPOOL}/worker.yaml
sed -i -E 's#^(inbox|outbox|failed):.*#\1: {SPOOL}/\1#' {SETTINGS}
cp {SETTINGS} {SETTINGS}.kept
mkdir -p /etc/systemd/system/{UNIT}.service.d
printf '{QUICK}' >/etc/systemd/system/{UNIT}.service.d/quick.conf
"""


@dataclass(frozen=True, slots=True)
class Service:
    """The installed worker."""

    machine: Machine
    spool: str = SPOOL

    def install(self) -> str:
        """As the page says; what the command prints."""
        self.machine.said(PREPARE)
        return self.machine.said(f"{PROGRAM} service install -c {SETTINGS}", within_s=240)

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.machine.said(f"systemctl start {UNIT}", within_s=180)

    def drop(self, name: str, count: int) -> None:
        """Drop a job of that many pictures."""
        text = f"prompt: a mug\\ncount: {count}\\n"
        self.machine.said(f"sudo -u zimage-worker bash -c \"printf '{text}' >{self.spool}/inbox/{name}.yaml\"")

    def until_pictures(self, name: str, count: int = 1) -> None:
        """Wait until so many pictures of a job lie in work."""
        self.machine.until(f"[ $(ls {self.spool}/outbox/{name}.*.partial/*.png 2>/dev/null | wc -l) -ge {count} ]")

    def until_done(self, name: str, count: int, *, within_s: float = 240) -> None:
        """Wait until a job is published, complete, and was published once."""
        folder = f"{self.spool}/outbox/{name}"
        self.machine.until(f"[ -e {folder}/manifest.json ]", within_s=within_s)
        assert self.machine.said(f"ls {folder}/*.png | wc -l") == str(count)
        assert self.machine.said(f"ls -d {folder}* | wc -l") == "1"
        assert self.machine.said(f"ls {self.spool}/failed | grep -c ^{name} || true") == "0"

    def show(self, name: str) -> str:
        """A property of the unit, as systemd has it now."""
        return self.machine.said(f"systemctl show {UNIT} -P {name}")

    def worker(self) -> str:
        """The number of the worker's process."""
        return self.show("MainPID")

    def renderer(self) -> str:
        """The number of its child's process."""
        return self.machine.said(f"pgrep -P {self.worker()} -f worker.studio.process.child")

    def until_restarted(self, before: str, *, within_s: float = 120) -> None:
        """Wait until another process is the worker, and ready."""
        ready = f"[ $(systemctl show {UNIT} -P SubState) = running ]"
        changed = f"p=$(systemctl show {UNIT} -P MainPID); [ $p != 0 ] && [ $p != {before} ]"
        self.machine.until(f"{changed} && {ready}", within_s=within_s)

    def events(self, since: str) -> str:
        """The service's log from a moment on."""
        return self.machine.said(f"journalctl -u {UNIT} -o cat --no-pager --since '@{since}'")

    def now(self) -> str:
        """A moment, for `events`."""
        return self.machine.said("date +%s.%N")

    def attempts(self, name: str) -> str:
        """How often a job was begun, as its manifest or its record tells."""
        return self.machine.said(f"journalctl -u {UNIT} -o cat --no-pager | grep '\"job.started\"' | grep '\"{name}\"'")
