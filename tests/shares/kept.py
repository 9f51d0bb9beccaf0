"""`python kept.py ROOT`: exits with 1 when a promise is broken for the jobs in `ROOT/dropped`; for `crashpoints.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from promises import violations  # noqa: E402

if __name__ == "__main__":
    root = Path(sys.argv[1])
    dropped = {path.name: path.read_bytes() for path in (root / "dropped").glob("*.yaml")}
    found = violations(root, dropped, is_over=True)
    print(*found, sep="\n")
    sys.exit(bool(found) or not dropped)
