"""Defaults, overrides, seeds and the order of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import JobInvalid
from worker.job.reader import JobFiles
from worker.job.requests import combinations, first_seed
from worker.records import Job, Limits, Recommendation

BASE = Recommendation(width_px=64, height_px=64, steps=8, guidance=3.0)
WORDS = st.dictionaries(st.sampled_from("abcd"), st.text(max_size=5))


@given(st.text(), WORDS)
def test_a_seed_comes_from_id_and_matrix_values_in_any_order(shot_id: str, combination: dict[str, str]) -> None:
    turned = dict(reversed(combination.items()))
    assert first_seed(shot_id, combination) == first_seed(shot_id, turned)
    assert 0 <= first_seed(shot_id, combination) < 2**32


@given(st.text(), WORDS, WORDS)
def test_other_matrix_values_give_another_seed(shot_id: str, one: dict[str, str], other: dict[str, str]) -> None:
    assert (first_seed(shot_id, one) == first_seed(shot_id, other)) == (one == other)


def test_seeds_are_the_same_for_ever() -> None:
    assert first_seed("shot-01", {}) == 3061359665
    assert first_seed("MUG-01", {"angle": "front view"}, given=7) == 7


def test_renaming_a_job_and_moving_its_shots_changes_no_picture(read: Callable[..., Job]) -> None:
    one = read("name: one\nshots:\n- {id: A, prompt: a mug}\n- {id: B, prompt: a bowl}\n")
    other = read("name: two\ncount: 3\nshots:\n- {id: B, prompt: a bowl}\n- {id: A, prompt: a mug}\n")
    seeds = {(r.shot_id, r.index): r.seed for r in other.requests}
    assert all(seeds[r.shot_id, r.index] == r.seed for r in one.requests)


def test_seeds_count_up_within_a_shot_and_wrap(read: Callable[..., Job]) -> None:
    assert [r.seed for r in read("prompt: a\nseed: 4294967295\ncount: 3").requests] == [4294967295, 0, 1]


def test_pictures_come_by_product_then_shot_then_combination_then_count(read: Callable[..., Job]) -> None:
    job = read(
        "products: p.csv\ncount: 2\nmatrix: {view: [x, y]}\n"
        "shots:\n- {id: S, prompt: '{sku} {view}'}\n- {id: T, prompt: '{sku} {view}'}\n",
        files={"p.csv": b"sku\nA\nB\n"},
    )
    made = [f"{r.shot_id}{r.matrix['view']}{r.index}" for r in job.requests]
    assert made == [f"{p}-{s}{v}{n}" for p in "AB" for s in "ST" for v in "xy" for n in (1, 2)]


def test_a_row_without_sku_is_called_by_its_number(read: Callable[..., Job]) -> None:
    job = read("products: p.csv\nprompt: a {colour} mug\n", files={"p.csv": b"colour\nred\nblue\n"})
    assert [(r.shot_id, r.file, r.product) for r in job.requests] == [
        ("1", "1_01.png", {"colour": "red"}),
        ("2", "2_01.png", {"colour": "blue"}),
    ]
    assert job.columns == ("colour",)


def test_the_name_column_of_the_products_hides_the_job_s_name(read: Callable[..., Job]) -> None:
    files = {"p.csv": b"sku,name\nA,Sunrise\n"}
    assert read("products: p.csv\nprompt: a mug called {name}\n", files=files).requests[0].prompt.endswith("Sunrise")


def test_a_silent_job_takes_what_the_model_recommends(read: Callable[..., Job]) -> None:
    request = read("prompt: a mug").requests[0]
    assert (request.width_px, request.height_px, request.steps, request.guidance) == (256, 256, 8, 3.0)
    assert (request.file, request.sidecar) == ("shot-01_01.png", "shot-01_01.json")


def test_the_default_name_is_the_dropped_file_s_made_safe(reader: JobFiles, tmp_path: Path) -> None:
    path = tmp_path / "mugs (1).yaml"
    path.write_text("prompt: a mug")
    assert reader.read(path, stem="mugs (1)").name == "mugs (1)"
    assert reader.read(path, stem="mugs: 1").name == "mugs- 1"


def test_a_title_is_kept_as_it_was_written(read: Callable[..., Job]) -> None:
    job = read('name: "autumn/mugs:\\n「红」"\nprompt: of {name}\n')
    assert (job.name, job.title) == ("autumn-mugs- 「红」", "autumn/mugs:\n「红」")
    assert job.requests[0].prompt == "of autumn/mugs:\n「红」"
    assert read("prompt: a mug\n", stem="mug").title == "mug"


def test_the_prompts_language_may_differ_from_product_to_product(read: Callable[..., Job]) -> None:
    job = read(
        "products: p.csv\nshot:\n  product: {subject: '{what}', colour: '{colour}'}\n",
        files={"p.csv": "what,colour\nmug,red\n马克杯,红色\n".encode()},
    )
    assert [r.prompt for r in job.requests] == ["a red mug", "红色马克杯"]


def test_what_the_settings_allow_holds_where_a_job_is_silent(tmp_path: Path) -> None:
    defaults = Recommendation(width_px=64, height_px=64, steps=8, guidance=0.0, allow=frozenset({"new_seed"}))
    path = tmp_path / "a.yaml"
    path.write_text("shots:\n- prompt: a\n- {prompt: b, allow: []}\n- {prompt: c, allow: [tiled_decode]}\n")
    job = JobFiles(Limits(), defaults, guidance_matters=True).read(path, stem="a")
    assert [request.allow for request in job.requests] == [{"new_seed"}, set(), {"tiled_decode"}]


def test_whatever_is_repeated_for_each_picture_counts_as_text(tmp_path: Path) -> None:
    """240 kB and `count: 1000` came to 695 MB of pages and manifests."""
    jobs = {
        "prompt": f"prompt: {'mug ' * 300}\ncount: 9\n",
        "negative prompt": f"prompt: mug\nnegative_prompt: {'mug ' * 300}\ncount: 9\n",
        "metadata": f"prompt: mug\nmetadata: {{a: {{b: [{'mug ' * 300}]}}}}\ncount: 9\n",
        "matrix": f"prompt: '{{a}}'\nmatrix: {{a: [{'mug ' * 300}]}}\ncount: 9\n",
    }
    reader = JobFiles(Limits(text_bytes=10_000), BASE, guidance_matters=True)
    for what, text in jobs.items():
        path = tmp_path / "mug.yaml"
        path.write_text(text)
        with pytest.raises(JobInvalid, match=r"count: Prompts, metadata and columns .* 9 pictures; those of [59] come"):
            reader.read(path, stem=what)
        path.write_text(text.replace("count: 9", "count: 4"))
        assert len(reader.read(path, stem=what).requests) == 4


def test_a_product_s_columns_count_for_each_of_its_pictures(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("prompt: a {sku}\nproducts: p.csv\ncount: 9\n")
    (tmp_path / "p.csv").write_text(f"sku,words\nA,{'mug ' * 300}\n")
    with pytest.raises(JobInvalid, match="more than the 0 MB that one job may have"):
        JobFiles(Limits(text_bytes=10_000), BASE, guidance_matters=True).read(tmp_path, stem="shop")


def test_every_combination_comes_once_the_first_key_slowest() -> None:
    assert combinations({"a": ["1", "2"], "b": ["x", "y"]}) == [
        {"a": a, "b": b} for a, b in (("1", "x"), ("1", "y"), ("2", "x"), ("2", "y"))
    ]
    assert combinations({}) == [{}]
