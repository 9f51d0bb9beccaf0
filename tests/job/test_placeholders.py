"""The little language of templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.job.placeholders import fill, fill_throughout, parse, placeholders_in

VALUES = {"id": "MUG-01", "index": 7, "颜色": "红色"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{id}_{index:02}", "MUG-01_07"),
        ("{index}", "7"),
        ("{index:3}", "  7"),
        ("{index:03d}", "007"),
        ("{颜色}杯", "红色杯"),
        ("{{id}} {id}", "{id} MUG-01"),
        ("{{{id}}}", "{MUG-01}"),
        ("no braces", "no braces"),
    ],
)
def test_names_are_replaced_and_doubled_braces_are_braces(template: str, text: str) -> None:
    assert fill(template, VALUES) == text


@pytest.mark.parametrize(
    "template",
    ["{", "}", "{id", "id}", "{}", "{id.real}", "{id[0]}", "{id!r}", "{0}", "{ id }", "{index:>99}", "{index:}",
     "{index:999}", "{index:{id}}", "{a-b}", "{__import__('os')}"],
)  # fmt: skip
def test_all_else_in_braces_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"brace|placeholder|format"):
        parse(template)


@given(st.text())
def test_a_text_with_doubled_braces_stays_what_it_was(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), {}) == text


@given(st.text(), st.dictionaries(st.sampled_from(["id", "name"]), st.text(), min_size=2))
def test_values_are_inserted_once_and_never_read_as_templates(text: str, values: dict[str, str]) -> None:
    template = "{id}" + text.replace("{", "{{").replace("}", "}}") + "{name}"
    assert fill(template, values) == values["id"] + text + values["name"]


@given(st.text(alphabet="{}ab:02.!"))
def test_any_text_is_a_template_or_gets_a_plain_complaint(text: str) -> None:
    try:
        names = {piece.name for piece in placeholders_in(text)}
    except ValueError:
        return
    fill(text, dict.fromkeys(names, 1))


def test_texts_in_lists_and_mappings_are_filled_and_keys_are_not() -> None:
    assert fill_throughout({"{id}": ["{id}", {"deep": "{index:02}"}]}, VALUES) == {"{id}": ["MUG-01", {"deep": "07"}]}
