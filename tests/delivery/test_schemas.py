"""Every file that programs read is as its published schema says, and the schemas can refuse."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from written import faults

from worker.compose import json_schema
from worker.delivery.delivery import FileDelivery
from worker.delivery.formats import EXTENSIONS, FORMATS
from worker.delivery.schemas import EVIDENCE, SELDOM, manifest_schema
from worker.identity import ModelIdentity, WorkerIdentity
from worker.problem import Problem
from worker.records import Outcome, Picture, PictureResult, Refused, Request, Try

DELIVERED = ("manifest", "sidecar", "error")
OUTCOMES = Outcome.__args__
RUNGS = ("first", "again", "decode_fp32", "stream_in_turn", "new_seed", "new_process")
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)
SEEDS = st.integers(0, 2**32 - 1)
METADATA = st.dictionaries(
    TEXT,
    st.recursive(TEXT, lambda part: st.lists(part, max_size=2) | st.dictionaries(TEXT, part, max_size=2), max_leaves=3),
    max_size=2,
)


@st.composite
def requests(draw) -> Request:
    image_format = draw(st.sampled_from([*FORMATS]))
    extension = EXTENSIONS[image_format]
    return Request(
        shot_id=draw(NAMES), index=draw(st.integers(1, 999)), file=f"{draw(NAMES)}_01.{extension}",
        prompt=draw(TEXT), negative_prompt=draw(TEXT), seed=draw(SEEDS), width_px=64, height_px=80,
        steps=draw(st.integers(1, 100)), guidance=draw(st.floats(0, 20) | st.integers(0, 20)), format=image_format,
        metadata=draw(METADATA), matrix=draw(st.dictionaries(NAMES, TEXT, max_size=2)),
        product=draw(st.dictionaries(NAMES, TEXT, max_size=2)),
    )  # fmt: skip


def tries_with(outcomes: st.SearchStrategy[str]) -> st.SearchStrategy[Try]:
    return st.builds(
        Try, rung=st.sampled_from(RUNGS), outcome=outcomes, seconds=st.floats(0, 1e6),
        peak_mib=st.none() | st.floats(0, 1e6), note=st.sampled_from(["", "mean 0.0 of 255"]), seed=st.none() | SEEDS,
    )  # fmt: skip


@st.composite
def results(draw) -> PictureResult:
    """Made at once, made after refusals (some with evidence), made with another seed, failed, cancelled."""
    request = draw(requests())
    tried = draw(st.lists(tries_with(st.sampled_from([one for one in OUTCOMES if one != "ok"])), max_size=3))
    refused = tuple(
        Refused(rung=one.rung, outcome=one.outcome, picture=Picture(width_px=64, height_px=80, rgb=bytes(64 * 80 * 3)))
        for one in tried
        if one.outcome != "oom" and draw(st.booleans())
    )
    if draw(st.booleans()):
        return PictureResult(
            request=request,
            picture=None,
            tries=tuple(tried),
            refused=refused,
            error=draw(TEXT),
            is_cancelled=draw(st.booleans()),
        )
    last = draw(tries_with(st.just("ok")))
    picture = Picture(width_px=64, height_px=80, rgb=bytes(range(256)) * 60)
    return PictureResult(request=request, picture=picture, tries=(*tried, last), refused=refused)


def written(folder) -> dict[str, list[dict[str, Any]]]:
    """The folder's JSON documents, by schema."""
    named = {name: json.loads(data) for name, data in folder.files.items() if name.endswith(".json")}
    manifest = [document for name, document in named.items() if name == "manifest.json"]
    return {"manifest": manifest, "sidecar": [one for name, one in named.items() if name != "manifest.json"]}


