"""Kinds of Z-Image model as data: their settings, which words of a name mean them, and which one all signs come to.

Pure: knows no files; `kind_signs` collects what they say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from worker.identity import ModelKind
from worker.model_limits import SuitedSizes
from worker.records import Recommendation
from worker.translation import enumerated, gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What pictures of one kind of model are made with."""

    steps: int
    guidance: float
    """As ZImagePipeline counts it: 0 is off, which other programs call a CFG of 1."""
    shift: float
    """Of the scheduler, which a transformer without one is given."""
    guidance_acts: bool
    """Whether guidance and negative prompts do what they are for; a distilled model was trained without them."""
    made_from: ModelKind | None = None
    """The kind that it was trained from: signs of that one do not contradict it."""
    size_px: int = 1024
    least_px: int = 512 * 512
    most_px: int = 2048 * 2048
    """Pixels of a picture that the kind was made for. Source: the card of Z-Image, "512x512 to 2048x2048 (total pixel
    area, any aspect ratio)"; taken for the kinds made from it too."""
    most_aspect: float = 4.0
    """Longer side by the shorter one: a rule of thumb, as the card names no limit."""
    source: str

    @property
    def recommendation(self) -> Recommendation:
        """Size, steps and guidance where a job and the settings are silent."""
        return Recommendation(width_px=self.size_px, height_px=self.size_px, steps=self.steps, guidance=self.guidance)

    @property
    def suited(self) -> SuitedSizes:
        """Sizes that it was made for."""
        return SuitedSizes(
            width_px=self.size_px,
            height_px=self.size_px,
            least_px=self.least_px,
            most_px=self.most_px,
            most_aspect=self.most_aspect,
            source=self.source,
        )


KINDS: dict[ModelKind, Kind] = {
    "turbo": Kind(
        steps=8,
        guidance=0.0,
        shift=3.0,
        guidance_acts=False,
        source="https://huggingface.co/Tongyi-MAI/Z-Image-Turbo",
    ),
    "distilled": Kind(
        steps=8,
        guidance=0.0,
        shift=6.0,
        guidance_acts=False,
        made_from="base",
        source="https://huggingface.co/alibaba-pai/Z-Image-Fun-Lora-Distill",
    ),
    "de-turbo": Kind(
        steps=25,
        guidance=2.5,
        shift=3.0,
        guidance_acts=True,
        made_from="turbo",
        source="https://huggingface.co/ostris/Z-Image-De-Turbo",
    ),
    "base": Kind(
        steps=40,
        guidance=4.0,
        shift=6.0,
        guidance_acts=True,
        source="https://huggingface.co/Tongyi-MAI/Z-Image",
    ),
    "demo": Kind(
        steps=8,
        guidance=3.0,
        shift=3.0,
        guidance_acts=True,
        size_px=256,
        least_px=256 * 192,
        most_px=384 * 256,
        most_aspect=1.5,
        source="worker/demo/weights/README.md",
    ),
}
"""In the order of safety: of two between which the signs cannot decide, the later one is taken. Too many steps, with
guidance, cost time and look overdone; too few, without it, leave a picture unfinished, and a person would be told that
a negative prompt has no effect where it has."""

TURBO_SHIFT, BASE_SHIFT_FROM = 3.0, 5.0
"""Shift of the scheduler: 3 in Z-Image-Turbo, 6 in Z-Image."""
MOST_FEW_STEPS = 16
"""A name such as `8steps` means a few-step model up to here; `30steps` is advice for any."""


class Trust(IntEnum):
    """How much a sign says, most of all the last."""

    BARE_NAME = 0
    """`Z-Image`: the base model's own name, and what many call a folder of Turbo."""
    SHIFT = 1
    """Of the scheduler: a number that people change by hand and training programs copy."""
    LINEAGE = 2
    """What the model was made from."""
    NAME = 3
    """What its folder and its card call it."""
    RECORD = 4
    """What `model add` wrote down."""
    FILE_LINEAGE = 5
    """What the single file whose weights are used says it was made from, whatever folder it is put into; or a bare name
    of it, such as ComfyUI's `z_image_bf16`, which is the base model's."""
    FILE = 6
    """What that file calls itself, in its name and its metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that tells a kind."""

    kind: ModelKind
    trust: Trust
    where: str
    """For a person: `the folder's name 'Z-Image-Turbo'`."""


def decided(signs: Iterable[Sign]) -> ModelKind | None:
    """The kind that signs come to; None without any.

    The most trusted signs decide, by their number; where they balance, the less trusted ones; where all balance, the
    order of `KINDS`. A sign of the kind that another was made from counts for both.

    Args:
        signs: all that were found.
    """
    found = tuple(signs)
    return max(
        {sign.kind for sign in found},
        key=lambda kind: (*_support(kind, found), [*KINDS].index(kind)),
        default=None,
    )


