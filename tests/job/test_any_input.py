"""Whatever is dropped becomes a job or a list of problems, never another error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import JobInvalid
from worker.job.reader import JobFiles
from worker.job.schema import JobFile, Product, Shot
from worker.job.table.parse import parse_catalogue
from worker.records import Limits, Recommendation
from worker.yaml_reader.parser import parse_yaml

pytestmark = pytest.mark.slow

READER = JobFiles(
    Limits(pictures=50), Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0), guidance_matters=True
)
KEYS = sorted({*JobFile.model_fields, *Shot.model_fields, *Product.model_fields, "angle", "x.y", "a[0]", "", "\ud800"})
SCALARS = st.sampled_from(
    ["8", "0", "a mug", "{angle} b", "{", "{index:02}", "1024x1024", "", "null", "en", "杯", "CON", "\ud800", "\0"]
)
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except JobInvalid:
        return "problems"
    return "job"


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome(lambda: parse_yaml(data, file="a.yaml", max_bytes=1000))


@given(st.text(alphabet="ab:-#'\"{}[]|>&*!%@`,? \t\n：", max_size=60))
def test_any_text_of_yaml_s_own_marks_is_read_or_refused(text: str) -> None:
    outcome(lambda: parse_yaml(text.encode(), file="a.yaml", max_bytes=1000))


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=8))
def test_any_tree_of_known_keys_is_a_job_or_has_problems(tmp_path_factory: Any, tree: dict[str, Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    outcome(lambda: READER.read(path, stem="any"))


@given(st.binary(max_size=200) | st.text(alphabet='a,;\t"\n\r\0', max_size=60).map(str.encode))
def test_any_bytes_are_a_catalogue_or_have_problems(data: bytes) -> None:
    catalogue, problems = parse_catalogue(data, file="p.csv", max_rows=10)
    assert problems or (catalogue.columns and catalogue.rows)


def test_every_beginning_of_a_job_is_read_or_refused(tmp_path: Path) -> None:
    text = (Path(__file__).parent / "good" / "contract-example.yaml").read_text("utf-8")
    path = tmp_path / "cut.yaml"
    for length in range(len(text)):
        path.write_text(text[:length], encoding="utf-8")
        outcome(lambda: READER.read(path, stem="cut"))
