"""Chinese keys and values mean what the language's own mean, are shown by the schema, and are told like them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator

from worker.delivery.formats import EXTENSIONS
from worker.errors import JobInvalid
from worker.job.chinese_keys import EVERY_WORD, JOB, PRODUCT, SHOT, SHOT_OR_SHOTS, TABLE_OR_PRODUCT
from worker.job.json_schema import schema
from worker.job.schema import JobFile, Product, Shot
from worker.records import Job

VALUES = {
    "size": "512x768", "steps": "9", "guidance": "2.5", "seed": "11", "count": "2", "negative_prompt": "text",
    "language": "zh", "format": "webp", "file_name": "x-{index}", "metadata": "{a: b}", "matrix": "{v: [x, y]}",
    "allow": "[new_seed]", "version": "1", "name": "mugs", "priority": "high", "prompt": "a mug, {v}", "id": "A-1",
    "scene": "wall", "light": "soft", "camera": "front", "texture": "matt", "avoid": "logo", "colour": "red",
    "material": "clay", "details": "with a rim", "subject": "mug", "shot": "{prompt: a}", "shots": "[{prompt: a}]",
    "product": "mug", "strict": "false", "proof": "{every: 2}",
}  # fmt: skip
SCHEMA = schema(EXTENSIONS)


def at_top(word: str, key: str) -> str:
    rest = "" if key in ("prompt", "shot", "shots") else "prompt: p\n"
    rest += "matrix: {v: [x]}\n" if key == "prompt" else ""
    return f"{word}: {VALUES[key]}\n{rest}"


def in_shot(word: str, key: str) -> str:
    rest = "" if key in ("prompt", "product") else "  product: mug\n"
    rest += "  matrix: {v: [x]}\n" if key == "prompt" else ""
    return f"shot:\n  {word}: {VALUES[key]}\n{rest}"


def in_product(word: str, key: str) -> str:
    rest = "" if key == "subject" else ", subject: mug"
    return f"shot:\n  product: {{{word}: {VALUES[key]}{rest}}}\n"


PLACES = [(JOB, at_top), (SHOT, in_shot), (PRODUCT, in_product)]


@pytest.mark.slow
@pytest.mark.parametrize(("table", "written"), PLACES, ids=["top", "shot", "product"])
def test_every_word_asks_for_the_same_as_the_key_it_stands_for(
    table: dict[str, str], written: Callable[[str, str], str], read: Callable[..., Job]
) -> None:
    for word, key in table.items():
        if key in ("products", "id_column"):  # of a folder
            continue
        own, chinese = read(written(key, key)), read(written(word, key))
        assert (chinese.requests, chinese.name, chinese.priority) == (own.requests, own.name, own.priority), word


def test_every_key_has_a_chinese_word_where_it_may_stand() -> None:
    assert set(JOB.values()) == set(JobFile.model_fields)
    assert set(SHOT.values()) == set(Shot.model_fields)
    assert {*PRODUCT.values(), "color"} == set(Product.model_fields)


def test_a_word_over_a_list_is_shots_and_over_a_mapping_shot(read: Callable[..., Job]) -> None:
    for word in SHOT_OR_SHOTS:
        assert len(read(f"{word}:\n  - 提示词: a\n  - 提示词: b\n").requests) == 2
        assert len(read(f"{word}:\n  提示词: a\n").requests) == 1


def test_a_table_is_found_by_a_chinese_key(read: Callable[..., Job]) -> None:
    for word in (*TABLE_OR_PRODUCT, "产品表", "商品表", "產品表"):
        files = {"products.csv": "sku,颜色\nA,红\nB,蓝\n".encode()}
        job = read(f'{word}: products.csv\n提示词: "{{颜色}}杯"\n', files=files)
        assert [request.prompt for request in job.requests] == ["红杯", "蓝杯"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("优先级: 高", "priority: high"), ("优先级: 普通", "priority: normal"), ("優先級: 低", "priority: low"),
        ("语言: 中文", "language: zh"), ("語言: 英文", "language: en"), ("尺寸: 方形", "size: square"),
        ("尺寸: 竖版", "size: portrait"), ("尺寸: 橫版", "size: landscape"), ("尺寸: 1024×1024", "size: 1024x1024"),
        ("尺寸: 1024*768", "size: 1024x768"), ("尺寸: 1024X768", "size: 1024x768"), ("格式: PNG", "format: png"),
        ("允许: [换种子]", "allow: [new_seed]"), ("允許: [分塊解碼]", "allow: [tiled_decode]"),
    ],
)  # fmt: skip
def test_a_chinese_value_means_the_same(text: str, same: str, read: Callable[..., Job]) -> None:
    job = read(f"提示词: 杯\n{text}\n")
    assert job.warnings == ()
    assert job == read(f"prompt: 杯\n{same}\n")


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("提示词: a\nprompt: b\n", (2, 1), "`提示词` and `prompt` are the same key"),
        ("prompt: a\n步数: 8\n步數: 9\n", (3, 1), "`步数` and `步數` are the same key"),
        ("镜头:\n  产品: 杯\n  场景: a\n  背景: b\n", (4, 3), "`场景` and `背景` are the same key"),
        ("镜头:\n  产品: 杯\n  尺寸: 1000x1000\n", (3, 7), "镜头.尺寸: 1000x1000: width and height"),
        ("镜头列表:\n  - 产品: {颜色: 红}\n", (2, 5), "镜头列表[1].产品.subject: This key is missing"),
        ("提示词: a\n步骤: 8\n", (2, 1), "Allowed are 尺寸, 步数"),
        ("提示語: a\n步数: 8\n", (1, 1), "Did you mean `提示"),
        ("产品: 马克杯\n", (1, 1), "write it under `shot:`"),
    ],
)
def test_what_is_wrong_is_told_in_the_authors_words(
    text: str, place: tuple[int, int], said: str, read: Callable[..., Job]
) -> None:
    with pytest.raises(JobInvalid) as raised:
        read(text)
    assert any((one.line, one.column) == place and said in one.text for one in raised.value.problems), raised.value


def test_an_authors_own_keys_stay_as_written(read: Callable[..., Job]) -> None:
    job = read('提示词: "{颜色}{尺寸}"\n矩阵: {颜色: [红], 尺寸: [大]}\n元数据: {名称: 秋}\n')
    assert (job.requests[0].matrix, job.requests[0].metadata) == ({"颜色": "红", "尺寸": "大"}, {"名称": "秋"})


def test_the_schema_shows_every_word_with_the_key_it_stands_for() -> None:
    validator = Draft202012Validator(SCHEMA)
    shown = {*SCHEMA["properties"], *(word for part in SCHEMA["$defs"].values() for word in part["properties"])}
    assert shown >= EVERY_WORD
    assert validator.is_valid({"提示词": "杯", "尺寸": "方形", "步数": 8, "语言": "中文", "优先级": "高"})
    assert validator.is_valid({"镜头": [{"产品": {"主体": "杯", "颜色": "红"}, "背景": "墙"}]})
    for wrong in (
        {"提示词": "杯", "步数": 0},
        {"步数": 8},
        {"镜头列表": [{"产品": {"颜色": "红"}}]},
        {"提示词": "杯", "步骤": 8},
    ):
        assert not validator.is_valid(wrong)