def _support(kind: ModelKind, signs: tuple[Sign, ...]) -> list[int]:
    agreeing = [sign.trust for sign in signs if _agrees(sign, kind)]
    return [agreeing.count(trust) for trust in reversed(Trust)]


def _agrees(sign: Sign, kind: ModelKind) -> bool:
    return sign.kind in (kind, KINDS[kind].made_from)


def contradiction(signs: Iterable[Sign], kind: ModelKind) -> str:
    """What a person is told where signs contradict the kind that was taken, with both sides; empty where none does.

    Args:
        signs: all that were found.
        kind: that was taken because of them.
    """
    found = tuple(signs)
    against = [sign for sign in found if not _agrees(sign, kind)]
    if not against:
        return ""
    return gettext(
        "What tells the kind of this model contradicts itself: {others}; but {own}. It is taken for {kind}. "
        "Say which it is: `model_kind: {kind}`, or {other_kinds}.",
        own=_listed(sign for sign in found if _agrees(sign, kind)),
        others=_listed(against),
        kind=kind,
        other_kinds=enumerated(f"`{other}`" for other in sorted({sign.kind for sign in against})),
    )


def _listed(signs: Iterable[Sign]) -> str:
    return enumerated(gettext("{kind} by {where}", kind=sign.kind, where=sign.where) for sign in signs)


_CUTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|[\W_]+")
"""Where a name such as `zImageDeTurbo_v2-8Steps` is cut into words."""
_DE_TURBO = re.compile(r"(?<![a-z])(?:de|un) ?(?:turbo|distill)|去 ?蒸馏|反 ?蒸馏|去 ?turbo")
_TURBO = re.compile(r"turbo|(?<![a-z])zit(?![a-z])")
_BASE = re.compile(r"(?<![a-z])(?:z ?image)?base(?![a-z])|(?<![a-z])zib(?![a-z])|基础")
_DISTILLED = re.compile(r"distill|蒸馏|(?<![a-z])(?:lcm|dmd)(?![a-z])|(?<![a-z])few ?steps?(?![a-z])")
_STEPS = re.compile(r"(?<!\d)(\d{1,2}) ?(?:steps?(?![a-z]| ?\d)|步)")
_BARE = re.compile(r"z ?image(?: (?:bf|fp|f) ?\d+)?")
_OFFICIAL_BASE = re.compile(r"(?:^|/)tongyi-mai/z-image$", re.I)


def kinds_in(name: str) -> tuple[ModelKind, ...]:
    """The kinds that a name means: none, one, or two where it names two, as `zImageTurboBase_v2` does.

    A few-step model is one that says so beside no other word, or beside `base`: Turbo is a few-step model itself.

    Args:
        name: of a folder, a file or a repository, or a heading.
    """
    words = _words(name)
    if is_official_base(name):
        return ("base",)
    if _DE_TURBO.search(words):
        return ("de-turbo",)
    is_turbo, is_base = bool(_TURBO.search(words)), bool(_BASE.search(words))
    if is_turbo:
        return ("turbo", "base") if is_base else ("turbo",)
    if _DISTILLED.search(words) or few_steps(name) is not None:
        return ("distilled",)
    return ("base",) if is_base else ()


def is_official_base(name: str) -> bool:
    """Whether this is the base model's own repository, which has no word for it in its name: `Tongyi-MAI/Z-Image`.

    Args:
        name: of a repository with its owner.
    """
    return _OFFICIAL_BASE.search(name) is not None


def is_bare(name: str) -> bool:
    """Whether a name is the family's alone, but for a precision: `Z-Image`, `z_image_bf16`.

    Args:
        name: of a folder or a file.
    """
    return _BARE.fullmatch(_words(name)) is not None


def _words(name: str) -> str:
    return " ".join(_CUTS.sub(" ", unicodedata.normalize("NFKC", name)).lower().split())


def few_steps(name: str) -> int | None:
    """For how many steps a name says that its model was distilled: 8 of `Z-Image-Base-8steps-distill`.

    Args:
        name: likewise.
    """
    found = _STEPS.search(_words(name))
    return int(found[1]) if found and 0 < int(found[1]) <= MOST_FEW_STEPS else None


def kinds_of_shift(shift: object) -> tuple[ModelKind, ...]:
    """The kind whose scheduler has this shift; none for any other value.

    Args:
        shift: as the scheduler's configuration has it.
    """
    if isinstance(shift, bool) or not isinstance(shift, int | float):
        return ()
    return ("turbo",) if shift == TURBO_SHIFT else ("base",) if shift >= BASE_SHIFT_FROM else ()
