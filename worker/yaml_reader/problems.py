"""From a pydantic model's complaints to problems with positions, every one at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from worker.problem import Problem, errors_in, warnings_in
from worker.translation import Text, enumerated, gettext
from worker.yaml_reader.document import Document, Fault, Path, clipped
from worker.yaml_reader.grouping import grouped, grouped_if_many

Context = Mapping[str, Any]
"""What pydantic adds to a complaint: limits, the error a validator raised."""

MAX_PROBLEMS = 100
"""How many problems are told at once; a file with more was made by a program."""


def collect(document: Document, faults: Iterable[Fault] = (), *, others: Iterable[Problem] = ()) -> list[Problem]:
    """All problems of a document, once each, in the order of the file: errors, then warnings, one for each cause.

    Args:
        document: gives positions and the problems found while reading.
        faults: found later; one at (or below) a path that YAML already complained about says nothing new.
        others: problems of other files, told after the document's.
    """
    told = {problem.where for problem in errors_in(document.problems)}
    news = [problem for problem in map(document.problem, faults) if not _is_told(problem.where, told)]
    if document.raw_lines:  # what YAML made of a broken text says nothing of the whole, nor of the broken lines
        news = [problem for problem in news if problem.where and problem.line not in document.raw_lines]
    found = sorted({*document.problems, *news}, key=lambda problem: (problem.line, problem.column, problem.message))
    found += others
    return most_of([*grouped_if_many(errors_in(found)), *grouped(warnings_in(found))], file=document.file)


def most_of(problems: list[Problem], *, file: str) -> list[Problem]:
    """No more problems than a person reads; of more, the first, and that there are others.

    Args:
        problems: errors first.
        file: of the document.
    """
    if len(problems) <= MAX_PROBLEMS:
        return problems
    rest = Problem(
        file=file,
        line=0,
        column=0,
        where="",
        message=gettext("There are more problems."),
        is_warning=problems[MAX_PROBLEMS].is_warning,
        rule="job.more_problems",
        remedy=gettext("Mend these first."),
    )
    return [*problems[:MAX_PROBLEMS], rest]


def _is_told(place: str, told: set[str]) -> bool:
    parents = {place, *(place[:at] for at, character in enumerate(place) if character in ".[")}
    return not parents.isdisjoint(told)


def model_faults(error: ValidationError, data: Mapping[str, object], *, model: type[BaseModel]) -> list[Fault]:
    """Each complaint of pydantic as a fault.

    Args:
        error: what `model_validate` raised.
        data: what it was given; tells the parts of pydantic's location that are keys from those that are not.
        model: the model that was asked.
    """
    found = error.errors(include_url=False)[: MAX_PROBLEMS + 1]
    faults = [_fault(details, data, model=model) for details in found]
    meant = {_meant_path(fault.path, model) for fault, details in zip(faults, found, strict=True) if _is_stray(details)}
    is_missing = (details["type"] == "missing" for details in found)
    return [fault for fault, missing in zip(faults, is_missing, strict=True) if not (missing and fault.path in meant)]


def nearest_key(key: str, model: type[BaseModel]) -> str | None:
    """The key of the model that was meant by one it does not have, or None.

    Args:
        key: as written.
        model: has the keys that could have been meant, and may have `synonyms`.
    """
    names = [field.alias or name for name, field in model.model_fields.items()]
    chinese: Mapping[str, str] = getattr(model, "chinese", {})
    nearest = _nearest(key, names if key.isascii() else chinese, synonyms=getattr(model, "synonyms", None))
    return chinese.get(nearest, nearest) if nearest else None


def did_you_mean(word: str, allowed: Iterable[str], *, synonyms: Mapping[str, str] | None = None) -> str:
    """` Did you mean ...?` with the nearest allowed word, or nothing.

    Args:
        word: as written.
        allowed: what could have been meant.
        synonyms: words of other tools, with ours.
    """
    nearest = _nearest(word, allowed, synonyms=synonyms)
    return gettext(" Did you mean `{word}`?", word=nearest) if nearest else ""


def _nearest(word: str, allowed: Iterable[str], *, synonyms: Mapping[str, str] | None) -> str | None:
    word = word[:40].casefold().replace("-", "_").replace(" ", "_")
    return (synonyms or {}).get(word) or next(iter(difflib.get_close_matches(word, list(allowed), n=1)), None)


def one_of(words: Sequence[str]) -> str:
    """`a, b or c`."""
    if len(words) < 2:
        return "".join(words)
    return gettext("{words} or {last}", words=enumerated(words[:-1]), last=words[-1])


def _fault(details: ErrorDetails, data: Mapping[str, object], *, model: type[BaseModel]) -> Fault:
    path = _path(details, data)
    message = _message(details)
    if _is_stray(details):
        message = _unknown_key(str(path[-1]), _model_at(model, path[:-1]))
    return Fault(path=path, message=message, at_key=_is_stray(details) or details["loc"][-1:] == ("[key]",))


def _is_stray(details: ErrorDetails) -> bool:
    """Whether the complaint is about a key that the model does not have."""
    return details["type"] == "extra_forbidden"


def _meant_path(path: Path, model: type[BaseModel]) -> Path:
    """Where the key that was meant by a stray one would stand; the stray one's own path when there is no telling."""
    return (*path[:-1], nearest_key(str(path[-1]), _model_at(model, path[:-1])) or path[-1])


