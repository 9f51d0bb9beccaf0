"""The card's reader, a process of its own: once a second a line of JSON on standard output, until nobody reads them.

Whoever needs readings is never kept waiting by a driver that hangs: the lines stop, and this process is left behind.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import asdict

import pynvml

from worker.studio.card.nvml import NvmlCard

EVERY_S = 1.0
"""NVML's own averages are of up to a second."""


def main(uuid: str) -> None:
    """Read that card.

    Args:
        uuid: as CUDA tells it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, who ends this
    try:
        card = NvmlCard(uuid)
        while True:
            print(json.dumps(asdict(card.read())), flush=True)
            time.sleep(EVERY_S)
    except pynvml.NVMLError as error:
        print(json.dumps({"problem": str(error)}), flush=True)
    except BrokenPipeError:
        sys.stdout = None  # nothing to flush at the end


if __name__ == "__main__":
    main(sys.argv[1])
