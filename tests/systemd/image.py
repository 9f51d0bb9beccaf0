"""The disk of a small Debian machine with systemd, made once by mmdebstrap; the program comes in by hostfs.

`python image.py FOLDER` makes it and says where it is. Needs root, mmdebstrap, e2fsprogs, User-Mode Linux.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

PROGRAM = "/opt/zimage-worker/.venv"
SITE = Path(next(path for path in sys.path if path.endswith("site-packages")))
"""The packages of this Python; those of the same minor version run under the machine's own."""
PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "udev", "python3", "libgomp1", "kmod",
    "iproute2", "util-linux", "strace", "sudo", "procps", "nfs-common", "nfs-kernel-server", "e2fsprogs",
)  # fmt: skip
NOT_STARTED = ("getty@tty1.service", "console-getty.service", "nfs-server.service", "rpcbind.service", "rpcbind.socket")
DISK_BYTES = 3 << 30

FILES = {
    "etc/fstab": (
        f"/dev/ubda / ext4 defaults 0 0\n/dev/ubdb /mnt/pictures ext4 nofail 0 0\nnone /opt/site hostfs ro,{SITE} 0 0\n"
    ),
    "etc/hostname": "studio\n",
    "etc/systemd/journald.conf.d/kept.conf": "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n",
    "etc/systemd/system/agent.service": (
        "[Unit]\nDefaultDependencies=no\nAfter=local-fs.target\n"
        "[Service]\nExecStartPre=/bin/mkdir -p /run/control\n"
        "ExecStartPre=/bin/bash -c 'mountpoint -q /run/control || "
        'mount -t hostfs -o $(cat /proc/cmdline | tr " " "\\\\n" | grep ^CONTROL= | cut -d= -f2) none /run/control\'\n'
        "ExecStart=/usr/bin/python3 /opt/source/tests/systemd/agent.py\nKillMode=process\n"
        "[Install]\nWantedBy=sysinit.target\n"
    ),
    "etc/hosts": "127.0.0.1 localhost studio\n",
    f"{PROGRAM[1:]}/pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n",
    f"{PROGRAM[1:]}/lib/python3.11/site-packages/tried.pth": "/opt/source\n/opt/site\n",
    f"{PROGRAM[1:]}/bin/zimage-worker": (
        f"#!{PROGRAM}/bin/python\nimport sys\nfrom worker.cli import main\nsys.exit(main())\n"
    ),
}


def make(folder: Path) -> Path:
    """The disk image; made only where it is not there yet."""
    what = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    image, tree, new = folder / f"root-{what}.ext4", folder / "tree", folder / "root.new"
    if image.exists():
        return image
    folder.mkdir(parents=True, exist_ok=True)
    tar = folder / f"debian-{hashlib.sha256(' '.join(PACKAGES).encode()).hexdigest()[:8]}.tar"
    if not tar.exists():
        command = ["mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", str(tar)]
        subprocess.run(command, check=True, capture_output=True, timeout=900)
    tree.mkdir()
    subprocess.run(["tar", "-C", str(tree), "-xf", str(tar), "--exclude=./dev/*"], check=True)
    furnish(tree)
    new.unlink(missing_ok=True)
    with new.open("wb") as disk:
        disk.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-d", str(tree), str(new)], check=True)
    subprocess.run(["rm", "-rf", str(tree)], check=True)
    return new.rename(image)


def furnish(tree: Path) -> None:
    """Put what the tests need beside Debian's own files."""
    version = subprocess.run(["linux.uml", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    for name, text in FILES.items():
        file = tree / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tree / PROGRAM[1:] / "bin/zimage-worker").chmod(0o755)
    (tree / PROGRAM[1:] / "bin/python").symlink_to("/usr/bin/python3")
    (tree / "opt/source").symlink_to("/run/control/source")
    for folder in ("opt/site", "mnt/pictures"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    modules = tree / "usr/lib/modules"
    modules.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-r", f"/usr/lib/uml/modules/{version}", str(modules)], check=True)
    wants = tree / "etc/systemd/system"
    (wants / "sysinit.target.wants").mkdir(exist_ok=True)
    (wants / "sysinit.target.wants/agent.service").symlink_to("/etc/systemd/system/agent.service")
    for unit in NOT_STARTED:
        (wants / unit).symlink_to("/dev/null")


if __name__ == "__main__":
    print(make(Path(sys.argv[1])))
