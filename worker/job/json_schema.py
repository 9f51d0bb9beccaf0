"""The JSON Schema of job files, for editors and other programs: with both names of each key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.job.chinese_keys import JOB, PRODUCT, SHOT_OR_SHOTS, TABLE_OR_PRODUCT
from worker.job.schema import JobFile, Product, Proof, Shot
from worker.job.values import format_words
from worker.records import ImageFormat
from worker.translation import gettext
from worker.yaml_reader.document import Data


def schema(formats: Mapping[ImageFormat, str]) -> dict[str, Data | Any]:
    """The JSON Schema (2020-12) of job files, for editors and other programs: with both names of each key.

    Args:
        formats: the picture formats there are, extension by name.
    """
    made: dict[str, Any] = _without_null(JobFile.model_json_schema())
    for model in (made, made["$defs"]["Shot"]):
        model["properties"]["format"]["enum"] = format_words(formats)
    for model, kind in ((made, JobFile), (made["$defs"]["Shot"], Shot), (made["$defs"]["Product"], Product),
                        (made["$defs"]["Proof"], Proof)):  # fmt: skip
        _add_chinese(model, kind.chinese)
    known = made["properties"]
    known |= {word: {"anyOf": [known["shot"], known["shots"]]} for word in sorted(SHOT_OR_SHOTS)}
    known |= {word: {**known["products"], "description": _same_as("products")} for word in sorted(TABLE_OR_PRODUCT)}
    subjects = [word for word, key in PRODUCT.items() if key == "subject"]
    del made["$defs"]["Product"]["required"]
    made["$defs"]["Product"]["oneOf"] = [{"required": [key]} for key in ("subject", *subjects)]
    wanted = [word for word, key in JOB.items() if key in ("prompt", "shot", "shots")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "zimage-worker job",
        "oneOf": [{"required": [key]} for key in ("prompt", "shot", "shots", *wanted, *sorted(SHOT_OR_SHOTS))],
    }


def _same_as(key: str) -> str:
    return gettext("The same key as `{key}`.", key=key)


def _add_chinese(model: dict[str, Any], words: Mapping[str, str]) -> None:
    """Add the Chinese words for keys to a model's properties."""
    known = model["properties"]
    known |= {word: {**known[key], "description": _same_as(key)} for word, key in words.items() if key in known}


def _without_null(made: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """The schema without the null that stands for "not given" in the model, and without generated titles."""
    if isinstance(made, list):
        return [_without_null(part) for part in made]
    if not isinstance(made, dict):
        return made
    kept = {key: _without_null(part) for key, part in made.items() if (key, part) != ("default", None)}
    if isinstance(kept.get("title"), str):
        del kept["title"]
    options = [option for option in kept.pop("anyOf", []) if option != {"type": "null"}]
    return {**options[0], **kept} if len(options) == 1 else {**kept, **({"anyOf": options} if options else {})}
