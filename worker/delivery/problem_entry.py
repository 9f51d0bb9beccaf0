"""A problem as programs read it, in manifest.json and error.json."""

from __future__ import annotations

from worker.delivery.schema_kinds import Schema, mapping, text, whole
from worker.problem import Problem


def problem_entry(problem: Problem) -> dict[str, object]:
    """The keys of `problem_schema`."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "where": problem.where,
        "rule": problem.rule,
        "message": problem.message,
        "remedy": problem.remedy,
        "count": problem.count,
        "examples": list(problem.examples),
    }


def problem_schema() -> Schema:
    """Of one entry of `problems` or `warnings`."""
    examples = {"type": "array", "maxItems": 3, "items": text("A place or value.", minLength=1)}
    return mapping(
        "One thing wrong with the job; or, as a warning, that may not be meant.",
        {
            "file": text("File of the job it is in."),
            "line": whole("Counted from 1; 0 where the problem is of the file as a whole.", 0),
            "column": whole("In characters, counted from 1; 0 where the problem is of the file as a whole.", 0),
            "where": text("Path inside the file, such as shots[1].size; empty for the whole file."),
            "rule": text("Name of the rule, such as prompt.too_long; every warning has one, empty for most errors."),
            "message": text("What is wrong and what is allowed, for a person."),
            "remedy": text("What to do, for a person; empty where the message says it."),
            "count": whole("How many places have it; the first of them is the place.", 1),
            "examples": {**examples, "description": "The first three of those places or values; none of a single one."},
        },
    )
