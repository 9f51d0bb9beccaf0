"""manifest.json is what the contract says, checked against a schema of its own."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from io import BytesIO

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from worker.delivery.formats import FORMATS
from worker.delivery.sidecar import json_bytes
from worker.disk.json_records import read_head
from worker.manifest_records import status_of
from worker.records import Try
from worker.stage_times import StageSeconds

TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
COUNT = {"type": "integer", "minimum": 1}
NUMBER = {"type": "integer", "minimum": 0}


def exactly(optional=(), **properties):
    """An object with these keys and no others."""
    required = [key for key in properties if key not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


SECONDS = {"type": "number", "minimum": 0}
STAGES = exactly(encode_s=SECONDS, denoise_s=SECONDS, decode_s=SECONDS)
MEASURED = {"type": ["number", "null"], "minimum": 0}
ATTEMPT = exactly(
    ("note", "seed", "lessons", "evidence", "stages"),
    stages=STAGES,
    note={"type": "string", "minLength": 1},
    seed={"type": "integer"},
    lessons={"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    evidence={"type": "string", "pattern": "^rejected/[^/]+[.][0-9]+-[a-z0-9_]+-[a-z_]+[.]png$"},
    rung=TEXT,
    outcome={"enum": ["ok", "oom", "black", "white", "flat", "not_finite", "wrong_size", "error"]},
    seconds={"type": "number", "minimum": 0},
    peak_mib={"type": ["number", "null"]},
)
SHORT = StageSeconds(encode_s=0.5, denoise_s=1.0)
LAST = Try(
    rung="first", outcome="ok", seconds=2.5, stages=StageSeconds(encode_s=0.0, denoise_s=2.0, decode_s=0.5),
)  # fmt: skip
HEAD = ("pictures", "made", "failed", "cancelled", "retried", "warnings_count", "dropped_by", "proof_of", "approved_at")
SHOT = exactly(
    ("matrix", "product", "asked_seed", "file_s"),
    file_s=SECONDS, id=TEXT, index=COUNT, file=TEXT, sidecar=TEXT_OR_NULL, sha256={"anyOf": [HASH, {"type": "null"}]},
    width=COUNT, height=COUNT, prompt=TEXT, negative_prompt=TEXT,
    seed={"type": "integer", "minimum": 0, "maximum": 2**32 - 1}, steps=COUNT, guidance={"type": "number"},
    format={"enum": list(FORMATS)}, metadata={"type": "object"},
    matrix={"type": "object", "minProperties": 1}, product={"type": "object", "minProperties": 1},
    asked_seed={"type": "integer"}, rung=TEXT_OR_NULL,
    status={"enum": ["ok", "failed", "cancelled"]}, error=TEXT_OR_NULL, attempts={"type": "array", "items": ATTEMPT},
)  # fmt: skip
MANIFEST = exactly(
    schema={"const": 2}, job=TEXT, name=TEXT, status={"enum": ["complete", "partial", "failed", "cancelled", "proof"]},
    pictures=COUNT, made=NUMBER, failed=NUMBER, cancelled=NUMBER, retried=NUMBER, warnings_count=NUMBER,
    dropped_by=TEXT_OR_NULL, peak_mib=MEASURED, max_temperature_c=MEASURED, file_s=MEASURED,
    stages={"anyOf": [STAGES, {"type": "null"}]},
    proof_of={"anyOf": [COUNT, {"type": "null"}]}, approved_at=TEXT_OR_NULL,
    submitted_at=TEXT, started_at=TEXT, title={"type": "string", "minLength": 1},
    finished_at=TEXT_OR_NULL,
    worker=exactly(id=TEXT, host=TEXT, version=TEXT, torch=TEXT, diffusers=TEXT, gpu=TEXT_OR_NULL),
    model=exactly(
        id=TEXT, kind={"enum": ["turbo", "distilled", "de-turbo", "base", "demo"]}, sha256=HASH,
        demo={"type": "boolean"},
    ),
    warnings={"type": "array", "items": exactly(
        file=TEXT, line={"type": "integer"}, column={"type": "integer"}, where=TEXT, rule=TEXT, message=TEXT,
        remedy=TEXT, count=COUNT, examples={"type": "array", "items": TEXT},
    )},
    shots={"type": "array", "items": SHOT},
)  # fmt: skip


@pytest.mark.parametrize(
    ("made", "failed", "cancelled", "status"),
    [
        (2, 0, 0, "complete"),
        (1, 1, 0, "partial"),
        (0, 2, 0, "failed"),
        (1, 0, 1, "cancelled"),
        (1, 1, 1, "cancelled"),
        (0, 1, 1, "cancelled"),
        (0, 0, 2, "cancelled"),
    ],
)
def test_a_manifest_follows_the_contract_and_says_how_the_job_ended(folder, samples, made, failed, cancelled, status):
    folder.add(*[samples.made(file=f"m{n}.png", product={"sku": "1"}, matrix={"a": "b"}) for n in range(made)])
    folder.add(*[samples.failed(file=f"f{n}.png") for n in range(failed)])
    folder.add(*[samples.cancelled(file=f"c{n}.png") for n in range(cancelled)]).close()
    document = json.loads(folder.files["manifest.json"])
    Draft202012Validator(MANIFEST).validate(document)
    assert document["status"] == status_of(folder.entries) == status
    assert [document[key] for key in ("pictures", "made", "failed", "cancelled")] == [
        made + failed + cancelled,
        made,
        failed,
        cancelled,
    ]
    assert [shot["file"] for shot in document["shots"]] == [entry.request.file for entry in folder.entries]


def test_what_is_said_of_a_job_as_a_whole_stands_at_the_head_whatever_its_title_is(folder_of, samples, tmp_path):
    long = replace(samples.record, title="long " * 20_000, dropped_by="STUDIO\\\\li", warnings=(samples.warning,))
    folder = folder_of(long)
    folder.add(samples.made(), samples.retried(file="again.png"), samples.cancelled()).close()
    (tmp_path / "manifest.json").write_bytes(folder.files["manifest.json"])
    head = read_head(tmp_path / "manifest.json")
    assert {key: head[key] for key in ("schema", "status", *HEAD)} == {
        "schema": 2, "status": "cancelled", "pictures": 3, "made": 2, "failed": 0, "cancelled": 1, "retried": 1,
        "warnings_count": 1, "dropped_by": "STUDIO\\\\li", "proof_of": None, "approved_at": None,
    }  # fmt: skip


def test_what_the_pictures_cost_is_added_up_at_the_head_and_stands_with_each(folder_of, samples):
    folder = folder_of(replace(samples.record, max_temperature_c=71.0))
    tries = (Try(rung="first", outcome="oom", seconds=1.0, peak_mib=900.0, stages=SHORT), replace(LAST, peak_mib=700.0))
    folder.add(replace(samples.made(), tries=tries), replace(samples.made(file="b.png"), tries=(LAST,))).close()
    document = json.loads(folder.files["manifest.json"])
    assert document["stages"] == {"encode_s": 0.5, "denoise_s": 5.0, "decode_s": 1.0}
    assert (document["peak_mib"], document["max_temperature_c"], document["file_s"]) == (900.0, 71.0, 1.0)
    assert document["shots"][1]["attempts"][0]["stages"] == asdict(LAST.stages)
    assert document["shots"][1]["file_s"] == 0.5
    assert json.loads(folder.files["b.json"])["attempts"][0]["stages"]["decode_s"] == 0.5


def test_what_was_not_measured_is_null_and_what_an_older_worker_made_is_taken_over(folder, samples):
    folder.add(samples.cancelled()).close()
    document = json.loads(folder.files["manifest.json"])
    unknown = dict.fromkeys(("stages", "file_s", "peak_mib", "max_temperature_c"))
    assert {key: document[key] for key in unknown} == unknown
    folder.add(samples.made())
    older = json.loads(folder.files[samples.request().sidecar])
    assert "stages" not in older["attempts"][0]
    request, picture = samples.request(), folder.files[samples.request().file]
    kept = folder.delivery.reuse(request, record=folder.record, sidecar=json.dumps(older).encode(), picture=picture)
    assert kept is not None
    assert (kept.file_s, kept.tries[0].stages) == (None, None)


def test_stages_of_a_picture_that_is_taken_over_are_kept_unless_they_are_no_numbers(folder, samples):
    folder.add(replace(samples.made(), tries=(LAST,)))
    sidecar, picture = json.loads(folder.files[samples.request().sidecar]), folder.files[samples.request().file]

    def reused():
        data = json.dumps(sidecar).encode()
        return folder.delivery.reuse(samples.request(), record=folder.record, sidecar=data, picture=picture)

    assert reused().tries == (LAST,)
    for odd in (float("nan"), float("inf"), "1", [1.0], {"a": 1}):
        sidecar["attempts"][0]["stages"]["decode_s"] = odd
        assert reused() is None, odd


def test_the_title_is_kept_as_it_was_written_and_shown_on_the_page(folder, samples):
    folder.record = replace(folder.record, title="2026秋冬/陶瓷<系列>")
    folder.add(samples.made(file="a.png")).close()
    document = json.loads(folder.files["manifest.json"])
    assert (document["name"], document["title"]) == (folder.record.name, "2026秋冬/陶瓷<系列>")
    assert "2026秋冬/陶瓷&lt;系列&gt;" in folder.files["index.html"].decode()


@pytest.mark.parametrize("fails", [False, True])
def test_the_warnings_of_a_job_are_in_its_manifest_however_it_ended(folder_of, samples, fails):
    folder = folder_of(replace(samples.record, warnings=(samples.warning,)))
    folder.add(samples.failed() if fails else samples.made()).close()
    document = json.loads(folder.files["manifest.json"])
    Draft202012Validator(MANIFEST).validate(document)
    assert document["status"] == ("failed" if fails else "complete")
    assert document["warnings"] == [
        {
            "file": "mugs/products.csv",
            "line": 3,
            "column": 1,
            "where": "title",
            "rule": "table.spoilt_cell",
            "message": "`#N/A` is no title.",
            "remedy": "Write the title.",
            "count": 900,
            "examples": ["line 3", "line 4", "line 7"],
        }
    ]


def test_a_failed_shot_has_no_sidecar_and_no_hash(folder, samples):
    folder.add(samples.made(file="ok.png"), samples.failed()).close()
    shot = json.loads(folder.files["manifest.json"])["shots"][1]
    assert (shot["sidecar"], shot["sha256"], shot["error"]) == (None, None, "Every try was black. Try another seed.")
    assert [one_try["outcome"] for one_try in shot["attempts"]] == ["black", "oom"]
    assert shot["rung"] is None


def test_the_manifest_names_the_rung_and_the_seed_that_made_each_picture(folder, samples):
    folder.add(samples.made(file="a.png"), samples.retried(file="b.png")).close()
    document = json.loads(folder.files["manifest.json"])
    Draft202012Validator(MANIFEST).validate(document)
    first, second = document["shots"]
    assert (first["rung"], first["seed"], "asked_seed" in first) == ("first", 7, False)
    assert (second["rung"], second["seed"], second["asked_seed"]) == ("new_seed", 99, 7)
    assert [one_try.get("seed") for one_try in second["attempts"]] == [None, None, None, 99]
    with Image.open(BytesIO(folder.files["b.png"])) as image:
        assert "Seed: 99" in image.text["parameters"]
    assert folder.files["results.csv"].decode("utf-8-sig").splitlines()[2].split(",")[5] == "99"


def test_evidence_of_a_shot_that_succeeded_later_is_kept_and_listed_with_its_attempt(folder, samples):
    folder.add(samples.retried()).close()
    names = ["rejected/MUG-01_01.1-first-black.png", "rejected/MUG-01_01.3-decode_fp32-flat.png"]
    shot = json.loads(folder.files["manifest.json"])["shots"][0]
    assert [one_try.get("evidence") for one_try in shot["attempts"]] == [names[0], None, names[1], None]
    assert [one_try.get("note") for one_try in shot["attempts"]] == ["mean 0.0 of 255", None, None, None]
    for name, level in zip(names, (0, 128), strict=True):
        with Image.open(BytesIO(folder.files[name])) as image:
            assert image.getpixel((0, 0)) == (level,) * 3


def test_evidence_finds_its_attempt_behind_a_crash_of_the_renderer(folder, samples):
    retried = samples.retried()
    crashed = replace(retried, tries=(samples.attempt("first", "error"), *retried.tries))
    folder.add(crashed)
    assert "rejected/MUG-01_01.2-first-black.png" in folder.files
    assert folder.entries[0].tries[0].evidence is None


def test_a_resumed_job_began_with_its_oldest_picture_s_run(folder, folder_of, samples):
    folder.add(samples.made())
    later = replace(samples.record, started_at="2026-07-01T21:10:00Z")
    entry = folder.delivery.reuse(
        samples.request(), record=later, sidecar=folder.files["MUG-01_01.json"], picture=folder.files["MUG-01_01.png"]
    )
    resumed = folder_of(later)
    resumed.files = dict(folder.files)
    resumed.entries = [entry]
    resumed.add(samples.made(file="b.png")).close()
    assert json.loads(resumed.files["manifest.json"])["started_at"] == "2026-07-01T21:00:00Z"
    assert json.loads(resumed.files["b.json"])["started_at"] == "2026-07-01T21:10:00Z"
    page = resumed.files["index.html"].decode()
    assert "start to end, 2 runs" in page
    assert "12 min 5 s" in page


def test_the_manifest_is_written_last_and_everything_is_repeatable(folder, samples):
    folder.add(samples.made(file="ok.png"), samples.failed())
    first, second = (folder.close().files.copy() for _ in "12")
    assert [*first][-3:] == ["results.csv", "index.html", "manifest.json"]
    assert first == second


def test_a_picture_made_before_a_restart_is_shrunk_from_its_file(folder, folder_of, samples):
    folder.add(samples.made(file="a.png"), samples.made(file="b.png", seed=8)).close()
    resumed = folder_of()
    resumed.files, resumed.entries = dict(folder.files), folder.entries
    asked = []
    resumed.read = lambda name: asked.append(name) or folder.read(name)
    assert resumed.close().files == folder.files
    assert asked == ["a.png", "b.png"]


def test_the_manifest_is_one_document_however_it_is_written(folder, samples):
    folder.add(samples.made(file="a.png", prompt='two\nlines, "shots": [] and ]'), samples.failed()).close()
    data = folder.files["manifest.json"]
    assert data == json_bytes(json.loads(data))


def test_a_picture_comes_before_its_sidecar_and_a_failure_brings_its_evidence(folder, samples):
    _, files = folder.delivery.picture(samples.made(), record=samples.record)
    assert [file.name for file in files] == ["MUG-01_01.png", "MUG-01_01.json"]
    _, files = folder.delivery.picture(samples.retried(), record=samples.record)
    assert [file.name for file in files][-2:] == ["MUG-01_01.png", "MUG-01_01.json"]
    _, evidence = folder.delivery.picture(samples.failed(), record=samples.record)
    assert [file.name for file in evidence] == ["rejected/MUG-01_01.1-first-black.png"]
