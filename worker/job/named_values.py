"""Values of a job file that name something: a picture's file, a table, a placeholder of the matrix."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from worker.job.placeholders import OWN_NAMES, is_plain_name
from worker.job.values import FilledText, a_list, format_words, limits_of
from worker.plain_names import composed, is_plain_file_name
from worker.translation import gettext
from worker.yaml_reader.document import clipped


def _matrix_name(name: str) -> str:
    if name in OWN_NAMES:
        raise ValueError(
            gettext("`{{{name}}}` has a meaning already. Write another name, such as `{name}_of_view`.", name=name)
        )
    if not is_plain_name(name):
        raise ValueError(
            gettext(
                "`{name}` cannot name a placeholder. Use letters, digits and `_`, such as `angle`.", name=clipped(name)
            )
        )
    return composed(name)


def _distinct(values: list[str]) -> list[str]:
    if not values:
        raise ValueError(gettext("This list is empty. Write at least one value, such as [front view, top view]."))
    value, times = Counter(values).most_common(1)[0]
    if times > 1:
        raise ValueError(
            gettext("`{value}` stands here {times} times. Keep one of them.", value=clipped(value), times=times)
        )
    return values


def _file_name(template: str, info: ValidationInfo) -> str:
    if "/" in template or "\\" in template:
        raise ValueError(
            gettext("Pictures of a job lie side by side, so `/` and `\\` are not allowed. Write `-` or `_`.")
        )
    if template.lower().endswith(tuple(f".{word}" for word in format_words(limits_of(info).formats))):
        raise ValueError(gettext("The extension comes from `format`. Leave it out here."))
    return template


def _beside(name: str) -> str:
    if not is_plain_file_name(name):
        raise ValueError(
            gettext(
                "`{name}` is not allowed. Write the file's name only, such as mugs.csv;"
                " the file must lie beside job.yaml.",
                name=clipped(name),
            )
        )
    return name


FileName = Annotated[FilledText, AfterValidator(_file_name)]
"""Template of a picture's name, without extension."""
FileBeside = Annotated[str, AfterValidator(_beside)]
"""Name of a file in the job's own folder."""
Matrix = dict[
    Annotated[str, AfterValidator(_matrix_name)],
    Annotated[list[FilledText], BeforeValidator(a_list), AfterValidator(_distinct)],
]
