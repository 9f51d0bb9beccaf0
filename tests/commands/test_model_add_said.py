"""What `model add|list|verify` say of sources that are not right, and of places where no model can be written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from model_calls import said
from model_forms import TRANSFORMER, VAE, comfy_transformer, widened
from safetensors.torch import save_file

from worker import compose
from worker.disk.mount_tables import MountTables
from worker.errors import ExitCode, ModelAway
from worker.settings import load

pytestmark = pytest.mark.slow

SHARD = "transformer/diffusion_pytorch_model-00002-of-00003.safetensors"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / VAE).unlink(),
        lambda folder: shutil.rmtree(folder / "vae"),
        lambda folder: [(folder / name).unlink() for name in (TRANSFORMER, VAE, "text_encoder/model.safetensors")],
        lambda folder: (folder / "model_index.json").unlink(),
        lambda folder: (folder / "model_index.json").write_text('{"_class_name": "FluxPipeline"}'),
    ],
)
def test_a_refusal_says_what_was_given_once(here: Path, capsys, spoil: Callable[[Path], object]) -> None:
    spoil(here / "Z-Image-Turbo")
    code, text = said(capsys, "add", "Z-Image-Turbo")
    assert code in (ExitCode.MODEL_INVALID, ExitCode.USAGE)
    lines = text.removeprefix("zimage-worker: ").replace(". ", ".\n").splitlines()
    assert len(lines) == len({line.removeprefix("zimage-worker: ") for line in lines}), text


def made_from(folder: Path, name: str) -> None:
    index = json.loads((folder / "model_index.json").read_text("utf-8"))
    (folder / "model_index.json").write_text(json.dumps({**index, "_name_or_path": name}), "utf-8")


def test_a_source_whose_signs_contradict_each_other_is_told_with_both_sides(here: Path, capsys) -> None:
    made_from(here / "Z-Image-Turbo", "Tongyi-MAI/Z-Image")
    code, text = said(capsys, "add", "Z-Image-Turbo")
    assert code == ExitCode.DONE
    assert "base by _name_or_path" in text
    assert "turbo by the folder's name 'Z-Image-Turbo'" in text
    assert "`model_kind: turbo`, or `base`" in text
    (here / "worker.yaml").write_text("model_kind: turbo\n", "utf-8")
    assert "contradicts itself" not in said(capsys, "add", "Z-Image-Turbo", "--as", "told")[1]


def test_a_file_whose_signs_contradict_each_other_is_told_with_both_sides(here: Path, capsys) -> None:
    made_from(here / "Z-Image-Turbo", "Tongyi-MAI/Z-Image-Turbo")
    save_file(comfy_transformer(), here / "zImageTurbo.safetensors", {"modelspec.title": "Z-Image Base"})
    code, text = said(capsys, "add", "zImageTurbo.safetensors", "--with", "Z-Image-Turbo")
    assert code == ExitCode.DONE
    assert "turbo by the name of zImageTurbo.safetensors" in text
    assert "base by modelspec.title" in text


def test_a_source_of_one_mind_gets_no_word(here: Path, capsys) -> None:
    made_from(here / "Z-Image-Turbo", "Tongyi-MAI/Z-Image-Turbo")
    (here / "Z-Image-Turbo/README.md").write_text("# Z-Image-Turbo\n", "utf-8")
    assert "contradicts" not in said(capsys, "add", "Z-Image-Turbo")[1]


def shards(folder: Path) -> Path:
    widened(folder)
    return folder / next(one.relative_to(folder) for one in sorted((folder / "transformer").glob("*-0000*")))


def rest_beside(ending: str, *, is_there: bool) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        shard = shards(folder)
        shard.with_name(shard.name + ending).write_bytes(b"rest")
        if not is_there:
            shard.unlink()

    return spoil


def cut_beside(folder: Path) -> None:
    shard = shards(folder)
    shard.write_bytes(shard.read_bytes()[:1000])
    shard.with_name(f"{shard.name}.aria2").write_bytes(b"rest")


def of_modelscope(folder: Path) -> None:
    shard = shards(folder)
    rest = folder / "._____temp" / shard.relative_to(folder)
    rest.parent.mkdir(parents=True)
    shard.rename(rest)


@pytest.mark.parametrize(
    "spoil",
    [
        rest_beside(".part", is_there=False),
        rest_beside(".aria2", is_there=False),
        rest_beside(".aria2", is_there=True),
        rest_beside(".crdownload", is_there=False),
        rest_beside(".baiduyun.p.downloading", is_there=False),
        cut_beside,
        of_modelscope,
    ],
)
def test_an_unfinished_download_is_named_before_what_it_lacks(here: Path, capsys, spoil) -> None:
    spoil(here / "Z-Image-Turbo")
    code, text = said(capsys, "add", "Z-Image-Turbo")
    assert code == ExitCode.MODEL_INVALID
    assert "its download has not ended" in text
    assert "is missing" not in text
    assert "promises" not in text


@pytest.mark.parametrize("place", ["._____temp/transformer", ".cache/huggingface/download/transformer"])
def test_a_download_that_has_no_index_yet_is_named(here: Path, capsys, place: str) -> None:
    (here / "new" / place).mkdir(parents=True)
    (here / "new" / place / "x.incomplete").write_bytes(b"rest")
    code, text = said(capsys, "add", "new")
    assert code == ExitCode.MODEL_INVALID
    assert f"as {place}/x.incomplete shows" in text


@pytest.mark.parametrize("name", ["z.safetensors.part", "z.safetensors.aria2", "z.safetensors.crdownload"])
def test_the_beginning_of_a_file_is_called_one(here: Path, capsys, name: str) -> None:
    save_file(comfy_transformer(), here / "z.safetensors")
    whole = (here / "z.safetensors").read_bytes()
    (here / "z.safetensors").unlink()
    (here / name).write_bytes(whole[:100_000])
    code, text = said(capsys, "add", name)
    assert code == ExitCode.MODEL_INVALID
    assert f"{name} is what an unfinished download has so far" in text
    (here / "z.safetensors").write_bytes(whole)  # which this program took for the whole one
    (here / name).rename(here / "z.safetensors.aria2")
    assert "its download has not ended" in said(capsys, "add", "z.safetensors")[1]


def test_of_comfyuis_files_the_unfinished_one_is_named(here: Path, capsys) -> None:
    (here / "models/loras").mkdir(parents=True)
    (here / "models/diffusion_models").mkdir()
    save_file({"a.lora_A.weight": comfy_transformer()["x_pad_token"]}, here / "models/loras/a.safetensors")
    save_file(comfy_transformer(), here / "models/diffusion_models/z.safetensors")
    (here / "models/diffusion_models/z.safetensors.aria2").write_bytes(b"rest")
    text = said(capsys, "add", "models")[1]
    assert "diffusion_models/z.safetensors is not whole: its download has not ended" in text


def test_a_name_that_means_another_folder_in_the_settings_is_told_with_the_path(here: Path, capsys) -> None:
    (here / "mug").mkdir()
    code, text = said(capsys, "add", "Z-Image-Turbo", "--as", "mug")
    assert code == ExitCode.DONE
    assert f"set `model: {here}/models/mug` in worker.yaml, the whole path: the name alone means {here}/mug." in text
    (here / "mug").rmdir()
    code, text = said(capsys, "add", "Z-Image-Turbo", "--as", "cup")
    assert "To use it, set `model:` to its name in worker.yaml." in text


@pytest.mark.parametrize("make", [lambda place: place.symlink_to("/tmp"), lambda place: place.write_text("mine")])
def test_what_lies_in_the_place_of_the_copy_is_named_and_left_alone(here: Path, capsys, make) -> None:
    (here / "models").mkdir()
    make(here / "models/.mug.adding")
    code, text = said(capsys, "add", "Z-Image-Turbo", "--as", "mug")
    assert code == ExitCode.USAGE
    assert (
        f"{here}/models/.mug.adding, where a copy is written until it is whole, is a link or a file: remove it" in text
    )
    assert [one.name for one in (here / "models").iterdir()] == [".mug.adding"]


def test_nothing_is_made_below_a_mount_point_on_which_nothing_is_mounted(here: Path) -> None:
    (here / "mnt").mkdir()
    (here / "fstab").write_text(f"//nas/models {here}/mnt cifs defaults 0 0\n", "utf-8")
    (here / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "utf-8")
    tables = MountTables(mountinfo=here / "mountinfo", fstab=here / "fstab", units=())
    settings = load(file=None, environment={}, flags={"models_dir": str(here / "mnt/models")}).settings
    with pytest.raises(ModelAway, match=f"nothing is mounted on {here}/mnt: mount its disk or share"):
        compose.stored_models(settings, tables=tables)
    with pytest.raises(ModelAway, match=f"nothing is mounted on {here}/mnt: mount its disk or share"):
        compose.add_model(
            [here / "Z-Image-Turbo"], other=None, target=lambda _: here / "mnt/models/mug", settings=settings,
            say=print, progress=print, tables=tables,
        )  # fmt: skip
    assert not [*(here / "mnt").iterdir()]


def test_the_whole_disk_is_looked_through_without_advice_on_the_kernels_folders(here: Path, capsys) -> None:
    code, text = said(capsys, "add", "/proc/self")
    assert code == ExitCode.MODEL_INVALID
    assert "chmod" not in text
    assert "/proc/self has no model_index.json" in text
