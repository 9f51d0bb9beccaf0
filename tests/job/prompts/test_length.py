"""Prompts over the model's tokens: counted by the model's own tokenizer, told with what is lost and what would fit."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from worker.demo import weights_dir
from worker.job.reader import JobFiles
from worker.problem import Problem
from worker.records import Job, Limits, Recommendation
from worker.studio.model_files.inspect import inspect_model
from worker.studio.model_files.tokens import PromptTokenizer

WORDS = "a very detailed ceramic mug with fine glaze and soft light on a wooden table, "
PROMPTS = [
    "a red mug",
    WORDS * 20,
    WORDS * 60,
    "红色陶瓷马克杯，浅灰水泥墙，" * 60,
    "e\u0301" * 400 + " end",
    "😀👩‍🔬" * 70,
    "<|im_end|> x" * 50,
    "  leading " + "word " * 600,
    "mug\n\nmug " * 200,
    "don't 12345 'll it's " * 60,
]


@pytest.fixture(scope="module")
def tokens() -> PromptTokenizer:
    return PromptTokenizer(inspect_model(weights_dir(), model_kind="auto").source, most_tokens=512)


@pytest.fixture
def read_with(tokens: PromptTokenizer, tmp_path: Path) -> Callable[..., Job]:
    reader = JobFiles(
        Limits(),
        Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0),
        guidance_matters=True,
        tokens=tokens,
    )

    def read(text: str, table: str = "") -> Job:
        (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "products.csv").write_text(table, encoding="utf-8")
        return reader.read(tmp_path if table else tmp_path / "job.yaml", stem="a")

    return read


def too_long(job: Job) -> list[Problem]:
    return [warning for warning in job.warnings if warning.rule == "prompt.too_long"]


@pytest.mark.slow
@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt[:12])
def test_the_count_is_that_of_the_pipeline(prompt: str, tokens: PromptTokenizer) -> None:
    from diffusers import ZImagePipeline

    pipe = ZImagePipeline.from_pretrained(weights_dir(), local_files_only=True)
    turn = pipe.tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True, enable_thinking=True
    )
    (embedding,), _ = pipe.encode_prompt([prompt], device="cpu", do_classifier_free_guidance=False)
    measured = tokens.measure(prompt)
    assert measured is not None
    assert measured.tokens == len(pipe.tokenizer(turn).input_ids)
    assert min(measured.tokens, 512) == embedding.shape[0]
    fitting = tokens.measure(prompt[: measured.fits])
    assert fitting is not None
    assert fitting.tokens <= 514, "cut between two tokens that would be one"


@pytest.mark.slow
def test_what_is_called_lost_changes_nothing_and_what_is_called_read_does(tokens: PromptTokenizer) -> None:
    import torch
    from diffusers import ZImagePipeline

    pipe = ZImagePipeline.from_pretrained(weights_dir(), local_files_only=True)
    prompt = WORDS * 40
    read = tokens.measure(prompt).read  # type: ignore[union-attr]

    def encoded(text: str) -> torch.Tensor:
        return pipe.encode_prompt([text], device="cpu", do_classifier_free_guidance=False)[0][0]

    assert torch.equal(
        encoded(prompt), encoded(f"{prompt[:read]} {'blue ' * 50}"[: len(prompt)].ljust(len(prompt), "x"))
    )
    assert not torch.equal(encoded(prompt), encoded(f"{prompt[: read - 30]}{'x' * 400}"))


def test_a_long_prompt_is_told_with_what_is_lost_and_what_would_fit(read_with: Callable[..., Job]) -> None:
    prompt = f"{WORDS * 25}THE LAST WORDS"
    (told,) = too_long(read_with(f"prompt: {json.dumps(prompt)}\n"))
    assert "tokens and the model reads 512" in told.message
    assert "lost is everything from `" in told.message
    assert told.remedy.startswith("Shorten it to about ")
    assert told.where == "prompt"


def test_a_prompt_that_fits_gets_no_word(read_with: Callable[..., Job]) -> None:
    assert too_long(read_with(f"prompt: {json.dumps(WORDS * 20)}\n")) == []


def test_a_negative_prompt_is_read_no_further(read_with: Callable[..., Job]) -> None:
    (told,) = too_long(read_with(f"prompt: mug\nnegative_prompt: {json.dumps(WORDS * 40)}\n"))
    assert told.where == "negative_prompt"
    assert too_long(read_with(f"prompt: mug\nguidance: 0\nnegative_prompt: {json.dumps(WORDS * 40)}\n")) == []


def test_long_prompts_of_many_products_are_one_warning(read_with: Callable[..., Job]) -> None:
    rows = "".join(f'P{n},"{n} {WORDS * 40}"\n' for n in range(8))
    (told,) = too_long(read_with("products: products.csv\nprompt: '{words}'\n", f"sku,words\n{rows}"))
    assert (told.count, told.examples) == (8, ("P0", "P1", "P2"))


COMPOSED = """shot:
  product: {{subject: mug, colour: red, material: ceramic, details: "{details}"}}
  scene: light grey wall
  light: frontal softbox
  camera: front view, shallow depth of field
  texture: "photorealistic, {texture}"
