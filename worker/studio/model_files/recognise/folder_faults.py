"""Everything wrong with a model folder in diffusers layout, a sentence a cause.

Knows the layout of Z-Image, by files alone; what lies in the files of weights it asks `weights_file`.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path

from worker.studio.model_files.parts import CLASSES, CONFIGS, JSON_BYTES, PIPELINES, WEIGHTS, ModelSource, read_json
from worker.studio.model_files.recognise.first_bytes import begins_with_mark, not_weights
from worker.studio.model_files.recognise.found import Fault, any_of, said
from worker.studio.model_files.recognise.missing_files import MOST_ENTRIES
from worker.studio.model_files.recognise.part_faults import OTHER_SIZE, part_faults, single_file_fault
from worker.studio.model_files.recognise.tensor_names import COUNTS, LISTS
from worker.studio.model_files.safetensors_file import FileFaultError, open_regular, parse_json
from worker.translation import Text, enumerated, gettext

NAMED = 3
"""Files that a sentence names."""
SHOWN = 60
"""Characters of a file that a sentence shows."""
SETTINGS = frozenset(
    {
        *COUNTS, *LISTS, "_class_name", "_diffusers_version", "architectures", "model_type", "transformers_version",
        "shift", "num_train_timesteps", "tokenizer_class", "added_tokens_decoder", "chat_template", "eos_token",
        "pad_token", "model_max_length", "tokenizer_file", "processor_class", "auto_map",
    }
)  # fmt: skip
"""Keys of which every configuration has one; what has none is a server's answer, or another program's."""
TEXTS = {"lfs pointer", "html page", "empty", "zeros", "no file", "folder", "text", "json"}
"""What may lie in the place of a small file, and is told by its first bytes."""


def faults(source: ModelSource, *, but: Collection[str] = ()) -> Iterator[Text]:
    """Everything wrong with a model's files, without loading them: a sentence each, with its remedy.

    Args:
        source: a folder in diffusers layout.
        but: parts of which it is told already that a size in their configuration is wrong.

    Raises:
        OSError: one cannot be read now, which says nothing about it.
    """
    folder = source.folder
    wrong_class = _class_fault(read_json(folder / "model_index.json"))
    if wrong_class is not None:
        yield wrong_class
        return
    lacking = [part for part in CONFIGS if not (folder / part).is_dir()]
    if lacking:
        yield _missing_parts(folder, lacking)
    found = [*_small_files(folder, lacking)]
    for part in WEIGHTS:
        if part not in lacking and not (part == "transformer" and source.transformer_file):
            found += part_faults(folder / part, part)
    if source.transformer_file:
        found += single_file_fault(source.transformer_file, folder / "transformer/config.json")
    told = {f"{OTHER_SIZE}{part}" for part in but}
    yield from _by_cause(fault for fault in found if fault.cause not in told)


def _by_cause(found: Iterable[Fault]) -> Iterator[Text]:
    """One sentence for all files that have the same fault."""
    causes: dict[str, list[Fault]] = defaultdict(list)
    for fault in found:
        causes[fault.cause].append(fault)
    for alike in causes.values():
        one, more = alike[0], [fault.name for fault in alike[1:]]
        if not more:
            yield one.text
        else:
            yield gettext(
                "{fault} The same is true of {count} more: {names}.",
                fault=one.text,
                count=len(more),
                names=", ".join(more[:NAMED]) + (", …" if len(more) > NAMED else ""),
            )


def _class_fault(index: dict[str, object]) -> Text | None:
    name = index.get("_class_name")
    if not index:
        return gettext("model_index.json is no JSON object: download it again.")
    if name is None:
        return gettext(
            "model_index.json names no pipeline, but holds {said}: download it again; log in there first if its page "
            "asks for it.",
            said=repr(index)[:SHOWN],
        )
    if name not in PIPELINES:
        return gettext(
            "model_index.json is for {name}, not {pipeline}: use a Z-Image or Z-Image-Turbo model.",
            name=repr(name),
            pipeline=PIPELINES[0],
        )
    for part, allowed in CLASSES.items():
        entry = index.get(part)
        one = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if one not in allowed:
            return gettext(
                "model_index.json names {name} as {part}; {allowed} can be used.",
                name=repr(one),
                part=part,
                allowed=any_of(allowed),
            )
    return None


def _missing_parts(folder: Path, lacking: list[str]) -> Text:
    with os.scandir(folder) as entries:
        there = {entry.name.lower(): entry.name for entry in islice(entries, MOST_ENTRIES)}
    renamed = [f"{there[part]}/" for part in lacking if part in there]
    if renamed and len(renamed) == len(lacking):
        return gettext(
            "{names} must be in small letters: rename to {wanted}.",
            names=enumerated(renamed),
            wanted=enumerated(f"{part}/" for part in lacking),
        )
    flat = [name for name in there if name.endswith((".safetensors", ".safetensors.index.json"))]
    if len(lacking) == len(CONFIGS) and flat:
        return gettext(
            "{folder} holds a model's files without its folders, as a browser downloads them: make {parts} there and "
            "put each file into the folder that it has on the model's page, or download the model with `hf download`.",
            folder=str(folder),
            parts=enumerated(f"{part}/" for part in lacking),
        )
    return gettext(
        "The model in {folder} has no {parts}: download what is missing, of the same model.",
        parts=enumerated(f"{part}/" for part in lacking),
        folder=str(folder),
    )


def _small_files(folder: Path, lacking: list[str]) -> Iterator[Fault]:
    for part, config in CONFIGS.items():
        if part not in lacking:
            path, name = folder / part / config, f"{part}/{config}"
            yield from _json_fault(path, name)
            yield from _settings_fault(read_json(path), name)
    if "tokenizer" not in lacking:
        yield from _vocabulary_faults(folder)


def _json_fault(path: Path, name: str) -> Iterator[Fault]:
    try:
        other = not_weights(path, name)
    except FileNotFoundError:
        yield Fault("config", name, gettext("{name} is missing: download it into place.", name=name))
        return
    if read_json(path):
        if begins_with_mark(path):
            yield Fault(
                "bom",
                name,
                gettext("{name} begins with a byte order mark: save it as UTF-8 without one.", name=name),
            )
        return
    if other is not None and other.what in TEXTS - {"text", "json"}:
        yield Fault(other.what, name, said(other))
    elif _is_json(path):
        yield Fault("no settings", name, gettext("{name} is JSON without settings: download it again.", name=name))
    else:
        yield Fault("no json", name, gettext("{name} is no JSON object: download it again.", name=name))


def _settings_fault(content: dict[str, object], name: str) -> Iterator[Fault]:
    if content and SETTINGS.isdisjoint(content):
        text = gettext(
            "{name} holds no settings, but {said}: download it again; log in there first if its page asks for it.",
            name=name,
            said=repr(content)[:SHOWN],
        )
        yield Fault("no settings", name, text)


def _is_json(path: Path) -> bool:
    """Whether it is JSON, which holds nothing or is no object."""
    try:
        with open_regular(path) as file:
            parse_json(file.read(JSON_BYTES))
    except (FileFaultError, ValueError, OSError):
        return False
    return True


def _vocabulary_faults(folder: Path) -> Iterator[Fault]:
    here = folder / "tokenizer"
    whole, pair = here / "tokenizer.json", (here / "vocab.json", here / "merges.txt")
    if not (_is_there(whole) or all(map(_is_there, pair))):
        yield Fault(
            "vocabulary",
            "tokenizer/",
            gettext("tokenizer/ has neither tokenizer.json nor vocab.json with merges.txt: download them into place."),
        )
        return
    for path in (whole, pair[0]):
        if _is_there(path):
            yield from _json_fault(path, f"tokenizer/{path.name}")
    if not _is_there(whole):
        yield from _text_fault(pair[1], "tokenizer/merges.txt")
    templates = [read_json(here / "tokenizer_config.json"), read_json(here / "chat_template.json")]
    if not (any(one.get("chat_template") for one in templates) or (here / "chat_template.jinja").is_file()):
        yield Fault(
            "template",
            "tokenizer/",
            gettext(
                "tokenizer/ has no chat template (in tokenizer_config.json or chat_template.jinja): "
                "download chat_template.jinja of the same model into it."
            ),
        )


def _text_fault(path: Path, name: str) -> Iterator[Fault]:
    other = not_weights(path, name)
    if other is not None and other.what in TEXTS - {"text", "json"}:
        yield Fault(other.what, name, said(other))


def _is_there(path: Path) -> bool:
    return path.exists()
