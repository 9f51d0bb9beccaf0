"""What `worker/CONTRACT.md` takes from the code: the tables of keys, from the published schemas.

`python tests/contract_tables.py` rewrites all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worker.compose import json_schema
from worker.operations.record_schema import STATES

PAGE = Path(__file__).parents[1] / "worker/CONTRACT.md"
END = "<!-- end -->"


def tables() -> dict[str, str]:
    """By name of the block."""
    manifest = json_schema("manifest")
    parts: dict[str, Any] = manifest["$defs"]  # type: ignore[assignment]
    error = json_schema("error")
    entry = parts["shot"]["properties"]
    own = {key: part for key, part in _properties(json_schema("sidecar")).items() if key not in entry}
    return {
        "manifest": _table(manifest),
        "shot": _table(parts["shot"]),
        "try": _table(parts["try"]),
        "worker": _table(parts["worker"]),
        "model": _table(parts["model"]),
        "sidecar": _table({"properties": own, "required": list(own)}),
        "error": _table(error),
        "problem": _table(_properties(error)["problems"]["items"]),
        **_overview(),
        "record": _table(json_schema("worker")),
        "states": "\n".join(["| state | means |", "|---|---|", *(f"| `{k}` | {v} |" for k, v in STATES.items())])
        + "\n",
    }


def _overview() -> dict[str, str]:
    """Of `outbox/status.json`, and of each of its parts."""
    whole = json_schema("status")
    parts = {name: part.get("items", part) for name, part in _properties(whole).items()}
    inner = {f"overview {name}": _table(part) for name, part in parts.items() if "properties" in part}
    return {"overview": _table(whole), **inner}


def with_tables(text: str) -> str:
    """The page with every table as the code has it."""
    for name, table in tables().items():
        mark = f"<!-- {name}: made by tests/contract_tables.py -->\n"
        before, found, after = text.partition(mark)
        assert found, name
        text = before + mark + table + after[after.index(END) :]
    return text


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    return dict(schema["properties"])


def _table(schema: dict[str, Any]) -> str:
    rows = [
        f"| `{key}`{'' if key in schema['required'] else ' (may be missing)'} | {kind(part)} | {_meaning(key, part)} |"
        for key, part in schema["properties"].items()
    ]
    return "\n".join(["| key | value | means |", "|---|---|---|", *rows]) + "\n"


def _meaning(key: str, part: dict[str, Any]) -> str:
    return str(part.get("description") or f"See [{key}](#{key}).").replace("|", "\\|")


def kind(part: dict[str, Any]) -> str:
    """What a value is, in words."""
    if "$ref" in part:
        return "mapping"
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    kinds = list(_kinds(part))
    return (", or " if "," in kinds[0] else " or ").join(kinds)


def _kinds(part: dict[str, Any]) -> Iterator[str]:
    types = part["type"] if isinstance(part["type"], list) else [part["type"]]
    for one in types:
        if one == "string" and part.get("format") == "date-time":
            yield "time"
        elif one in ("integer", "number"):
            yield f"{'whole number' if one == 'integer' else 'number'}{_range(part)}"
        else:
            yield {"string": "text", "null": "null", "array": "list", "object": "mapping", "boolean": "true, false"}[
                one
            ]


def _range(part: dict[str, Any]) -> str:
    low, high = part.get("minimum"), part.get("maximum")
    steps = f", a multiple of {part['multipleOf']}" if "multipleOf" in part else ""
    return (f", {low} to {high}" if high is not None else f", {low} or more" if low is not None else "") + steps


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
