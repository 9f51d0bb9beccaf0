"""Layouts: folders that somebody rearranged, or that hold more or less than the usual ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from zoo.embedded import (
    TURBO,
    WEIGHTS,
    edit_json,
    link,
    rewrite,
    single,
    turbo,
    whole,
    write_json,
)
from zoo.layout import add_each, layout


@layout("folders", works="run")
def extra_files(folder: Path) -> Path:
    """Pictures, notes, a GGUF and systems' litter beside the parts."""
    model = single(folder / TURBO)
    for name in ("assets/showcase.jpg", ".DS_Store", "Thumbs.db", "transformer/._diffusion_pytorch_model.safetensors",
                 "@eaDir/x", "z_image_turbo-Q4_0.gguf", "说明.txt"):  # fmt: skip
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_bytes(b"litter")
    return model


@layout("folders", works="run")
def extra_broken_safetensors_top(folder: Path) -> Path:
    """A broken safetensors file beside the parts, where loading does not look."""
    model = single(folder / TURBO)
    (model / "half.safetensors").write_bytes(b"\xff" * 20)
    return model


@layout("folders")
def model_is_parent(folder: Path) -> Path:
    """The folder above two models."""
    single(folder / "models/Z-Image-Turbo")
    single(folder / "models/Z-Image", title="Z-Image", shift=6.0)
    return folder / "models"


@layout("folders", works="add")
def model_is_parent_of_one(folder: Path) -> Path:
    """The folder above the only model, as unpacking an archive leaves it."""
    single(folder / "Z-Image-Turbo/Z-Image-Turbo")
    return folder / "Z-Image-Turbo"


@layout("folders")
def folder_name_case(folder: Path) -> Path:
    """Folders of parts with capitals, as a copy by hand has them."""
    model = single(folder / TURBO)
    (model / "transformer").rename(model / "Transformer")
    (model / "vae").rename(model / "VAE")
    return model


@layout("folders", works="run")
def model_index_with_bom(folder: Path) -> Path:
    """A byte order mark before the index, as Notepad writes it."""
    model = single(folder / TURBO)
    index = model / "model_index.json"
    index.write_bytes(b"\xef\xbb\xbf" + index.read_bytes())
    return model


@layout("folders")
def modular_index_only(folder: Path) -> Path:
    """The index of a modular pipeline in place of the plain one."""
    model = single(folder / TURBO)
    index = json.loads((model / "model_index.json").read_text("utf-8"))
    (model / "model_index.json").unlink()
    write_json(model / "modular_model_index.json", index | {"_class_name": "ZImageModularPipeline"})
    return model


@layout("folders", works="run")
def img2img_class(folder: Path) -> Path:
    """The index of the image-to-image pipeline, which has the same parts."""
    model = single(folder / TURBO)
    edit_json(model / "model_index.json", _class_name="ZImageImg2ImgPipeline")
    return model


@layout("folders", works="add")
def index_missing_parts_whole(folder: Path) -> Path:
    """All parts, but no index."""
    model = single(folder / TURBO)
    (model / "model_index.json").unlink()
    return model


@layout("folders")
def empty_folder(folder: Path) -> Path:
    """A folder with nothing in it."""
    (folder / TURBO).mkdir()
    return folder / TURBO


@layout("folders")
def folder_of_pictures(folder: Path) -> Path:
    """A folder that has nothing to do with models."""
    (folder / "pictures").mkdir()
    (folder / "pictures/mug.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    return folder / "pictures"


@layout("folders", works="run")
def chinese_path_spaces(folder: Path) -> Path:
    """A path with Chinese characters and blanks."""
    return single(folder / "模型 文件/Z-Image Turbo（新）")


def part_folder(part: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return turbo(folder / TURBO) / part

    return make


add_each(
    "folders",
    {f"model_is_{part}_subfolder": part_folder(part) for part in ("transformer", "text_encoder", "vae", "tokenizer")},
)


@layout("folders")
def no_text_encoder_folder(folder: Path) -> Path:
    """A finetune that was published without its text encoder."""
    model = single(folder / "My-Finetune")
    shutil.rmtree(model / "text_encoder")
    return model


@layout("folders")
def transformer_alone(folder: Path) -> Path:
    """A finetune published as its transformer folder alone, in a folder of its own."""
    top = folder / "My-Finetune"
    (top / "transformer").mkdir(parents=True)
    shutil.copyfile(WEIGHTS / "transformer/config.json", top / "transformer/config.json")
    whole("transformer", top / "transformer/diffusion_pytorch_model.safetensors")
    return top


@layout("folders", works="run")
def linked_parts(folder: Path) -> Path:
    """Parts that are links to folders elsewhere, as people save room."""
    model, other = single(folder / TURBO), folder / "elsewhere"
    other.mkdir()
    for part in ("text_encoder", "vae"):
        (model / part).rename(other / part)
        (model / part).symlink_to(other / part)
    return model


@layout("folders")
def model_index_is_empty(folder: Path) -> Path:
    """An index of no bytes."""
    model = single(folder / TURBO)
    rewrite(model / "model_index.json", b"")
    return model


@layout("folders", works="run")
def read_only_folder(folder: Path) -> Path:
    """Files and folders that nobody may write."""
    model = single(folder / TURBO)
    config = model / "transformer/config.json"
    config.chmod(0o444)
    (model / "transformer").chmod(0o555)
    return model


@layout("folders", works="run")
def marked_as_demo(folder: Path) -> Path:
    """A copy of the embedded model."""
    return single(folder / "demo", origin="zimage-worker-demo")


@layout("folders", works="run")
def hidden_model_beside(folder: Path) -> Path:
    """A model folder that holds another one, hidden: what is written is what is meant."""
    model = single(folder / TURBO)
    link(model / "model_index.json", model / ".old/model_index.json")
    return model
