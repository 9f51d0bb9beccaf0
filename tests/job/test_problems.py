"""Any pydantic model can be filled from YAML with every problem told at once; the settings are one."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worker.errors import JobInvalid
from worker.yaml_reader.parser import parse_yaml
from worker.yaml_reader.problems import collect, model_faults


class Kettle(BaseModel):
    model_config = ConfigDict(extra="forbid")
    synonyms: ClassVar[dict[str, str]] = {"capacity": "litres"}

    litres: Annotated[float, Field(gt=0, le=5)] = 1.0
    cups: Annotated[int, Field(ge=1)] = 4
    colour: Literal["red", "blue"] = "red"
    code: Annotated[str, Field(pattern="^[a-z]+$")] = "a"


def told(text: str) -> list[str]:
    document = parse_yaml(text.encode(), file="kettle.yaml", max_bytes=1000, example="litres: 2")
    with pytest.raises(ValidationError) as raised:
        Kettle.model_validate(document.data)
    return [str(one) for one in collect(document, model_faults(raised.value, document.data, model=Kettle))]


def test_a_right_document_becomes_the_model() -> None:
    document = parse_yaml(b"litres: 1.5\ncups: 8\ncolour: blue\n", file="kettle.yaml", max_bytes=1000)
    assert Kettle.model_validate(document.data) == Kettle(litres=1.5, cups=8, colour="blue")
    assert collect(document) == []


def test_every_problem_is_told_in_the_order_of_the_lines() -> None:
    assert told("colour: green\ncapacity: 2\nlitres: 9\ncups: many\ncups: 0\ncode:\n") == [
        "kettle.yaml:1:9: colour: `green` is not allowed. Allowed are `red` or `blue`.",
        "kettle.yaml:2:1: capacity: There is no key `capacity`. Did you mean `litres`?"
        " Allowed are litres, cups, colour or code.",
        "kettle.yaml:3:9: litres: `9` is not allowed. Allowed is 5.0 or less.",
        "kettle.yaml:5:1: cups: This key is written twice (first in line 4). Keep one of them.",
        "kettle.yaml:6:6: code: There is no value. Write one, or remove the key.",
    ]


def test_a_list_where_a_value_belongs_is_told_plainly() -> None:
    assert told("cups: [1, 2]\ncode: A1\n") == [
        "kettle.yaml:1:7: cups: A list stands here; one text is allowed."
        " If it is a text with brackets, put it in quotes.",
        "kettle.yaml:2:7: code: `A1` is not allowed: it does not have the form ^[a-z]+$.",
    ]


def test_an_empty_file_shows_the_caller_s_example() -> None:
    with pytest.raises(JobInvalid, match="such as `litres: 2`"):
        parse_yaml(b"", file="kettle.yaml", max_bytes=1000, example="litres: 2")
