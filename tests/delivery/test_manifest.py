"""manifest.json is what the contract says, checked against a schema of its own."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
COUNT = {"type": "integer", "minimum": 1}


def exactly(optional=(), **properties):
    """An object with these keys and no others."""
    required = [key for key in properties if key not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


ATTEMPT = exactly(
    rung=TEXT,
    outcome={"enum": ["ok", "oom", "black", "white", "flat", "not_finite", "wrong_size", "error"]},
    seconds={"type": "number", "minimum": 0},
    peak_mib={"type": ["number", "null"]},
)
SHOT = exactly(
    ("matrix", "product"),
    id=TEXT, index=COUNT, file=TEXT, sidecar=TEXT_OR_NULL, sha256={"anyOf": [HASH, {"type": "null"}]},
    width=COUNT, height=COUNT, prompt=TEXT, negative_prompt=TEXT,
    seed={"type": "integer", "minimum": 0, "maximum": 2**32 - 1}, steps=COUNT, guidance={"type": "number"},
    format={"enum": ["png", "jpeg", "webp"]}, metadata={"type": "object"},
    matrix={"type": "object", "minProperties": 1}, product={"type": "object", "minProperties": 1},
    status={"enum": ["ok", "failed"]}, error=TEXT_OR_NULL, attempts={"type": "array", "items": ATTEMPT},
)  # fmt: skip
MANIFEST = exactly(
    schema={"const": 1}, job=TEXT, name=TEXT, status={"enum": ["complete", "partial", "failed"]},
    submitted_at=TEXT, started_at=TEXT, finished_at=TEXT_OR_NULL,
    worker=exactly(id=TEXT, host=TEXT, version=TEXT, torch=TEXT, diffusers=TEXT, gpu=TEXT_OR_NULL),
    model=exactly(id=TEXT, kind={"enum": ["turbo", "base", "demo"]}, sha256=HASH, demo={"type": "boolean"}),
    shots={"type": "array", "items": SHOT},
)  # fmt: skip


@pytest.mark.parametrize(("made", "failed", "status"), [(2, 0, "complete"), (1, 1, "partial"), (0, 2, "failed")])
def test_a_manifest_follows_the_contract_and_says_how_the_job_ended(folder, samples, made, failed, status):
    folder.add(*[samples.made(file=f"m{n}.png", product={"sku": "1"}, matrix={"a": "b"}) for n in range(made)])
    folder.add(*[samples.failed(file=f"f{n}.png") for n in range(failed)]).close()
    document = json.loads(folder.files["manifest.json"])
    Draft202012Validator(MANIFEST).validate(document)
    assert document["status"] == folder.delivery.status(folder.entries) == status
    assert [shot["file"] for shot in document["shots"]] == [entry.request.file for entry in folder.entries]


def test_a_failed_shot_has_no_sidecar_and_no_hash(folder, samples):
    folder.add(samples.made(file="ok.png"), samples.failed()).close()
    shot = json.loads(folder.files["manifest.json"])["shots"][1]
    assert (shot["sidecar"], shot["sha256"], shot["error"]) == (None, None, "Every try was black. Try another seed.")
    assert [attempt["outcome"] for attempt in shot["attempts"]] == ["black", "oom"]


def test_the_manifest_is_written_last_and_everything_is_repeatable(folder, samples):
    folder.add(samples.made(file="ok.png"), samples.failed())
    first, second = (list(folder.delivery.closing(folder.record, folder.entries, read=folder.read)) for _ in "12")
    assert [file.name for file in first] == ["results.csv", "index.html", "manifest.json"]
    assert first == second


def test_a_picture_comes_before_its_sidecar_and_a_failure_brings_its_evidence(folder, samples):
    _, files = folder.delivery.shot(samples.made(), record=samples.record)
    assert [file.name for file in files] == ["MUG-01_01.png", "MUG-01_01.json"]
    _, evidence = folder.delivery.shot(samples.failed(), record=samples.record)
    assert [file.name for file in evidence] == ["rejected/MUG-01_01.first.png"]
