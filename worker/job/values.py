"""The kinds of values a job file has: how each is read from text, and how editors are told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema

from worker.job.chinese_values import FLAGS, chinese_for, value_in_english
from worker.job.list_values import shown_list, split_list
from worker.records import ImageFormat, Limits, Permission
from worker.translation import gettext
from worker.yaml_reader import scalars
from worker.yaml_reader.document import clipped
from worker.yaml_reader.problems import did_you_mean, one_of

MAX_GUIDANCE = 20.0
"""Beyond, pictures only burn."""
PRIORITIES = {"high": 100, "normal": 0, "low": -100}
PERMISSIONS: tuple[str, ...] = get_args(Permission)


def _written(given: object) -> str:
    if not isinstance(given, str):
        if isinstance(given, list):
            raise ValueError(gettext("A list stands here; one value is allowed."))
        raise ValueError(gettext("A mapping stands here; one value is allowed."))
    return given


def _whole(low: int, high: int | Callable[[Limits], int]) -> BeforeValidator:
    """A whole number of that range; `high` may come from the settings."""

    def read(given: object, info: ValidationInfo) -> int:
        return whole_between(given, low, high if isinstance(high, int) else high(limits_of(info)))

    return BeforeValidator(read)


def whole_between(given: object, low: int, high: int) -> int:
    """The whole number that a text means.

    Args:
        given: the text.
        low: least allowed.
        high: most allowed.

    Raises:
        ValueError: it is none, or outside of them.
    """
    value = scalars.whole_number(_written(given))
    if not low <= value <= high:
        if low < high:
            message = gettext("{value} is not allowed. Allowed are {low} to {high}.", value=value, low=low, high=high)
        else:
            message = gettext("{value} is not allowed. Allowed is only {low}.", value=value, low=low)
        raise ValueError(message)
    return value


def limits_of(info: ValidationInfo) -> Limits:
    """The limits in force: the context's, else the usual ones."""
    return info.context if isinstance(info.context, Limits) else Limits()


def _guidance(given: object) -> float:
    value = scalars.number(_written(given))
    if not 0 <= value <= MAX_GUIDANCE:
        raise ValueError(
            gettext(
                "{value} is not allowed. Allowed are 0 (off) to {most}.",
                value=f"{value:g}",
                most=f"{MAX_GUIDANCE:g}",
            )
        )
    return value


def read_size(given: object, info: ValidationInfo) -> tuple[int, int]:
    """Width and height in pixels, of a text or a list of two; the context's limits count.

    Args:
        given: as YAML was read; sides in pixels.
        info: pydantic's; its context may be the `Limits` in force.

    Raises:
        ValueError: it is not a size, or cannot be rendered.
    """
    limits = limits_of(info)
    if isinstance(given, list):
        if len(given) == 1 and isinstance(given[0], str) and len(sides := split_list(given[0])) == 2:
            raise ValueError(
                gettext(
                    "`{text}` is one value: only the comma `,` separates values. Write {values}.",
                    text=clipped(given[0]),
                    values=shown_list(sides),
                )
            )
        if len(given) != 2:
            raise ValueError(gettext("A size has two numbers, width and height in pixels, such as [1024, 1024]."))
        given = "x".join(_written(side) for side in given)
    return scalars.size_px(_written(given), max_pixels=limits.pixels, longest_px=limits.longest_px)


def _priority(given: object) -> int:
    text = str(value_in_english(_written(given)))
    try:
        value = PRIORITIES[text] if text in PRIORITIES else scalars.whole_number(text)
    except ValueError:
        raise ValueError(
            gettext("`{text}` is not a priority. Allowed are high, normal, low or a whole number.", text=clipped(text))
        ) from None
    return value


def _flag(given: object) -> bool:
    text = _written(given)
    if text.lower() not in FLAGS:
        raise ValueError(gettext("`{text}` is not allowed. Allowed are true and false.", text=clipped(text)))
    return FLAGS[text.lower()]


def flag_or(meant: object, *, example: str) -> Callable[[object], object]:
    """For a key that is a mapping, or only says yes or no.

    Args:
        meant: by yes; no is None, as if the key were not there.
        example: of a mapping.
    """

    def read(given: object) -> object:
        if not isinstance(given, str):
            return given
        if given.lower() not in FLAGS:
            text = clipped(given)
            raise ValueError(
                gettext("`{text}` is not allowed. Allowed are true, false and {example}.", text=text, example=example)
            )
        return meant if _flag(given) else None

    return read


