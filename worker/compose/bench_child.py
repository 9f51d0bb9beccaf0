"""The speed test's child: measures in a process of its own, whose environment must stand before torch is imported.

Knows what it is given and what it answers, both JSON. Started as `python -m worker.compose.bench_child OPTIONS`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from worker.bench.options import SpeedOptions
from worker.delivery.encode import encode
from worker.delivery.provenance import Labels
from worker.demo import weights_dir
from worker.disk.durable import write_file
from worker.errors import WorkerError
from worker.records import Picture
from worker.translation import translated

LABELS = Labels(parameters="zimage-worker bench", xmp="<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")


def write(picture: Picture, path: Path) -> None:
    """A file as the worker delivers it: labelled, read back, durable.

    Args:
        picture: what it shows.
        path: of the file; replaced where it is there.
    """
    write_file(path, encode(picture, image_format="png", labels=LABELS))


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the result."""
    from worker.bench.measuring.ways import measure_speed

    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print; only the result may reach the pipe
    with answer, tempfile.TemporaryDirectory() as folder:
        options = SpeedOptions(**json.loads(arguments[0]))
        try:
            result = measure_speed(options, demo=weights_dir(), folder=Path(folder), write=write)
        except WorkerError as refusal:
            print(translated(refusal.text, options.language), file=sys.stderr)
            sys.exit(refusal.exit_code)
        answer.write(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
