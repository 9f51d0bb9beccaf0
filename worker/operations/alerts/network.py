"""Whether this process has a network: the unit of a service may take it away, and no address tells that in its answer.

Source: proc_pid_net(5); systemd.exec(5), `PrivateNetwork=` and `RestrictAddressFamilies=`.
"""

from __future__ import annotations

import socket
from pathlib import Path

DEVICES = Path("/proc/net/dev")
HEADER_LINES = 2
OWN = "lo"
"""The only device of a process that has a network to itself."""


def has_network(devices: Path = DEVICES) -> bool:
    """Whether messages can leave this machine at all, as far as it shows; where nothing is shown, they can.

    Args:
        devices: the kernel's list of those that this process sees.
    """
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except OSError:  # no such sockets here
        return False
    try:
        lines = devices.read_text("utf-8", "replace").splitlines()[HEADER_LINES:]
    except OSError:
        return True
    return any(line.partition(":")[0].strip() != OWN for line in lines)