def _image_format(given: object, info: ValidationInfo) -> str:
    """The name of a format, of its name or its extension."""
    text, formats = _written(given).lower(), limits_of(info).formats
    for name, extension in formats.items():
        if text in (name, extension):
            return name
    allowed = one_of([f"`{name}`" for name in formats])
    raise ValueError(gettext("`{given}` is not allowed. Allowed are {allowed}.", given=clipped(text), allowed=allowed))


def format_words(formats: Mapping[ImageFormat, str]) -> list[str]:
    """What a job may write for a format: its name, or its extension where that is another word."""
    return list(dict.fromkeys(word for both in formats.items() for word in both))


def a_list(given: object) -> object:
    """The given value; a text that was meant as a list is told with the list.

    Raises:
        ValueError: it is such a text.
    """
    if isinstance(given, str) and len(values := split_list(given)) > 1:
        raise ValueError(
            gettext(
                "`{text}` is one text; allowed is a list: {values}.", text=clipped(given), values=shown_list(values)
            )
        )
    return given


def _permission(given: object) -> str:
    text = str(value_in_english(_written(given)))
    if len(values := split_list(text)) > 1:
        raise ValueError(
            gettext(
                "`{text}` is one value: only the comma `,` separates values. Write {values}.",
                text=clipped(text),
                values=shown_list(values),
            )
        )
    if text not in PERMISSIONS:
        raise ValueError(
            gettext(
                "Nothing called `{text}` can be allowed.{guess} There is {allowed}.",
                text=clipped(text),
                guess=did_you_mean(text, PERMISSIONS),
                allowed=one_of(PERMISSIONS),
            )
        )
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError(gettext("This text is empty. Write something, or remove the key."))
    return text.strip()


ANY_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
"""What an editor's YAML parser may take a text for."""

Text = Annotated[str, WithJsonSchema(ANY_SCALAR)]
"""Text exactly as written."""
FilledText = Annotated[str, AfterValidator(_not_blank), WithJsonSchema(ANY_SCALAR)]
"""Text that is not blank; surrounding blanks do not count."""

Size = Annotated[
    tuple[int, int],
    BeforeValidator(read_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": [*scalars.PRESETS, *scalars.CHINESE_PRESETS]},
                {"type": "string", "pattern": "^\\s*[0-9]+\\s*[xX×*]\\s*[0-9]+\\s*$"},
                {"type": "array", "items": {"type": "integer", "multipleOf": 16}, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
Steps = Annotated[int, _whole(1, lambda limits: limits.steps), WithJsonSchema({"type": "integer", "minimum": 1})]
Count = Annotated[int, _whole(1, lambda limits: limits.pictures), WithJsonSchema({"type": "integer", "minimum": 1})]
Guidance = Annotated[
    float, BeforeValidator(_guidance), WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_GUIDANCE})
]
Priority = Annotated[
    int,
    BeforeValidator(_priority),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "enum": [*PRIORITIES, *chinese_for(*PRIORITIES)]}, {"type": "integer"}]}
    ),
]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Format = Annotated[
    ImageFormat,
    BeforeValidator(_image_format),
    WithJsonSchema({"type": "string", "enum": []}),
]
"""`schema` fills in the words; only whoever joins the rooms knows them."""
Language = Annotated[
    Literal["zh", "en"],
    BeforeValidator(value_in_english),
    WithJsonSchema({"type": "string", "enum": ["zh", "en", *chinese_for("zh", "en")]}),
]
Allow = Annotated[
    list[
        Annotated[
            Permission,
            BeforeValidator(_permission),
            WithJsonSchema({"type": "string", "enum": [*PERMISSIONS, *chinese_for(*PERMISSIONS)]}),
        ]
    ],
    BeforeValidator(a_list),
]
"""Changes of the picture that the author permits; an empty list permits none."""
Version = Annotated[int, _whole(1, 1), WithJsonSchema({"type": "integer", "const": 1})]
Metadata = dict[str, Any]
