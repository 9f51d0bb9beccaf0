"""Check: which model there is, what its pictures are like, and whether every part is there and as it was downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from worker.doctor.check import Finding, Machine, failure
from worker.errors import ModelAway, ModelInvalid
from worker.settings import Settings
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.inspect import InspectedModel
from worker.studio.model_files.kinds import KINDS
from worker.studio.model_files.parts import reading, unusable
from worker.studio.model_files.verify import CACHE_NAME, verify
from worker.translation import enumerated, gettext


def check(machine: Machine) -> Iterator[Finding]:
    """What the model's files say, or why they cannot be used."""
    model = machine.model
    if isinstance(model, ModelInvalid):
        yield failure("model", model)
        return
    try:
        model.require_whole()
    except ModelInvalid as refusal:
        yield failure("model", refusal)
        return
    files = _verified(model, machine.settings)
    if files.mark == "FAIL":
        yield files
        return
    text = _described(model, machine.settings)
    if not KINDS[model.kind].guidance_acts:
        text = gettext("{model} Guidance and negative prompts have no effect on it.", model=text)
    if model.is_demo:
        text = gettext("{model} A toy: set `model` for real pictures.", model=text)
    yield Finding(mark="warn" if model.is_demo else "ok", what="model", text=text)
    if model.contradiction:
        yield Finding(mark="warn", what="model", text=model.contradiction)
    if model.ignored:
        yield Finding(mark="warn", what="model", text=model.ignored)
    yield files


def _verified(model: InspectedModel, settings: Settings) -> Finding:
    """What is known of the files without reading them."""
    cache = ReadCache(settings.state_dir / CACHE_NAME)
    try:
        with reading(model.source.folder):
            found = verify(model.source, model.id, cache, reads=False)
    except ModelAway as away:
        return failure("files", away)
    if found.faults:
        return failure("files", ModelInvalid(unusable(model.source.folder, found.faults)))
    return Finding(
        mark="warn" if found.is_record_lost else "ok", what="files", text=gettext("{said}.", said=found.summary())
    )


def _described(model: InspectedModel, settings: Settings) -> str:
    advice = settings.recommendation(model.recommendation)
    return gettext(
        "{id}, taken for {kind} ({asked_kind}): {width}x{height}, {steps} steps, guidance {guidance}; "
        "every part is there and whole.",
        id=model.id,
        kind=model.kind,
        asked_kind=enumerated((settings.model_kind, *model.told_by)),
        width=advice.width_px,
        height=advice.height_px,
        steps=advice.steps,
        guidance=f"{advice.guidance:g}",
    )
