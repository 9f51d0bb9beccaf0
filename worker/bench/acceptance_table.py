"""The table of the stability test, from the manifest of its job.

Knows the keys of a manifest (schemas 1 and 2) that tell verdicts, seconds and memory.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from worker.bench.columns import columns
from worker.translation import Language, enumerated, gettext, translated
from worker.try_words import OUTCOME_WORDS

COLUMNS = (
    gettext("class"),
    gettext("pictures"),
    gettext("good"),
    gettext("good at once"),
    gettext("refused tries"),
    gettext("seconds each"),
    gettext("peak MiB"),
)


def acceptance_table(folder: Path, *, language: Language = "en") -> str:
    """Counts by verdict, seconds and peak, a line for each class of prompts.

    Args:
        folder: of the finished job.
        language: of the table.

    Raises:
        OSError: it holds no manifest.
    """
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    by_class: dict[str, list[dict[str, Any]]] = {}
    for shot in manifest["shots"]:
        by_class.setdefault(shot["id"], []).append(shot)
    rows = [COLUMNS, *(_row(name, shots) for name, shots in by_class.items()), _row(gettext("all"), manifest["shots"])]
    about = manifest["worker"].get("gpu") or "CPU"
    head = gettext(
        "{model} on {card}, torch {torch}",
        model=manifest["model"]["id"],
        card=about,
        torch=manifest["worker"]["torch"],
    )
    return "\n".join([translated(head, language), *columns(rows, language=language)])


def _row(name: str, shots: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    tries = [one_try for shot in shots for one_try in shot["attempts"]]
    refused = Counter(one_try["outcome"] for one_try in tries if one_try["outcome"] != "ok")
    peaks = [one_try["peak_mib"] for one_try in tries if one_try["peak_mib"] is not None]
    return (
        name,
        str(len(shots)),
        str(sum(shot["status"] == "ok" for shot in shots)),
        str(sum(shot["status"] == "ok" and len(shot["attempts"]) == 1 for shot in shots)),
        enumerated(
            gettext("{count} {outcome}", count=n, outcome=OUTCOME_WORDS[one]) for one, n in sorted(refused.items())
        )
        or gettext("none"),
        f"{sum(one_try['seconds'] for one_try in tries) / len(shots):.2f}",
        f"{max(peaks):,.0f}" if peaks else "-",
    )
