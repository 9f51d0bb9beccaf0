"""Whether weights fit the configurations that come from elsewhere, before a byte of them is read.

Knows the names and shapes of a copy's tensors, and which numbers of configurations they decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from worker.studio.model_files.fitting import WIDTHS
from worker.studio.model_files.parts import CONFIGS, read_json
from worker.studio.model_files.recognise.found import PartName
from worker.studio.model_store.copy_plan import CopyPlan
from worker.translation import gettext

COUNTS: dict[PartName, tuple[tuple[str, str], ...]] = {
    "transformer": (
        (r"layers\.(\d+)\.", "n_layers"),
        (r"noise_refiner\.(\d+)\.", "n_refiner_layers"),
        (r"context_refiner\.(\d+)\.", "n_refiner_layers"),
    ),
    "text_encoder": ((r"(?:model\.)?layers\.(\d+)\.", "num_hidden_layers"),),
    "vae": ((r"decoder\.up_blocks\.(\d+)\.", "block_out_channels"),),
}
"""By part: tensors that are numbered, and the configuration's name for how many there are (or for a list of them)."""


def contradictions(plan: CopyPlan, home: Path) -> Iterator[str]:
    """Where the weights are not what the folder's configurations say, a sentence each.

    Args:
        plan: of the copy.
        home: the folder with the configurations.

    Raises:
        OSError: one cannot be read now.
    """
    for part, counts in COUNTS.items():
        config = read_json(home / part / CONFIGS[part])
        shapes = {span.name: span.shape for target in plan.targets if target.part == part for span in target.spans}
        for pattern, key in counts:
            numbers = {int(found[1]) for name in shapes if (found := re.match(pattern, name))}
            wanted = config.get(key)
            wanted = len(wanted) if isinstance(wanted, list) else wanted
            if isinstance(wanted, int) and len(numbers) != wanted:
                yield _misfit(part, held=len(numbers), what=pattern.partition(r"\.(")[0], key=key, wanted=wanted)
        yield from _widths(part, shapes, config)


def _widths(part: PartName, shapes: Mapping[str, tuple[int, ...]], config: Mapping[str, Any]) -> Iterator[str]:
    for suffix, axis, key in WIDTHS[part]:
        for name, shape in shapes.items():
            wanted = config.get(key)
            is_it = name == suffix or name.endswith(f".{suffix}")
            if is_it and isinstance(wanted, int) and len(shape) > axis and shape[axis] != wanted:
                yield _misfit(part, held=shape[axis], what=name, key=key, wanted=wanted)


def _misfit(part: str, *, held: int, what: str, key: str, wanted: int) -> str:
    return gettext(
        "The weights of {part} do not fit {part}/config.json: {what} has {held}, {key} is {wanted}. Give the small "
        "files of the model that these weights belong to.",
        part=part,
        what=what.replace(r"(?:model\.)?", ""),
        held=held,
        key=key,
        wanted=wanted,
    )