PROBLEMS = st.builds(
    Problem, file=st.text(), line=st.integers(0, 9), column=st.integers(0, 9), where=st.text(), message=st.text(),
    is_warning=st.booleans(), rule=st.sampled_from(["", "table.encoding"]), remedy=st.text(),
    count=st.integers(1, 10_000), examples=st.lists(st.text(min_size=1), max_size=3).map(tuple),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some=st.lists(results(), min_size=1, max_size=3, unique_by=lambda one: one.request.file.casefold()),
    warnings=st.lists(PROBLEMS, max_size=2),
)
def test_whatever_comes_of_a_job_its_manifest_and_sidecars_are_as_their_schemas_say(
    folder_of, samples, some, warnings
) -> None:
    files = written(folder_of(replace(samples.record, warnings=tuple(warnings))).add(*some).close())
    assert len(files["sidecar"]) == sum(one.picture is not None for one in some)
    for of, documents in files.items():
        for document in documents:
            assert not faults(of, document)


@given(name=st.text(min_size=1), reason=st.text(min_size=1), problems=st.lists(PROBLEMS, max_size=3))
@example(name="a\udcff", reason="Cancelled by a\udcff.", problems=[])
def test_whatever_is_wrong_with_a_job_its_error_json_is_as_its_schema_says(name, reason, problems) -> None:
    files = {file.name: file.data for file in FileDelivery().refusal(name, problems, reason=reason)}
    assert not faults("error", json.loads(files["error.json"]))


@pytest.fixture
def documents(folder_of, samples) -> dict[str, dict[str, Any]]:
    """One of each kind in which every key stands that may stand there."""
    folder = folder_of(replace(samples.record, warnings=(samples.warning,)))
    rich = {"height_px": 64, "matrix": {"angle": "front"}, "product": {"sku": "1"}, "metadata": {"a": {"b": ["c"]}}}
    folder.add(samples.retried(**rich), samples.failed(file="b.png", height_px=64)).close()
    bad = Problem(file="job.yaml", line=3, column=7, where="shots[0].size", message="17 is not a multiple of 16.")
    refusal = {
        file.name: file.data
        for file in folder.delivery.refusal("mugs", [bad, samples.warning], reason="No.", dropped_by="a")
    }
    files = written(folder)
    return {
        "manifest": files["manifest"][0],
        "sidecar": files["sidecar"][0],
        "error": json.loads(refusal["error.json"]),
    }


AUTHORS = ("metadata", "matrix", "product")
"""Mappings whose keys are the author's."""


