"""The job file as a model: which keys there are and what each means.

The descriptions are the language's reference: `json_schema` hands them to editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from worker.job.chinese_keys import EVERY_WORD, JOB, PRODUCT, PROOF, SHOT, SHOT_OR_SHOTS, TABLE_OR_PRODUCT
from worker.job.named_values import FileBeside, FileName, Matrix
from worker.job.seeds import Seed
from worker.job.synonyms import SYNONYMS
from worker.job.values import (
    ANY_SCALAR,
    Allow,
    Count,
    FilledText,
    Flag,
    Format,
    Guidance,
    Language,
    Metadata,
    Priority,
    Size,
    Steps,
    Text,
    Version,
    flag_or,
)
from worker.translation import enumerated, gettext
from worker.yaml_reader import scalars
from worker.yaml_reader.scan import Words


class Strict(BaseModel):
    """A mapping in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    synonyms: ClassVar[Mapping[str, str]] = SYNONYMS
    elsewhere: ClassVar[Mapping[str, str]] = {}
    """Keys that belong to another place, with a sentence that says where."""
    chinese: ClassVar[Mapping[str, str]] = {}
    """Chinese words for the keys, with ours."""


class Product(Strict):
    """What is pictured. A plain text instead of the mapping is the subject."""

    chinese: ClassVar[Mapping[str, str]] = PRODUCT

    subject: FilledText = Field(description=gettext("The thing or person: mug, 马克杯, a young woman. Required."))
    colour: FilledText | None = Field(None, description=gettext("Its colour; `color` is the same key."))
    color: FilledText | None = Field(None, description=gettext("The same as `colour`."))
    material: FilledText | None = Field(
        None, description=gettext("What it is made of, or its surface: glossy ceramic.")
    )
    details: FilledText | None = Field(None, description=gettext("More about it, said after it: with a thin gold rim."))


def _as_product(given: object) -> object:
    return {"subject": given} if isinstance(given, str) else given


def _also_text(schema: dict[str, Any]) -> None:
    schema["anyOf"].insert(0, dict(ANY_SCALAR))


class Proof(Strict):
    """Which pictures of the job are its proof. `true` instead of the mapping is one for each product, or shot."""

    chinese: ClassVar[Mapping[str, str]] = PROOF

    every: Count = Field(
        1, description=gettext("Of so many products, or shots, one has a proof: the first, and so on. Default: 1.")
    )


def _also_flag(schema: dict[str, Any]) -> None:
    schema["anyOf"].insert(0, {"type": "boolean"})


class PictureKeys(Strict):
    """Keys that stand at the top of a job and may be overridden in each shot."""

    size: Size | None = Field(
        None,
        description=gettext(
            "Width and height in pixels, multiples of 16: 1024x1024, [1024, 1024] or a preset: {presets}."
            " Default: what the model recommends.",
            presets=enumerated(f"{name} {w}x{h}" for name, (w, h) in scalars.PRESETS.items()),
        ),
    )
    steps: Steps | None = Field(None, description=gettext("Inference steps. Default: what the model recommends."))
    guidance: Guidance | None = Field(
        None,
        description=gettext(
            "Guidance scale, 0 (off) to 20; no effect on distilled models such as Turbo. "
            "Default: what the model recommends."
        ),
    )
    negative_prompt: Text | None = Field(
        None, description=gettext("What should not be in the picture. Has an effect only at a guidance above 0.")
    )
    seed: Seed | None = Field(
        None,
        description=gettext(
            "0 to 4294967295, or `vary`: another one for each job and shot. Default: from the shot's id and matrix"
            " values, the same in every job."
        ),
    )
    count: Count | None = Field(
        None, description=gettext("Pictures per shot, with seeds seed, seed+1, ... Default: 1.")
    )
    language: Language | None = Field(
        None, description=gettext("Of composed prompts. Default: zh when a product field holds Chinese, else en.")
    )
    format: Format | None = Field(None, description=gettext("Image format. Default: png."))
    file_name: FileName | None = Field(
        None,
        description=gettext(
            "Name of the picture without extension, with placeholders. Default: {{id}}_{{index:02}}, with a matrix"
            " {{id}}_{{matrix keys}}_{{index:02}}."
        ),
    )
    metadata: Metadata | None = Field(
        None,
        description=gettext(
            "Carried into every result, text exactly as written. A shot's keys are added to the job's."
        ),
    )
    matrix: Matrix | None = Field(
        None,
        description=gettext(
            "Lists of values; each combination makes pictures of its own and fills the placeholders of these names."
        ),
    )
    allow: Allow | None = Field(
        None,
        description=gettext(
            "What may be done for want of a better way although it changes the picture: tiled_decode (decode in"
            " tiles when the memory does not suffice), new_seed (another seed when every try was refused). Default:"
            " what the settings say, else nothing."
        ),
    )