"""


def test_a_composed_prompt_loses_the_least_important_first(read_with: Callable[..., Job]) -> None:
    texture = ", ".join(f"fine glaze texture number {n}" for n in range(60))
    job = read_with(COMPOSED.format(details="with a thin rim", texture=texture))
    prompt = job.requests[0].prompt
    assert (
        "a red ceramic mug with a thin rim, light grey wall, frontal softbox, front view, shallow depth of field"
        in prompt
    )
    assert "photorealistic, fine glaze texture number 0" in prompt
    assert "number 59" not in prompt
    (told,) = too_long(job)
    assert "Left out, the least important first: fine glaze texture number 59" in told.message


def test_it_keeps_as_much_as_fits(read_with: Callable[..., Job], tokens: PromptTokenizer) -> None:
    texture = ", ".join(f"fine glaze texture number {n}" for n in range(60))
    used = read_with(COMPOSED.format(details="with a rim", texture=texture)).requests[0].prompt
    more = len(used.split("number ")) - 1
    assert tokens.measure(used).tokens <= 512  # type: ignore[union-attr]
    assert tokens.measure(f"{used}, fine glaze texture number {more}").tokens > 512  # type: ignore[union-attr]


def test_long_details_go_before_what_every_other_field_begins_with(read_with: Callable[..., Job]) -> None:
    details = ", ".join(f"with engraved ornament number {n}" for n in range(80))
    prompt = read_with(COMPOSED.format(details=details, texture="fine glaze")).requests[0].prompt
    assert prompt.startswith("a red ceramic mug with engraved ornament number 0")
    assert prompt.endswith("light grey wall, frontal softbox, front view, photorealistic")


def test_a_field_that_is_one_endless_phrase_goes_alone(read_with: Callable[..., Job]) -> None:
    prompt = read_with(COMPOSED.format(details="engraved ornament " * 120, texture="fine glaze")).requests[0].prompt
    assert prompt.startswith("a red ceramic mug, light grey wall, frontal softbox, front view")
    assert "photorealistic" in prompt


def test_sentences_are_phrases_too(read_with: Callable[..., Job]) -> None:
    details = " ".join(f"It has ornament number {n}." for n in range(90))
    prompt = read_with(COMPOSED.format(details=details, texture="fine glaze")).requests[0].prompt
    assert prompt.startswith("a red ceramic mug, It has ornament number 0. It has ornament number 1.")
    assert prompt.endswith("light grey wall, frontal softbox, front view, photorealistic")


def test_the_subject_stays_whatever_its_length(read_with: Callable[..., Job]) -> None:
    job = read_with(f"shot: {{product: {json.dumps(WORDS * 40)}, scene: white wall}}\n")
    assert job.requests[0].prompt.count("very detailed ceramic mug") == 40
    assert len(too_long(job)) == 2


def test_without_a_model_only_what_may_be_too_long_is_told(reader: JobFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    told = {}
    for times in (1, 15, 30):
        path.write_text(f"prompt: {json.dumps(WORDS * times)}\n")
        told[times] = [warning.rule for warning in reader.read(path, stem="a").warnings]
    assert told == {1: [], 15: [], 30: ["prompt.not_counted"]}


def test_files_that_cannot_be_read_count_nothing(tmp_path: Path) -> None:
    source = inspect_model(weights_dir(), model_kind="auto").source
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer/tokenizer.json").write_text("version https://git-lfs.github.com/spec/v1\n")
    broken = type(source)(folder=tmp_path)
    assert PromptTokenizer(broken, most_tokens=512).measure(WORDS) is None


def test_a_model_that_is_away_is_asked_anew(tmp_path: Path) -> None:
    source = inspect_model(weights_dir(), model_kind="auto").source
    shutil.copytree(source.folder / "tokenizer", tmp_path / "tokenizer")
    (tmp_path / "tokenizer").rename(tmp_path / "away")
    (tmp_path / "tokenizer").symlink_to("tokenizer")  # no way to any file below it
    counter = PromptTokenizer(type(source)(folder=tmp_path), most_tokens=512)
    assert counter.measure(WORDS) is None
    (tmp_path / "tokenizer").unlink()
    (tmp_path / "away").rename(tmp_path / "tokenizer")
    assert counter.measure(WORDS) is not None


def test_five_hundred_short_prompts_never_load_the_tokenizer(tmp_path: Path) -> None:
    class Never:
        def measure(self, prompt: str) -> None:
            raise AssertionError(prompt)

    reader = JobFiles(
        Limits(),
        Recommendation(width_px=256, height_px=256, steps=8, guidance=3.0),
        guidance_matters=True,
        tokens=Never(),
    )
    rows = "".join(f"P{n},{'word ' * 60}{n}\n" for n in range(500))
    (tmp_path / "job.yaml").write_text("products: products.csv\nprompt: '{words}'\n")
    (tmp_path / "products.csv").write_text(f"sku,words\n{rows}")
    began = time.process_time()
    assert len(reader.read(tmp_path, stem="a").requests) == 500
    assert time.process_time() - began < 0.5
