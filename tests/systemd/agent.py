"""Runs, inside the machine, each script that its host puts into the folder that both see, once; a reboot ends them."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

CONTROL = Path("/run/control")


def run(script: Path) -> None:
    out, new = script.with_suffix(".out"), script.with_suffix(".new")
    with out.open("wb") as told:
        code = subprocess.call(["bash", str(script)], stdin=subprocess.DEVNULL, stdout=told, stderr=told)
    new.write_text(str(code))
    new.rename(script.with_suffix(".status"))


def main() -> None:
    while True:
        for script in sorted(CONTROL.glob("*.sh")):
            begun = script.rename(script.with_suffix(".begun"))
            threading.Thread(target=run, args=(begun,), daemon=True).start()
        time.sleep(0.1)


if __name__ == "__main__":
    main()