class Shot(PictureKeys):
    """One thing to picture: a free `prompt`, or a `product` with scene, light, camera and texture."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        key: gettext("`{key}` is of the whole job: write it at the top.", key=key)
        for key in ("version", "name", "priority", "proof", "strict", "products", "id_column", "shot", "shots")
    }

    chinese: ClassVar[Mapping[str, str]] = SHOT

    id: FilledText | None = Field(
        None, description=gettext("Names the shot in file names. Default: shot-01, by position.")
    )
    prompt: FilledText | None = Field(None, description=gettext("The whole prompt, in Chinese or English or both."))
    product: Annotated[Product | None, BeforeValidator(_as_product)] = Field(
        None,
        description=gettext("What is pictured: {{subject, colour, material, details}}, or only the subject as text."),
        json_schema_extra=_also_text,
    )
    scene: FilledText | None = Field(None, description=gettext("Where it is: light grey concrete wall."))
    light: FilledText | None = Field(None, description=gettext("How the light falls: frontal softbox, soft shadow."))
    camera: FilledText | None = Field(None, description=gettext("View and lens: front view, shallow depth of field."))
    texture: FilledText | None = Field(
        None, description=gettext("Texture and style words; they come last: fine glaze texture, photorealistic.")
    )
    avoid: FilledText | None = Field(None, description=gettext("Joins the negative prompt for this shot."))


class JobFile(PictureKeys):
    """A job of zimage-worker. One of `prompt`, `shot` and `shots` says what to picture; all else is optional."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        key: gettext("`{key}` is of a shot: write it under `shot:` or in an entry of `shots:`.", key=key)
        for key in ("id", "product", "scene", "light", "camera", "texture", "avoid")
    }

    chinese: ClassVar[Mapping[str, str]] = JOB

    version: Version | None = Field(None, description=gettext("Version of the job language: 1."))
    name: FilledText | None = Field(
        None,
        description=gettext(
            "Title of the job, in any script, shown as it is written; the finished folder is called by it, as far as"
            " file names allow. Default: the name of the file or folder."
        ),
    )
    priority: Priority | None = Field(
        None, description=gettext("high (100), normal (0), low (-100) or a whole number; higher comes first.")
    )
    proof: Annotated[Proof | None, BeforeValidator(flag_or({}, example="{every: 10}"))] = Field(
        None,
        description=gettext(
            "true: one picture of each product, or shot, is made first, and the rest once a person approves it;"
            " {{every: 10}}: one of ten. Default: no proof."
        ),
        json_schema_extra=_also_flag,
    )
    strict: Flag | None = Field(
        None,
        description=gettext(
            "true: any warning refuses the job; false: none does, also where more than half of a catalogue has it."
            " Default: what the settings say."
        ),
    )
    products: FileBeside | None = Field(
        None,
        description=gettext(
            "Table beside job.yaml (folder jobs only), CSV or .xlsx: a row per product, its columns fill the"
            " placeholders, its `sku` is the id. `products.xlsx#Spring` is the sheet Spring."
        ),
    )
    id_column: FilledText | None = Field(
        None,
        description=gettext(
            "Column of the products with their ids, which `{{sku}}` is. Default: the one called sku, 货号, item no."
            " or alike."
        ),
    )
    prompt: FilledText | None = Field(
        None, description=gettext("The prompt of the only shot, or the template for each product.")
    )
    shot: Shot | None = Field(None, description=gettext("The only shot, or the template for each product."))
    shots: list[Shot] | None = Field(None, description=gettext("The shots, or the templates for each product."))


def _with_words(*keys: str) -> frozenset[str]:
    """The keys, and their Chinese words wherever they may stand."""
    words = {word for table in (JOB, SHOT, PRODUCT, PROOF) for word, key in table.items() if key in keys}
    return frozenset({*keys, *words})


WORDS = Words(
    keys=EVERY_WORD | {*JobFile.model_fields, *Shot.model_fields, *Product.model_fields, *Proof.model_fields},
    holders=_with_words("shot", "product", "proof", "matrix", "metadata") | SHOT_OR_SHOTS,
    lists=_with_words("shots") | SHOT_OR_SHOTS,
    values=_with_words(
        "version",
        "size",
        "steps",
        "guidance",
        "seed",
        "count",
        "language",
        "format",
        "priority",
        "allow",
        "every",
    ),
    names=_with_words("products", "name", "id", "file_name") | TABLE_OR_PRODUCT,
)
"""The language's keys, by which the raw text of a job is judged before YAML sees it."""