def _path(details: ErrorDetails, data: Mapping[str, object]) -> Path:
    """Pydantic's location without the names of union branches and the like."""
    path: list[str | int] = []
    here: Any = data
    for part in details["loc"]:
        if (isinstance(here, dict) and part in here) or (isinstance(here, list) and isinstance(part, int)):
            path.append(part)
            here = here[part]  # type: ignore[index]
    if details["type"] == "missing":
        path.append(details["loc"][-1])
    return tuple(path)


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _unknown_key(key: str, model: type[BaseModel]) -> Text:
    hint = getattr(model, "elsewhere", {}).get(key)
    if hint:
        return gettext("This key does not belong here. {hint}", hint=hint)
    names = [field.alias or name for name, field in model.model_fields.items()]
    chinese: Mapping[str, str] = getattr(model, "chinese", {})
    guess = did_you_mean(key, names if key.isascii() else chinese, synonyms=getattr(model, "synonyms", None))
    if chinese and not key.isascii():
        first_words: dict[str, str] = {}
        for word, meant in chinese.items():
            first_words.setdefault(meant, word)
        names = [first_words[name] for name in names if name in first_words]
    return gettext(
        "There is no key `{key}`.{guess} Allowed are {names}.", key=clipped(key), guess=guess, names=one_of(names)
    )


def _message(details: ErrorDetails) -> Text:
    given = details["input"]
    shown = gettext("`{text}`", text=clipped(given)) if isinstance(given, str) else _kind_of(given)
    if form := _MESSAGES.get(details["type"]):
        return form(shown, details.get("ctx", {}))
    reason = f"{details['msg'][0].lower()}{details['msg'][1:]}"
    return gettext("{shown} is not allowed: {reason}.", shown=shown, reason=reason)


def _own(_: Text, context: Context) -> Text:
    """The text that one of our validators raised."""
    error = context["error"]
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Text) else gettext("{error}", error=error)


def _not_a_text(shown: Text, _: Context) -> Text:
    return gettext(
        "{shown} stands here; one text is allowed. If it is a text with brackets, put it in quotes.", shown=shown
    )


def _not_a_mapping(shown: Text, _: Context) -> Text:
    return gettext("{shown} stands here; allowed are keys with values, such as `key: value`.", shown=shown)


def _not_a_list(shown: Text, _: Context) -> Text:
    return gettext("{shown} stands here; allowed is a list: [one, two], or lines beginning with `- `.", shown=shown)


def _not_a_literal(shown: Text, context: Context) -> Text:
    words = re.findall("'([^']*)'", context["expected"])
    allowed = one_of([f"`{word}`" for word in words])
    return gettext("{shown} is not allowed. Allowed are {allowed}.", shown=shown, allowed=allowed)


def _not_of_the_form(shown: Text, context: Context) -> Text:
    pattern = context["pattern"]
    return gettext("{shown} is not allowed: it does not have the form {pattern}.", shown=shown, pattern=pattern)


_MESSAGES: Mapping[str, Callable[[Text, Context], Text]] = {
    "value_error": _own,
    "missing": lambda _, __: gettext("This key is missing. Add it."),
    "string_type": _not_a_text,
    "int_type": _not_a_text,
    "float_type": _not_a_text,
    "path_type": _not_a_text,
    "list_type": _not_a_list,
    "dict_type": _not_a_mapping,
    "model_type": _not_a_mapping,
    "literal_error": _not_a_literal,
    "string_pattern_mismatch": _not_of_the_form,
    "int_parsing": lambda shown, _: gettext(
        "{shown} is not a whole number. Write digits only, such as 40.", shown=shown
    ),
    "bool_parsing": lambda shown, _: gettext("{shown} is not allowed. Allowed are true and false.", shown=shown),
    "float_parsing": lambda shown, _: gettext("{shown} is not a number. Write it like 4 or 3.5.", shown=shown),
    "greater_than_equal": lambda shown, of: gettext(
        "{shown} is not allowed. Allowed is {ge} or more.", shown=shown, ge=of["ge"]
    ),
    "greater_than": lambda shown, of: gettext(
        "{shown} is not allowed. Allowed is more than {gt}.", shown=shown, gt=of["gt"]
    ),
    "less_than_equal": lambda shown, of: gettext(
        "{shown} is not allowed. Allowed is {le} or less.", shown=shown, le=of["le"]
    ),
    "less_than": lambda shown, of: gettext(
        "{shown} is not allowed. Allowed is less than {lt}.", shown=shown, lt=of["lt"]
    ),
}
"""By pydantic's error type; what is not here is said in pydantic's own words."""


def _kind_of(given: object) -> Text:
    if isinstance(given, list):
        return gettext("A list")
    return gettext("A mapping") if isinstance(given, dict) else gettext("A value of another kind")
