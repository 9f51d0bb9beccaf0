"""Parts of different models in one folder are told by their files alone, all of them at once, before anything loads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from worker.errors import ExitCode, ModelInvalid
from worker.studio.model_files.inspect import inspect_model

pytestmark = pytest.mark.slow

LLAMA = "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>{{ m.content }}{% endfor %}"
QWEN = (
    "{%- for m in messages %}{%- generation %}{{- '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' }}"
    "{%- endgeneration %}{%- endfor %}"
)


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


@pytest.mark.parametrize(
    ("file", "changes", "words"),
    [("text_encoder/config.json", {"hidden_size": 2560}, ("text_encoder and transformer do not fit", "2560", "128")),
     ("transformer/config.json", {"cap_feat_dim": 3840}, ("text_encoder and transformer do not fit", "3840")),
     ("vae/config.json", {"latent_channels": 4}, ("vae and transformer do not fit", "latent_channels is 4")),
     ("vae/config.json", {"shift_factor": None}, ("has no shift_factor",)),
     ("transformer/config.json", {"axes_dims": [16, 56, 56]}, ("contradicts itself", "128")),
     ("scheduler/scheduler_config.json", {"_class_name": "DDIMScheduler"}, ("is for 'DDIMScheduler'",)),
     ("scheduler/scheduler_config.json", {"prediction_type": "epsilon"}, ("prediction_type 'epsilon'",)),
     ("text_encoder/config.json", {"vocab_size": 1000}, ("tokenizer and text_encoder do not fit", "1370", "1000"))],
)  # fmt: skip
def test_numbers_that_differ(folder: Path, file: str, changes: dict, words: tuple[str, ...]) -> None:
    edit(folder / file, **changes)
    model = inspect_model(folder)
    assert all(any(word in fault for fault in model.faults) for word in words), model.faults
    assert all("from one and the same model" in fault for fault in model.faults)
    with pytest.raises(ModelInvalid) as told:
        model.require_whole()
    assert told.value.exit_code == ExitCode.MODEL_INVALID


def test_all_that_does_not_fit_is_told_at_once(folder: Path) -> None:
    edit(folder / "text_encoder/config.json", hidden_size=2560)
    edit(folder / "vae/config.json", latent_channels=4)
    (folder / "tokenizer/chat_template.jinja").write_text(LLAMA)
    told = "\n".join(inspect_model(folder).faults)
    for part in ("text_encoder and transformer", "vae and transformer", "chat template"):
        assert part in told


@pytest.mark.parametrize(
    ("template", "words"),
    [(LLAMA, "writes no <|im_start|>, <|im_end|>"), ("{{ messages[7].content }}", "cannot be used"),
     ("{% for m in messages %}", "cannot be used"), ("<|im_start|>hello<|im_end|>", "writes no a red mug"),
     ("{{ 1 / 0 }}", "cannot be used")],
)  # fmt: skip
def test_a_chat_template_of_another_model(folder: Path, template: str, words: str) -> None:
    (folder / "tokenizer/chat_template.jinja").write_text(template)
    (fault,) = inspect_model(folder).faults
    assert words in fault


def test_a_chat_template_with_marks_of_the_libraries_own_is_fine(folder: Path) -> None:
    (folder / "tokenizer/chat_template.jinja").unlink()
    edit(folder / "tokenizer/tokenizer_config.json", chat_template=QWEN)
    assert inspect_model(folder).faults == ()


def test_a_tokenizer_of_another_model(folder: Path) -> None:
    edit(
        folder / "tokenizer/tokenizer_config.json",
        added_tokens_decoder={"128000": {"content": "<|begin_of_text|>"}, "128009": {"content": "<|eot_id|>"}},
    )
    told = "\n".join(inspect_model(folder).faults)
    assert "ids up to 128009" in told
    assert "does not know <|im_start|> <|im_end|>" in told


def test_weights_of_another_model_beside_a_configuration_that_fits(folder: Path) -> None:
    file = folder / "vae/diffusion_pytorch_model.safetensors"
    tensors = load_file(file)
    tensors["decoder.conv_in.weight"] = tensors["decoder.conv_in.weight"][:, :4].contiguous()
    save_file(tensors, file)
    (fault,) = inspect_model(folder).faults
    assert "decoder.conv_in.weight has 80x4x3x3, where 80x16x3x3 is needed" in fault


def test_how_long_a_side_may_be_follows_the_models_own_table(folder: Path) -> None:
    assert inspect_model(folder).longest_px == (8192, 8192)
    edit(folder / "transformer/config.json", axes_lens=[1024, 128, 256])
    assert inspect_model(folder).longest_px == (256 * 16, 128 * 16)
    edit(folder / "transformer/config.json", axes_lens="unknown")
    assert inspect_model(folder).longest_px == (8192, 8192)


def test_the_table_of_positions_ends_where_the_longest_side_does(parts) -> None:
    longest, positions = 8192, parts.transformer.rope_embedder
    positions(torch.tensor([[33, longest // 16 - 1, longest // 16 - 1]]))
    for place in ([33, longest // 16, 0], [33, 0, longest // 16]):
        with pytest.raises(IndexError):
            positions(torch.tensor([place]))


@pytest.mark.parametrize(("make", "words"), [(os.mkfifo, "is no file, but a pipe"), (Path.mkdir, "is a folder")])
def test_what_is_no_file_in_the_place_of_merges_is_told(folder: Path, make: Callable[[Path], None], words: str) -> None:
    (folder / "tokenizer/tokenizer.json").unlink()
    (folder / "tokenizer/vocab.json").write_text('{"a": 0}')
    make(folder / "tokenizer/merges.txt")
    (fault,) = inspect_model(folder).faults
    assert fault.startswith(f"tokenizer/merges.txt {words}")
    assert fault == fault.strip()
