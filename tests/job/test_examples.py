"""The examples are right, explained, and quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.job.reader import JobFiles

FOLDER = Path(__file__).parents[2] / "jobs_example"
EXAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix == ".yaml" or (path / "job.yaml").is_file())
WANTED = {
    "bare-prompt", "portrait-zh", "mixed-language-scene", "strong-light", "knitwear-model", "product-shot",
    "catalogue-12",
}  # fmt: skip


def test_every_example_that_the_readme_promises_is_there() -> None:
    assert {path.stem for path in EXAMPLES} >= WANTED


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_without_a_warning(path: Path, reader: JobFiles) -> None:
    assert reader.read(path, stem=path.stem).warnings == ()


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_begins_with_the_schema_and_says_what_it_is(path: Path) -> None:
    first, second, *_ = path.read_text("utf-8").splitlines()
    schema = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / schema).resolve() == FOLDER / "job.schema.json"
    assert second.startswith("# ")


def test_the_catalogue_is_twelve_products_from_two_angles(reader: JobFiles) -> None:
    requests = reader.read(FOLDER / "catalogue-12", stem="catalogue-12").requests
    assert len(requests) == 24
    assert len({request.product["sku"] for request in requests}) == 12
    assert {(r.width_px, r.height_px, r.steps, r.guidance) for r in requests} == {(256, 256, 8, 3.0)}
