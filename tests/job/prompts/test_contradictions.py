"""What a prompt says against the job or itself, as far as it is certain."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from worker.job.reader import JobFiles
from worker.problem import Problem
from worker.records import Limits
from worker.studio.model_files.kinds import KINDS

Warned = Callable[..., list[Problem]]


@pytest.mark.parametrize(
    ("size", "prompt"),
    [
        ("1024x1024", "a mug, 1920x1080"),
        ("1024x1024", "马克杯，512×768像素"),
        ("1152x864", "a mug, aspect ratio 16:9"),
        ("1024x1024", "马克杯，画幅16:9"),
        ("1024x1024", "a mug, 9:16 aspect ratio"),
        ("1280x720", "杯子，3:4竖版"),
        ("1024x1024", "杯子，宽高比为4:3"),
        ("1024x1024", "a mug, 1024 x 1536 px"),
        ("1024x1024", "a mug, aspect ratio: 3:2"),
        ("1024x1024", "a mug, ar 16:9"),
        ("1280x720", "a mug, portrait orientation"),
        ("720x1280", "马克杯，横版构图"),
        ("720x1280", "Becher, Querformat"),
    ],
)
def test_a_size_in_the_prompt_that_is_not_the_pictures(size: str, prompt: str, warned: Warned) -> None:
    (told,) = warned(f"size: {size}\nprompt: {json.dumps(prompt, ensure_ascii=False)}\n")
    assert (told.rule, told.where) == ("prompt.contradiction", "prompt")
    assert "`size`" in told.remedy


@pytest.mark.parametrize(
    ("size", "prompt"),
    [
        ("1024x1024", "a mug, portrait orientation"),
        ("1024x1024", "马克杯，竖构图"),
        ("1280x720", "a mug, landscape format"),
        ("1280x720", "portrait of a woman, a vertical garden behind her"),
        ("720x1280", "a tablet in landscape orientation on a stand"),
    ],
)
def test_a_shape_in_words_that_the_picture_has_or_that_a_square_leaves_open(
    size: str, prompt: str, warned: Warned
) -> None:
    assert warned(f"size: {size}\nprompt: {json.dumps(prompt, ensure_ascii=False)}\n") == []


@pytest.mark.parametrize(
    ("size", "prompt"),
    [
        ("1024x1024", "a mug, 1024x1024"),
        ("1152x864", "a mug, aspect ratio 4:3"),
        ("1360x768", "a mug, 16:9 aspect ratio"),
        ("1024x1024", "a mug, 8k, 4K"),
        ("1024x1024", "a 600x900 mm print"),
        ("1024x1024", "a 1920x1080 monitor on a desk"),
        ("1024x1024", "头身比例1:7的少女"),
        ("1024x1024", "1:12比例模型屋"),
        ("1024x1024", "clock at 10:10"),
        ("864x1152", "杯子，3:4竖版"),
        ("1024x1024", "tiles of 30x30 cm"),
        ("1024x1024", "a TV with a 16:9 screen"),
    ],
)
def test_other_numbers_get_no_word(size: str, prompt: str, warned: Warned) -> None:
    assert warned(f"size: {size}\nprompt: {json.dumps(prompt, ensure_ascii=False)}\n") == []


@pytest.mark.parametrize(
    "job",
    [
        "shot: {product: mug, scene: black velvet, texture: 'white background, photorealistic'}\n",
        "shot: {product: mug, scene: light grey concrete wall, camera: pure white background}\n",
        "shot: {product: 马克杯, scene: 浅灰水泥墙, texture: 纯白背景，写实摄影}\n",
        "shot: {product: {subject: 马克杯, details: 纯白底}, scene: 黑色背景}\n",
        "prompt: a mug on a white background, black background, studio light\n",
        "prompt: 红色马克杯，白色背景，纯黑背景\n",
        "prompt: 红色马克杯，白底，黑底\n",
        "prompt: 马克杯，浅灰色背景，纯白背景\n",
        "shot: {product: mug, scene: red backdrop, texture: isolated on white}\n",
        "prompt: a mug with a lid, on wood, without a lid\n",
        "prompt: 马克杯，带杯盖，没有杯盖\n",
        "negative_prompt: 'text, white background'\nprompt: 'a mug, white background'\n",
        "shot: {product: mug, scene: white background, avoid: white background}\n",
    ],
)
def test_two_things_that_cannot_both_be(job: str, warned: Warned) -> None:
    (told,) = warned(job)
    assert told.rule == "prompt.contradiction"


@pytest.mark.parametrize(
    "job",
    [
        "shot: {product: mug, scene: 'wooden table, white background', texture: white background}\n",
        "shot: {product: white mug, scene: black velvet}\n",
        "shot: {product: mug, scene: a forest, texture: photorealistic}\n",
        "shot: {product: {subject: 青花瓷盘, details: 白底蓝花}, scene: 灰色背景}\n",
        "prompt: a white mug on a black background\n",
        "prompt: a blue sign, 蓝底白字的路牌，白底\n",
        "shot: {product: mug, scene: black marble tabletop, texture: white background}\n",
        "shot: {product: 马克杯, scene: 黑色大理石桌面, texture: 纯白背景}\n",
        "prompt: no white background, black background, a mug\n",
        "prompt: two bowls, one with a lid and one without a lid\n",
        "prompt: a mug without a logo, with a handle\n",
        "prompt: 'a poster that says “white background”, black background'\n",
        "prompt: from white background to black background, gradient, a mug\n",
        "negative_prompt: 'text, logo'\nprompt: 'a mug, white background'\n",
    ],
)
def test_what_may_well_both_be(job: str, warned: Warned) -> None:
    assert warned(job) == []


def reader_of(kind: str) -> JobFiles:
    of = KINDS[kind]  # type: ignore[index]
    return JobFiles(
        replace(Limits(), pixels=8192 * 8192), of.recommendation, guidance_matters=of.guidance_acts, suited=of.suited
    )


@pytest.mark.parametrize(
    ("kind", "size", "is_told"),
    [
        ("demo", "1024x1024", True),
        ("demo", "256x256", False),
        ("demo", "384x256", False),
        ("demo", "256x384", False),
        ("demo", "512x512", True),
        ("demo", "128x128", True),
        ("turbo", "1024x1024", False),
        ("turbo", "512x512", False),
        ("turbo", "2048x2048", False),
        ("turbo", "256x256", True),
        ("turbo", "4096x4096", True),
        ("turbo", "1280x720", False),
        ("turbo", "2048x512", False),
        ("turbo", "2560x512", True),
        ("base", "64x64", True),
        ("base", "864x1152", False),
        ("base", "512x2560", True),
        ("turbo", "1536x640", False),
    ],
)
def test_a_size_that_a_model_was_not_made_for(kind: str, size: str, is_told: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"size: {size}\nprompt: a mug\n")
    found = reader_of(kind).read(path, stem="a").warnings
    assert [(warning.rule, warning.line) for warning in found] == [("size.unsuited", 1)] * is_told


def test_a_size_of_the_settings_is_told_as_theirs(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("prompt: a mug\n")
    of = KINDS["demo"]
    asked = replace(of.recommendation, width_px=1024, height_px=1024)
    (told,) = JobFiles(Limits(), asked, guidance_matters=True, suited=of.suited).read(path, stem="a").warnings
    assert "settings" in told.remedy


def test_the_recommended_size_and_the_presets_are_suited(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    for kind in KINDS:
        path.write_text("prompt: a mug\n")
        assert reader_of(kind).read(path, stem="a").warnings == ()
    for preset in ("square", "portrait", "landscape", "tall", "wide"):
        path.write_text(f"size: {preset}\nprompt: a mug\n")
        assert reader_of("turbo").read(path, stem="a").warnings == ()
