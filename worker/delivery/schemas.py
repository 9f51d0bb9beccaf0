"""JSON Schemas (2020-12) of the files that programs read: manifest.json, the sidecar beside a picture, error.json.

Every key stands there with its meaning, unit and allowed values. The files are written elsewhere in this room; tests
hold every file the program writes to these schemas, which allow no key more and no key less.
"""

from __future__ import annotations

from typing import get_args

from worker.delivery import manifest, refusal
from worker.delivery.cost_schemas import FILE_S, job_costs, stages
from worker.delivery.formats import FORMATS
from worker.delivery.problem_entry import problem_schema
from worker.delivery.schema_kinds import (
    Schema,
    head,
    mapping,
    moment,
    number,
    one_of,
    seed,
    sha256,
    text,
    texts,
    version,
    whole,
)
from worker.identity import ModelKind
from worker.manifest_records import JobStatus, NotDone, PictureStatus
from worker.records import Outcome

FILE = "^[^/]+[.](png|jpg|webp)$"
EVIDENCE = "^rejected/[^/]+[.][0-9]+-[a-z0-9_]+-[a-z_]+[.]png$"


def manifest_schema() -> Schema:
    """Of `manifest.json`."""
    shots = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/shot"}}
    warnings = {"type": "array", "items": {"$ref": "#/$defs/problem"}}
    job = mapping(
        "A finished job for programs.",
        {
            "schema": version(manifest.SCHEMA),
            "job": text("Unique id of the job, given when it was first claimed.", minLength=1),
            "name": text("Name of the job; its folder has it too, with .2, .3, ... where it was taken.", minLength=1),
            "status": one_of(
                JobStatus,
                "complete: every picture; partial: some; failed: none; cancelled: by a person, before all were made;"
                " proof: a proof, and the job waits for a person's approval.",
            ),
            "submitted_at": moment("When the job's file was last changed before a worker took it."),
            "started_at": moment("When the first run began of which a picture is left."),
            "finished_at": moment("When the last picture was settled."),
            "pictures": whole("How many the job asks for.", 1),
            "made": whole("How many of them there are.", 0),
            "failed": whole("How many could not be made.", 0),
            "cancelled": whole("How many were not made, as a person cancelled the job.", 0),
            "retried": whole("How many were made, but not by their first try.", 0),
            "warnings_count": whole("How many warnings there are.", 0),
            "dropped_by": text(
                "Who dropped the job: the file's owner; null where the file system does not tell.", also_null=True
            ),
            "proof_of": {
                "type": ["integer", "null"],
                "minimum": 1,
                "description": "Of a proof: how many pictures the whole job asks for; null of any other job.",
            },
            "approved_at": text(
                "When a person approved the job's proof; null of a job without one. ISO 8601, UTC.", also_null=True
            ),
            **job_costs(),
            "title": text("Of the job, as its author wrote it, in any script; else its name.", minLength=1),
            "worker": {"$ref": "#/$defs/worker"},
            "model": {"$ref": "#/$defs/model"},
            "warnings": {**warnings, "description": "What may not be meant in the job, one for each cause."},
            "shots": {**shots, "description": "One entry per picture the job asks for, in the job's order."},
        },
        ("proof_of", "approved_at", *job_costs()),  # an older worker does not write them
    )
    return {
        **head("manifest.json, schema 2"),
        **job,
        "allOf": _ends(),
        "$defs": {"shot": _shot(), "problem": problem_schema(), **_parts()},
    }


def sidecar_schema() -> Schema:
    """Of the JSON file beside a picture."""
    origin = {
        "job": text("Unique id of the job the picture was made for.", minLength=1),
        "started_at": moment("When the run that made the picture began work on the job."),
        "worker": {"$ref": "#/$defs/worker"},
        "model": {"$ref": "#/$defs/model"},
    }
    shot = mapping("A picture: its entry in manifest.json and where it comes from.", {**_shot_keys(), **origin}, SELDOM)
    return {**head("sidecar of a picture"), **shot, "allOf": [MADE], "$defs": _parts()}


def error_schema() -> Schema:
    """Of `error.json` in `failed/NAME/`."""
    listed = {"type": "array", "items": problem_schema()}
    error = mapping(
        "Why a job was not done.",
        {
            "schema": version(refusal.SCHEMA),
            "name": text("Name of the job.", minLength=1),
            "status": one_of(NotDone, "failed: it could not be done; cancelled: by a person."),
            "reason": text("Why, in a sentence or two, for a person.", minLength=1),
            "dropped_by": text(
                "Who dropped the job: the file's owner; null where the file system does not tell.", also_null=True
            ),
            "problems": {**listed, "description": "Every error found; none where the job was readable."},
            "warnings": {**listed, "description": "What may not be meant; they alone refuse no job."},
        },
        seldom=("dropped_by",),  # an older worker does not write it
    )
    return {**head("error.json, schema 1"), **error}


SELDOM = ("matrix", "product", "asked_seed")
"""Keys of an entry that stand there only where they say something."""

MADE: Schema = {
    "properties": {
        "status": {"const": "ok"},
        "sidecar": {"type": "string"},
        "sha256": {"type": "string"},
        "error": {"type": "null"},
        "rung": {"type": "string"},
        "attempts": {"minItems": 1},
    }
}
"""What an entry is whose picture is there."""

NOT_MADE: Schema = {
    "properties": {
        "sidecar": {"type": "null"},
        "sha256": {"type": "null"},
        "error": {"type": "string"},
        "rung": {"type": "null"},
        "asked_seed": False,
    }
}
"""What an entry is whose picture is not."""


