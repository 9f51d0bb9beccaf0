"""The files that the program writes for other programs, each held to its published JSON Schema."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from worker.compose import json_schema


@cache
def validator(of: str) -> Draft202012Validator:
    """Of `manifest`, `sidecar`, `error`, `status` or `worker`, with times checked by their form."""
    return Draft202012Validator(json_schema(of), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(of: str, document: object) -> list[str]:
    """What the schema says against a document."""
    return [f"{error.json_path}: {error.message}" for error in validator(of).iter_errors(document)]


def schema_of(file: Path) -> str | None:
    """Which schema a file of a finished or half-finished folder has; None for all else."""
    if file.suffix != ".json":
        return None
    named = {"manifest.json": "manifest", "error.json": "error"}
    return named.get(file.name, "sidecar")


def checked(root: Path) -> Counter[str]:
    """How many files of each schema lie below a house's folders; every one of them is as its schema says.

    Args:
        root: holds inbox, outbox and failed.
    """
    seen: Counter[str] = Counter()
    for file, of in _written(root):
        found = faults(of, json.loads(file.read_text("utf-8")))
        assert not found, f"{file}: {found}"
        seen[of] += 1
    return seen


def _written(root: Path) -> Iterator[tuple[Path, str]]:
    for record in (root / "inbox/.zimage-worker/workers").glob("*.json"):
        if not record.name.endswith(".speed.json"):
            yield record, "worker"
    for report in root.glob("outbox/_reports/*.json"):
        yield report, "report"
    for folder in (*root.glob("outbox/[!_]*/"), *root.glob("failed/*/")):
        for file in sorted(folder.iterdir()):  # not below job/: what a person dropped
            if (of := schema_of(file)) is not None:
                yield file, of
