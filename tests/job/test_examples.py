"""The examples are right, explained, and quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.job.reader import JobFiles

FOLDER = Path(__file__).parents[2] / "jobs_example"
EXAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix == ".yaml" or (path / "job.yaml").is_file())
WANTED = {
    "bare-prompt", "portrait-zh", "chinese-keys", "mixed-language-scene", "strong-light", "knitwear-model",
    "product-shot", "catalogue-12",
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


def test_an_example_with_chinese_keys_asks_for_the_same_as_one_with_the_languages_own(
    reader: JobFiles, tmp_path: Path
) -> None:
    text = (FOLDER / "chinese-keys.yaml").read_text("utf-8")
    for chinese, own in (
        ("名称:", "name:"), ("优先级: 普通", "priority: normal"), ("语言: 中文", "language: zh"),
        ("文件名:", "file_name:"),
        ("矩阵:", "matrix:"), ("镜头列表:", "shots:"), ("编号:", "id:"), ("产品:", "product:"), ("主体:", "subject:"),
        ("颜色:", "colour:"), ("材质:", "material:"), ("背景:", "scene:"), ("光线:", "light:"), ("镜头:", "camera:"),
        ("质感:", "texture:"), ("提示词:", "prompt:"),
    ):  # fmt: skip
        assert chinese in text
        text = text.replace(chinese, own)
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    asked = reader.read(FOLDER / "chinese-keys.yaml", stem="a")
    assert asked == reader.read(tmp_path / "own.yaml", stem="a")
    assert len(asked.requests) == 4


def test_the_catalogue_is_twelve_products_from_two_angles(reader: JobFiles) -> None:
    requests = reader.read(FOLDER / "catalogue-12", stem="catalogue-12").requests
    assert len(requests) == 24
    assert len({request.product["sku"] for request in requests}) == 12
    assert {(r.width_px, r.height_px, r.steps, r.guidance) for r in requests} == {(256, 256, 8, 3.0)}
