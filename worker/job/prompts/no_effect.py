"""Warnings for values that have no effect on the model at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from worker.job.prompts.findings import Finding, Findings
from worker.job.shot_defaults import ShotDefaults
from worker.translation import Text, gettext
from worker.yaml_reader.document import Fault, Path


def without_effect(templates: Iterable[ShotDefaults], *, guidance_matters: bool) -> list[Fault]:
    """A warning for each kind of value that changes nothing.

    Args:
        templates: of the job.
        guidance_matters: False for a distilled model (such as Turbo), which ignores guidance and negative prompt.
    """
    findings = Findings()
    for template in templates:
        for path, message, remedy in _pointless(template, guidance_matters=guidance_matters):
            finding = Finding(rule="prompt.no_effect", cause=message, message=message, remedy=remedy, at_key=True)
            findings.add([finding], path)
    return findings.faults()


def _pointless(template: ShotDefaults, *, guidance_matters: bool) -> Iterator[tuple[Path, Text, Text]]:
    reason = None
    if not guidance_matters:
        reason = gettext("has no effect on this model, which is distilled as Turbo is.")
        remedy = gettext("Say in the prompt what should be there instead.")
    elif template.guidance == 0:
        reason = gettext("has no effect at guidance 0.")
        remedy = gettext("Set `guidance` above 0, such as 4, or remove it.")
    if reason and template.negative_prompt:
        yield template.origin("negative_prompt"), gettext("The negative prompt {reason}", reason=reason), remedy
    if reason and template.shot.avoid:
        message = gettext("`avoid` joins the negative prompt, which {reason}", reason=reason)
        yield (*template.path, "avoid"), message, remedy
    is_given = (template.job.guidance, template.shot.guidance) != (None, None)
    if not guidance_matters and is_given and template.guidance > 0:
        message = gettext("Guidance has no effect on this model, which is distilled as Turbo is.")
        yield template.origin("guidance"), message, gettext("Remove the key.")
