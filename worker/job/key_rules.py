"""Rules between the keys of a job file: which exclude each other, and which need another.

They look at plain data, so that these faults are told together with those of single values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from worker.job.schema import JobFile, Shot, Strict
from worker.plain_names import alike
from worker.translation import gettext
from worker.yaml_reader.document import Data, Fault, Path, clipped, where
from worker.yaml_reader.problems import MAX_PROBLEMS, nearest_key, one_of

WHAT_TO_PICTURE = ("prompt", "shot", "shots")
COMPOSED = ("product", "scene", "light", "camera", "texture")
"""Keys of a shot that are composed into a prompt."""


def shots_in(data: dict[str, Data]) -> list[tuple[Path, dict[str, Data]]]:
    """Every shot with its path; a bare prompt is a shot at the top. What is not shaped like a shot is left out."""
    if isinstance(entries := data.get("shots"), list):
        return [(("shots", at), entry) for at, entry in enumerate(entries) if isinstance(entry, dict)]
    if isinstance(shot := data.get("shot"), dict):
        return [(("shot",), shot)]
    return [((), {"prompt": data["prompt"]})] if "prompt" in data else []


def shape_faults(data: dict[str, Data], *, is_folder: bool) -> list[Fault]:
    """All that is wrong with the company keys keep.

    Args:
        data: of the job file.
        is_folder: whether the job is a folder, whose files it may refer to.
    """
    return [*_top_faults(data, is_folder=is_folder), *_shot_faults(data), *_id_faults(data)]


def _top_faults(data: dict[str, Data], *, is_folder: bool) -> Iterator[Fault]:
    given = [key for key in data if key in WHAT_TO_PICTURE]
    if not given and not _is_meant(WHAT_TO_PICTURE, data, JobFile):
        message = gettext("It says nowhere what to picture. Add the key `prompt`, `shot` or `shots`.")
        yield Fault(path=(), message=message)
    for extra in given[1:]:
        message = gettext(
            "`{first}` and `{extra}` exclude each other: one key says what to picture. Keep one of them.",
            first=given[0],
            extra=extra,
        )
        yield Fault(path=(extra,), message=message, at_key=True)
    if data.get("shots") == []:
        yield Fault(path=("shots",), message=gettext("This list is empty. Write at least one shot."))
    if "id_column" in data and "products" not in data:
        message = gettext("`id_column` names a column of `products`, and the job has none. Remove it.")
        yield Fault(path=("id_column",), message=message, at_key=True)
    if "products" in data and not is_folder:
        message = gettext(
            "A single file refers to no other. Make a folder, put this file into it as job.yaml and the CSV beside it,"
            " and drop the folder."
        )
        yield Fault(path=("products",), message=message, at_key=True)


def _shot_faults(data: dict[str, Data]) -> Iterator[Fault]:
    for path, shot in shots_in(data):
        composed = [key for key in COMPOSED if key in shot]
        if "prompt" in shot and composed:
            message = gettext(
                "A shot has either `prompt` or the product fields, not both ({keys}). Remove one.",
                keys=one_of(composed),
            )
            yield Fault(path=(*path, "prompt"), message=message, at_key=True)
        elif composed and "product" not in shot and not _is_meant(("product",), shot, Shot):
            message = gettext("This shot has no `product`. Say what is pictured, such as `product: mug`.")
            yield Fault(path=path, message=message)
        elif "prompt" not in shot and not composed and not _is_meant(("prompt", "product"), shot, Shot):
            message = gettext("This shot says not what to picture. Add `prompt` or `product`.")
            yield Fault(path=path, message=message)
        product = shot.get("product")
        if isinstance(product, dict) and "colour" in product and "color" in product:
            message = gettext("`colour` and `color` are the same key. Keep one of them.")
            yield Fault(path=(*path, "product", "color"), message=message, at_key=True)


def _is_meant(wanted: Collection[str], data: dict[str, Data], model: type[Strict]) -> bool:
    """Whether an unknown key is a near miss of a wanted one, so that "did you mean" says all there is to say."""
    unknown = islice((key for key in data if key not in model.model_fields), MAX_PROBLEMS)
    return any(nearest_key(key, model) in wanted for key in unknown)


def _id_faults(data: dict[str, Data]) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for number, (path, shot) in enumerate(shots_in(data), start=1):
        shot_id = shot.get("id", default_id(number))
        if not isinstance(shot_id, str):
            continue
        key = alike(shot_id.strip())
        if key in first and key:
            message = gettext(
                "The id `{id}` is that of {place} already. Give every shot its own.",
                id=clipped(shot_id),
                place=where(first[key]),
            )
            yield Fault(path=(*path, "id"), message=message)
        first.setdefault(key, path)


def default_id(number: int) -> str:
    """The id of a shot that gives none: `shot-01`, by position from 1."""
    return f"shot-{number:02}"
