"""What `model add|list|verify` say of records that are lost, and of folders that hold no whole model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from model_calls import said
from model_forms import TRANSFORMER, comfy_transformer, slim
from safetensors.torch import save_file

from worker.cli import main
from worker.errors import ExitCode

pytestmark = pytest.mark.slow

SHARD = "transformer/diffusion_pytorch_model-00002-of-00003.safetensors"


def test_a_lost_record_is_told_by_the_list(here: Path, capsys) -> None:
    assert main(["model", "add", "Z-Image-Turbo", "--as", "mug"]) == ExitCode.DONE
    (here / "models/mug/model.json").write_text("", "utf-8")
    capsys.readouterr()
    assert said(capsys, "list")[1].startswith("mug: model.json is empty, and counts for nothing")


def test_small_files_alone_are_called_by_their_name(here: Path, capsys) -> None:
    save_file(comfy_transformer(), here / "z_image_turbo.safetensors")
    code, text = said(capsys, "add", "z_image_turbo.safetensors", "--with", str(slim(here / "slim")))
    assert code == ExitCode.MODEL_INVALID
    assert text.startswith("z_image_turbo.safetensors is Z-Image's transformer.\n")


def test_a_folder_that_holds_no_more_than_a_begun_download_is_told(here: Path, capsys) -> None:
    for number, name in enumerate(("z.safetensors.part", "Unconfirmed 4711.crdownload", "sub/z.safetensors.aria2")):
        rest = here / f"new{number}" / name
        rest.parent.mkdir(parents=True)
        rest.write_bytes(bytes(5000))
        assert f"{name} is what an unfinished download has so far" in said(capsys, "add", f"new{number}")[1]
    (here / "other").mkdir()
    (here / "other/film.mkv.part").write_bytes(bytes(5000))
    assert "other has no model_index.json" in said(capsys, "add", "other")[1]


def test_what_a_folder_beside_lacks_is_told_with_that_folders_name(here: Path, capsys) -> None:
    shutil.copytree("Z-Image-Turbo", "slim")
    shutil.rmtree("slim/tokenizer")
    text = said(capsys, "add", f"Z-Image-Turbo/{TRANSFORMER}", "--with", "slim", "--as", "mug")[1]
    assert "The model in slim has no tokenizer/: download what is missing, of the same model." in text


def test_a_lora_that_is_not_merged_is_told(here: Path, capsys) -> None:
    lora = {"layers.0.attention.to_q.lora_A.weight": comfy_transformer()["x_pad_token"]}
    save_file(comfy_transformer() | lora, here / "z.safetensors")
    text = said(capsys, "add", "z.safetensors", "--with", "Z-Image-Turbo")[1]
    assert "z.safetensors holds Z-Image's transformer and a LoRA that is not merged into it, such as layers.0" in text


def test_what_another_download_left_keeps_no_whole_model_from_being_added(here: Path, capsys) -> None:
    (here / "models/diffusion_models").mkdir(parents=True)
    save_file(comfy_transformer(), here / "models/diffusion_models/z.safetensors")
    rest = here / "models/.cache/huggingface/download/x.incomplete"
    rest.parent.mkdir(parents=True)
    rest.write_bytes(b"rest")
    assert said(capsys, "add", "models", "--with", "Z-Image-Turbo", "--as", "mug")[0] == ExitCode.DONE
