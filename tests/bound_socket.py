"""A socket as a file of a folder, however deep the folder lies."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def bind_socket(at: Path) -> None:
    """Make a socket at `at`; from beside it, as a socket's path has at most 108 bytes."""
    here = Path.cwd()
    os.chdir(at.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(at.name)
    finally:
        os.chdir(here)
