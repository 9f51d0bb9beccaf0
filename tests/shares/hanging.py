"""A program that hangs on a hard mount whose server is away, and is asked to stop, twice; runs inside `on-nfs.sh`.

Prints what it heard; exits with 1 when the second signal did not end it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

CHILD = """
import os, sys
from worker.operations.stopping import StopFlag
stop = StopFlag()
stop.install()
stop.add_bell(lambda: print("asked", flush=True))
print("begun", flush=True)
while True:
    os.listdir(sys.argv[1])
    open(sys.argv[1] + "/file").read()
"""


def main() -> int:
    share = Path(os.environ["SHARE_A"])
    (share / "file").write_text("x")
    with subprocess.Popen([sys.executable, "-c", CHILD, share], stdout=subprocess.PIPE, text=True) as hanging:
        assert hanging.stdout is not None
        hanging.stdout.readline()
        subprocess.run(["share-cut", "1"], check=True)
        time.sleep(6)
        state = Path(f"/proc/{hanging.pid}/stat").read_text().rpartition(")")[2].split()[0]
        hanging.terminate()
        time.sleep(4)
        is_alive = hanging.poll() is None
        hanging.terminate()
        try:
            code = hanging.wait(15)
        except subprocess.TimeoutExpired:
            hanging.kill()
            code = hanging.wait(15)
        print("state", state, "then", hanging.stdout.read().strip(), "exit code", code)
    return int(state != "D" or not is_alive or code != 128 + 15)


if __name__ == "__main__":
    sys.exit(main())
