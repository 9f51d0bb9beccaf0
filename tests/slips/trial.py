"""How many slips of each kind are told, and which are not.

`PYTHONPATH=.:tests python tests/slips/trial.py [KIND...] [--show]`
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from slips.drops import GOOD, verdict
from slips.kinds import variants


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--show", action="store_true", help="print what was dropped and said")
    options = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as root:
        for number, one in enumerate(variants()):
            if options.kinds and one.kind not in options.kinds:
                continue
            slip = one.slip(0)
            judged, said = verdict(slip, Path(root) / str(number))
            counts.setdefault(one.kind, Counter())[judged] += 1
            if judged not in GOOD and options.kinds:
                print(f"{one.kind} {one.name}: {judged}")
            if judged not in GOOD and options.show:
                print(*slip.drop.files.values(), slip.wanted, said, sep="\n", end="\n\n")
    for kind, found in counts.items():
        print(kind, sum(found.values()), dict(found))
    print(sum(sum(found.values()) for found in counts.values()))


if __name__ == "__main__":
    main()
