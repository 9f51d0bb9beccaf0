"""The JSON Schema that editors complete from agrees with what is read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from worker.delivery.formats import EXTENSIONS
from worker.job.json_schema import schema
from worker.job.schema import JobFile, Product, Shot

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(schema(EXTENSIONS))
EXAMPLES = sorted((ROOT / "jobs_example").rglob("*.yaml"))
GOOD = sorted((ROOT / "tests" / "job" / "good").glob("*.yaml"))


class Yaml12(yaml.SafeLoader):
    """Scalars as an editor's YAML 1.2 parser gives them."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag.rpartition(":")[2] in ("int", "float", "null")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml12.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), [*"+-0123456789"]
)


def loaded(text: str) -> Any:
    return yaml.load(text, Loader=Yaml12)


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(schema(EXTENSIONS))


@pytest.mark.parametrize("path", EXAMPLES + GOOD, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_read_is_accepted_by_the_schema(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(loaded(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(
    "text",
    [
        "prompt: a\nstep: 8\n",
        "shot: {product: {subject: a, colr: b}}\n",
        "shot: {product: mug, lihgt: b}\n",
        "prompt: a\nshot: {prompt: b}\n",
        "steps: 8\n",
        "prompt: a\nversion: 2\n",
        "prompt: a\nsteps: 0\n",
        "prompt: a\nsize: 16:9\n",
        "prompt: a\nsize: [1000, 1000]\n",
        "prompt: a\nformat: gif\n",
        "prompt: a\nmatrix: {angle: front}\n",
        "prompt: null\n",
    ],
)
def test_the_schema_refuses_what_is_refused(text: str) -> None:
    assert not VALIDATOR.is_valid(loaded(text))


@pytest.mark.parametrize("model", [JobFile, Shot, Product], ids=lambda model: model.__name__)
def test_every_key_has_a_description(model: type[JobFile | Shot | Product]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_the_shipped_schema_is_current() -> None:
    shipped = (ROOT / "jobs_example" / "job.schema.json").read_text("utf-8")
    assert json.loads(shipped) == schema(EXTENSIONS), (
        "write it anew: zimage-worker schema job > jobs_example/job.schema.json"
    )
