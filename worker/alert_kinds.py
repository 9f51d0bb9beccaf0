"""What a worker tells of by notification: a table of kinds, and the templates by which people word them themselves.

Pure: words in, words out. `settings` lets people choose kinds, `operations` tells of them, `doctor` checks templates.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Literal, get_args

from worker.problem import clipped
from worker.translation import Text, enumerated, gettext, ngettext

Kind = Literal[
    "nobody_works", "share_away", "model_away", "worker_broken", "unclean_stop", "disk_low", "card_hot", "paused",
    "job_failed", "job_partial", "job_refused", "left_over", "job_trouble", "job_cancelled", "pictures_failing",
    "renderer_replaced", "picture_slow", "hook_failed", "proof_waiting", "window", "job_done", "night_done",
]  # fmt: skip
"""The gravest first: in this order the lines of a message stand."""
KINDS: tuple[Kind, ...] = get_args(Kind)

HEADINGS: Mapping[Kind, Text] = {
    "nobody_works": gettext("nobody works"),
    "share_away": gettext("share away"),
    "model_away": gettext("model away"),
    "worker_broken": gettext("worker in trouble"),
    "unclean_stop": gettext("ended without a word"),
    "disk_low": gettext("disk low"),
    "card_hot": gettext("card too hot"),
    "paused": gettext("waiting for long"),
    "job_failed": ngettext("{count} job failed", "{count} jobs failed", 0),
    "job_partial": ngettext("{count} job partial", "{count} jobs partial", 0),
    "job_refused": ngettext("{count} job refused", "{count} jobs refused", 0),
    "left_over": gettext("files that can never be taken"),
    "job_trouble": ngettext("{count} trouble with jobs", "{count} troubles with jobs", 0),
    "job_cancelled": ngettext("{count} job cancelled", "{count} jobs cancelled", 0),
    "pictures_failing": gettext("pictures fail alike"),
    "renderer_replaced": gettext("rendering process replaced"),
    "picture_slow": gettext("pictures slower than usual"),
    "hook_failed": gettext("hook failed"),
    "proof_waiting": ngettext("{count} proof waits for approval", "{count} proofs wait for approval", 0),
    "window": gettext("beginning or end of the hours"),
    "job_done": ngettext("{count} job done", "{count} jobs done", 0),
    "night_done": gettext("queue empty"),
}
"""How each is counted in a message's subject."""
GRAVE: frozenset[Kind] = frozenset(KINDS[: KINDS.index("job_cancelled")])
"""What somebody should look at."""
PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "title": ("worker", "summary"),
    **dict.fromkeys(KINDS, ("worker", "text", "job", "folder", "file", "pictures", "failed", "reason")),
}
"""What a template of each name may use: `text` is the sentence that would stand there else."""
LONGEST = 500
"""Characters of a template."""


def heading(kind: Kind, count: int) -> Text:
    """A kind as it stands in a subject.

    Args:
        kind: any.
        count: how often it is told of.
    """
    text = HEADINGS[kind]
    return text.filled(count=count) if "count" in text.values else text


def why_no_template(name: str, template: str) -> Text | None:
    """What is wrong with a template; None where nothing is.

    Args:
        name: `title`, or a kind.
        template: as a person wrote it.
    """
    allowed = PLACEHOLDERS.get(name)
    if allowed is None:
        names = enumerated(PLACEHOLDERS)
        return gettext("there is no template `{name}`: allowed are {names}", name=clipped(name), names=names)
    if len(template) > LONGEST or not template.strip():
        return gettext("`{name}` must have 1 to {most} characters", name=name, most=LONGEST)
    try:
        parts = [*string.Formatter().parse(template)]
    except ValueError:
        return gettext("`{name}`: a brace stands alone: write {{{{ or }}}} for one that is to be seen", name=name)
    for _, field, form, turned in parts:
        if field is not None and (field not in allowed or form or turned):
            return gettext(
                "`{name}`: there is no placeholder `{field}`: allowed are {names}",
                name=name,
                field="{" + clipped(field + (f"!{turned}" if turned else "") + (f":{form}" if form else "")) + "}",
                names=enumerated("{" + one + "}" for one in allowed),
            )
    return None


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled; only what `why_no_template` has found well is ever filled.

    Args:
        template: plain names in braces, nothing of a value is asked.
        values: by placeholder; one that is missing is `?`.
    """
    parts = string.Formatter().parse(template)
    return "".join(text + ("" if field is None else values.get(field) or "?") for text, field, _, _ in parts)