def mappings(document: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a document has keys of ours."""
    if isinstance(document, dict) and (not path or path[-1] not in AUTHORS):
        yield path
        for key, value in document.items():
            if key not in AUTHORS:
                yield from mappings(value, (*path, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from mappings(value, (*path, number))


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


MAY_BE_MISSING = {*SELDOM, "note", "lessons", "evidence", "stages", "file_s"}
HEAD_MAY_LACK = {"proof_of", "approved_at", "peak_mib", "max_temperature_c"}
ERROR_MAY_LACK = {"dropped_by"}


@pytest.mark.parametrize("of", DELIVERED)
def test_a_key_more_or_less_is_refused_everywhere(documents, of) -> None:
    whole = documents[of]
    assert not faults(of, whole)
    for path in mappings(whole):
        more = copy.deepcopy(whole)
        at(more, path)["surprise"] = 1
        assert faults(of, more), path
        for key in at(whole, path):
            less = copy.deepcopy(whole)
            del at(less, path)[key]
            is_seldom = key in (ERROR_MAY_LACK if of == "error" else MAY_BE_MISSING) or (
                key == "seed" and path[-2:-1] == ("attempts",)
            )
            is_seldom |= (of, key) == ("error", "dropped_by") or (key in HEAD_MAY_LACK and not path)
            assert bool(faults(of, less)) != is_seldom, (path, key)


@pytest.mark.parametrize("of", DELIVERED)
def test_a_value_of_another_kind_is_refused_everywhere(documents, of) -> None:
    whole = documents[of]
    for path in mappings(whole):
        for key, value in at(whole, path).items():
            other = copy.deepcopy(whole)
            at(other, path)[key] = {"an": "object"} if not isinstance(value, dict) else "text"
            assert faults(of, other), (path, key)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "partial"},
        {"status": "cancelled"},
        {"status": "complete"},
        {"status": "ready"},
        {"schema": 1},
        {"submitted_at": "2026-07-01 20:59"},
        {"submitted_at": "2026-07-01T20:59:00+02:00"},
        {"finished_at": None},
        {"shots": []},
    ],
    ids=str,
)
def test_a_manifest_that_contradicts_itself_is_refused(folder, samples, change) -> None:
    folder.add(samples.failed(height_px=64)).close()
    document = written(folder)["manifest"][0]
    assert not faults("manifest", document)
    assert faults("manifest", document | change)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "failed"},
        {"sidecar": None},
        {"sha256": None},
        {"error": "It is black."},
        {"rung": None},
        {"attempts": []},
        {"seed": 2**32},
        {"width": 65},
        {"guidance": -1},
        {"format": "gif"},
        {"file": "../a.png"},
        {"matrix": {}},
        {"metadata": {"campaign": 7}},
    ],
    ids=str,
)
def test_a_picture_s_entry_that_contradicts_itself_is_refused(documents, change) -> None:
    manifest, sidecar = documents["manifest"], documents["sidecar"]
    assert faults("sidecar", sidecar | change)
    first, *others = manifest["shots"]
    assert faults("manifest", manifest | {"shots": [first | change, *others]})


@pytest.mark.parametrize("of", ["job", "settings", "manifest", "sidecar", "error", "status", "worker"])
def test_every_schema_is_one_itself(of) -> None:
    Draft202012Validator.check_schema(json_schema(of))


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every key that a schema declares; conditions (`if`, `then`, ...) declare none."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            yield from schema["properties"].items()
        for key, part in schema.items():
            if key not in ("if", "then", "else", "allOf"):
                yield from properties(part)


@pytest.mark.parametrize("of", [*DELIVERED, "status", "worker"])
def test_every_key_says_what_it_means(of) -> None:
    made = json_schema(of)
    for key, schema in properties(made):
        known = made["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        assert schema.get("description") or known.get("description"), key


@pytest.mark.parametrize("of", DELIVERED)
def test_every_key_of_a_schema_is_written_in_the_order_of_the_schema(documents, of) -> None:
    """No key is declared that the program never writes; the order is no promise, but helps who reads both."""
    made, document = json_schema(of), documents[of]
    assert list(document) == list(made["properties"])
    if of == "manifest":
        parts = {"shot": document["shots"][0], "try": document["shots"][0]["attempts"][0]}
        parts |= {name: document[name] for name in ("worker", "model")}
        for name, part in parts.items():
            declared = made["$defs"][name]["properties"]
            assert list(part) == [key for key in declared if key in part], name
        tried = {key for one_try in document["shots"][0]["attempts"] for key in one_try}
        assert tried == set(made["$defs"]["try"]["properties"])
        assert set(parts["shot"]) == set(made["$defs"]["shot"]["properties"])


def test_worker_and_model_have_the_keys_of_their_records() -> None:
    parts = manifest_schema()["$defs"]
    assert list(parts["worker"]["properties"]) == [one.name for one in fields(WorkerIdentity)]
    assert list(parts["model"]["properties"]) == [one.name for one in fields(ModelIdentity)]


def test_evidence_in_a_schema_is_named_as_delivery_names_it(folder, samples) -> None:
    folder.add(samples.retried())
    names = [name for name in folder.files if name.startswith("rejected/")]
    validator = Draft202012Validator({"type": "string", "pattern": EVIDENCE})
    assert len(names) == 2
    assert all(validator.is_valid(name) for name in names)
    assert not validator.is_valid("rejected/../a.1-first-black.png")