def _shot() -> Schema:
    made = {"if": {"properties": {"status": {"const": "ok"}}}, "then": MADE, "else": NOT_MADE}
    # of the manifest alone: when the sidecar is written, its own writing is not over
    files = {"file_s": number(f"{FILE_S} In seconds; of a picture that the last run made.")}
    return {**mapping("One picture, or why there is none.", {**_shot_keys(), **files}, (*SELDOM, *files)), **made}


def _shot_keys() -> dict[str, Schema]:
    return {
        "id": text("Id of the shot; several pictures have it where a matrix or count asks for them."),
        "index": whole("Counted from 1 within its shot and combination of matrix values.", 1),
        "file": text("Name of the picture's file in the job's folder.", pattern=FILE),
        "sidecar": text("Name of the sidecar beside it; null where there is no picture.", also_null=True),
        "sha256": sha256("Of the picture's file; null where there is no picture.", also_null=True),
        **_asked(),
        "asked_seed": seed("The seed the job asked for, where a rung took another."),
        "metadata": {
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/written"},
            "description": "The job's metadata with the shot's added, text exactly as written.",
        },
        "matrix": texts("The matrix values of this picture, where the job has a matrix."),
        "product": texts("The row of the products file, by column, where the job has one."),
        "status": one_of(
            PictureStatus,
            "ok: the picture is there and was accepted; failed: it could not be made; cancelled: nobody wants it.",
        ),
        "error": text("Why there is no picture, for a person; null where there is one.", also_null=True),
        "rung": text(
            "Rung of the retry ladder that made the picture; first: the undisturbed try.", also_null=True, minLength=1
        ),
        "attempts": {
            "type": "array",
            "items": {"$ref": "#/$defs/try"},
            "description": "Every try, in order; none where the job was cancelled before.",
        },
    }


def _asked() -> dict[str, Schema]:
    """What decides a picture's bytes."""
    side = {"type": "integer", "minimum": 64, "multipleOf": 16}
    return {
        "width": {**side, "description": "Width of the picture, in pixels."},
        "height": {**side, "description": "Height of the picture, in pixels."},
        "prompt": text("The whole prompt, placeholders filled."),
        "negative_prompt": text("The whole negative prompt; empty for none."),
        "seed": seed("The seed that made the picture; of one that is not there, the seed the job asked for."),
        "steps": whole("Inference steps.", 1),
        "guidance": {**number("ZImagePipeline's guidance scale; 0 is off."), "maximum": 20},
        "format": {"enum": list(FORMATS), "description": "Format of the picture's file."},
    }


def _try() -> Schema:
    return mapping(
        "One try at a picture.",
        {
            "rung": text("Rung of the retry ladder; first: the undisturbed try.", minLength=1),
            "outcome": one_of(Outcome, "ok: accepted; oom: out of memory; else why it was refused."),
            "seconds": number("Its share of the time, in seconds."),
            "peak_mib": number("Peak of the card's allocator, in MiB; null on the CPU.", also_null=True),
            "note": text("What a person should know of it.", minLength=1),
            "seed": seed("The seed of this try, where the rung took another than the job's."),
            "lessons": {
                "type": "array",
                "items": text("Name of a rung.", minLength=1),
                "minItems": 1,
                "description": "Rungs kept from earlier pictures, with which this one began; of a first try only.",
            },
            "evidence": text("Where the refused picture lies, relative to the job's folder.", pattern=EVIDENCE),
            "stages": stages("What was done for a batch is divided by its pictures."),
        },
        ("note", "seed", "lessons", "evidence", "stages"),
    )


def _worker() -> Schema:
    return mapping(
        "Who made it.",
        {
            "id": text("Setting worker_id.", minLength=1),
            "host": text("Name of the machine."),
            "version": text("Of zimage-worker."),
            "torch": text("Version of PyTorch."),
            "diffusers": text("Version of diffusers."),
            "gpu": text("The card's name; null on the CPU.", also_null=True),
        },
    )


def _model() -> Schema:
    return mapping(
        "The weights that made it.",
        {
            "id": text("Name of the model's folder, or zimage-worker-demo."),
            "kind": one_of(ModelKind, "What its defaults are those of."),
            "sha256": sha256(
                "Over the sorted lines `PATH SHA256` of every file that the pipeline loads; then, where the shift is "
                "another than the scheduler's file says, a line `shift VALUE`."
            ),
            "demo": {"type": "boolean", "description": "Whether it is the embedded toy model."},
        },
    )


def _parts() -> dict[str, Schema]:
    """What the schemas refer to."""
    value = {"$ref": "#/$defs/written"}
    return {
        "try": _try(),
        "worker": _worker(),
        "model": _model(),
        "written": {
            "type": ["string", "array", "object"],
            "description": "What an author wrote: a text, or a list or mapping of them.",
            "items": value,
            "additionalProperties": value,
        },
    }


def _ends() -> list[Schema]:
    """How a job's status follows from its pictures."""
    some = {
        status: {"properties": {"shots": {"contains": {"properties": {"status": {"const": status}}}}}}
        for status in get_args(PictureStatus)
    }
    none = {status: {"not": part} for status, part in some.items()}
    ends = {
        "complete": [none["failed"], none["cancelled"]],
        "partial": [some["ok"], some["failed"], none["cancelled"]],
        "failed": [none["ok"], none["cancelled"]],
        "cancelled": [some["cancelled"]],
        "proof": [some["ok"], none["cancelled"]],
    }
    return [
        {"if": {"properties": {"status": {"const": status}}}, "then": {"allOf": parts}}
        for status, parts in ends.items()
    ]
