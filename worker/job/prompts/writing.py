"""The prompt of one picture: a free one filled, or product fields composed.

Knows a shot's fields and how long a prompt may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worker.job.placeholders import Value, fill
from worker.job.product import Composition
from worker.job.prompts.length import TokenCounter, composed
from worker.job.shot_defaults import ShotDefaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A prompt with what it was made of."""

    text: str
    scene: str = ""
    """Of a composed prompt."""
    others: str = ""
    """The other fields of it."""
    dropped: tuple[str, ...] = ()
    """Phrases left out of it, as it was too long."""


def written_prompt(template: ShotDefaults, values: Mapping[str, Value], *, counter: TokenCounter | None) -> Written:
    """The prompt of one picture.

    Args:
        template: of the shot.
        values: fill its placeholders.
        counter: of tokens, by which a composed prompt that is too long is shortened; or None.
    """
    shot = template.shot
    if shot.product is None:
        return Written(text=fill(shot.prompt or "", values).strip())
    product = shot.product
    texts = {
        "subject": product.subject, "colour": product.colour or product.color, "material": product.material,
        "details": product.details, "scene": shot.scene, "light": shot.light, "camera": shot.camera,
        "texture": shot.texture,
    }  # fmt: skip
    given = {key: fill(text, values) for key, text in texts.items() if text}
    fields = Composition(**given)
    if not fields.subject.strip():
        return Written(text="")
    made = composed(fields, language=shot.language or template.job.language or fields.language, counter=counter)
    others = ", ".join(text for key, text in given.items() if key != "scene")
    return Written(text=made.text, scene=fields.scene, others=others, dropped=made.dropped)
