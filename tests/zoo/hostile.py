"""Layouts: folders and files that somebody made to do harm: ways outside, code, things that are no files."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from bound_socket import bind_socket

from zoo.embedded import TURBO, edit_json, rewrite, single, tensors_of, turbo, whole, write_json
from zoo.layout import Maker, Written, add_each, layout
from zoo.single_files import beside

INDEX = "transformer/diffusion_pytorch_model.safetensors.index.json"
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"
TRAP = "raise SystemExit('the code of a downloaded model ran')\n"


def pointing(target: Callable[[Path], str]) -> Maker:
    """An index whose second shard is a file somewhere else.

    Args:
        target: what the index says, from the layout's folder.
    """

    def make(folder: Path) -> Path:
        model = single(folder / "top" / TURBO)
        (model / WEIGHTS).unlink()
        whole("transformer", folder / "outside.safetensors")
        whole("transformer", model / "transformer/inside.safetensors")
        names = [*tensors_of("transformer")]
        places = dict.fromkeys(names[:70], "inside.safetensors")
        places |= dict.fromkeys(names[70:], target(folder))
        write_json(model / INDEX, {"metadata": {}, "weight_map": places})
        return model

    return make


add_each(
    "hostile",
    {
        "index_points_outside": pointing(lambda folder: "../../../outside.safetensors"),
        "index_points_outside_absolute": pointing(lambda folder: str(folder / "outside.safetensors")),
        "index_points_outside_backslash": pointing(lambda folder: r"..\..\..\outside.safetensors"),
        "index_points_into_subfolder": pointing(lambda folder: "sub/../inside.safetensors"),
        "index_points_to_itself": pointing(lambda folder: "."),
        "index_points_to_device": pointing(lambda folder: "/dev/zero"),
        "index_names_with_newline": pointing(lambda folder: "a\nWrote /etc/passwd\x1b[2J.safetensors"),
        "index_names_no_text": pointing(lambda folder: ["inside.safetensors"]),  # type: ignore[arg-type,return-value]
        "index_names_very_long": pointing(lambda folder: "x" * 5000 + ".safetensors"),
        "index_names_with_nul": pointing(lambda folder: "inside\0.safetensors"),
        "index_points_to_bin": pointing(lambda folder: "diffusion_pytorch_model.bin"),
    },
)


def spoilt(change: Callable[[Path], object]) -> Maker:
    """A whole folder, and one change to it."""

    def make(folder: Path) -> Path:
        model = single(folder / TURBO)
        change(model)
        return model

    make.__doc__ = change.__doc__
    return make


def linked(target: str) -> Callable[[Path], None]:
    def change(model: Path) -> None:
        (model / WEIGHTS).unlink()
        (model / WEIGHTS).symlink_to(target)

    return change


def with_fifo(model: Path) -> None:
    (model / WEIGHTS).unlink()
    os.mkfifo(model / WEIGHTS)


def config_is_fifo(model: Path) -> None:
    (model / "model_index.json").unlink()
    os.mkfifo(model / "model_index.json")


def weights_are_folder(model: Path) -> None:
    (model / WEIGHTS).unlink()
    (model / WEIGHTS).mkdir()


def config_is_huge(model: Path) -> None:
    """A configuration of 3 GB, which takes no room on the disk."""
    os.truncate(model / "transformer/config.json", 3 * 1024**3)


def config_is_deep(model: Path) -> None:
    rewrite(model / "transformer/config.json", b'{"a":' * 200_000 + b"1" + b"}" * 200_000)


def index_is_deep(model: Path) -> None:
    rewrite(model / "model_index.json", b"[" * 300_000 + b"]" * 300_000)


def card_is_device(model: Path) -> None:
    """A card that never ends: nobody needs one, and nobody waits for it."""
    (model / "README.md").unlink()
    (model / "README.md").symlink_to("/dev/zero")


def numbers_of_4000_digits(model: Path) -> None:
    config = json.loads((model / "transformer/config.json").read_text("utf-8"))
    text = json.dumps(config | {"n_layers": 7}).replace('"n_layers": 7', f'"n_layers": {"7" * 5000}')
    rewrite(model / "transformer/config.json", text.encode())


add_each(
    "hostile",
    {
        "weights_link_to_device": spoilt(linked("/dev/zero")),
        "weights_link_to_secret": spoilt(linked("/etc/passwd")),
        "weights_link_to_itself": spoilt(linked("diffusion_pytorch_model.safetensors")),
        "weights_are_fifo": spoilt(with_fifo),
        "weights_are_folder": spoilt(weights_are_folder),
        "index_is_fifo": spoilt(config_is_fifo),
        "config_is_huge": spoilt(config_is_huge),
        "config_is_deep": spoilt(config_is_deep),
        "index_is_deep": spoilt(index_is_deep),
        "config_number_of_5000_digits": spoilt(numbers_of_4000_digits),
    },
)
add_each("hostile", {"card_is_device": spoilt(card_is_device)}, works="run")


@layout("hostile", works="run")
def trust_remote_code_traps(folder: Path) -> Path:
    """Code beside the weights, and configurations that ask for it; nothing of it is ever run."""
    model = single(folder / TURBO)
    for place in ("pipeline.py", "transformer/transformer.py", "tokenizer/tokenization.py", "text_encoder/modeling.py"):
        (model / place).write_text(TRAP)
    edit_json(model / "text_encoder/config.json", auto_map={"AutoModel": "modeling.Qwen3Model"})
    edit_json(model / "tokenizer/tokenizer_config.json", auto_map={"AutoTokenizer": ["tokenization.Trap", None]})
    return model


@layout("hostile")
def custom_pipeline_class(folder: Path) -> Path:
    """An index whose pipeline is a class of the folder's own."""
    model = single(folder / TURBO)
    (model / "pipeline.py").write_text(TRAP)
    edit_json(model / "model_index.json", _class_name=["pipeline", "ZImagePipeline"])
    return model


@layout("hostile", works="run")
def custom_module_in_index(folder: Path) -> Path:
    """An index that takes a part's class from a module of the folder's own."""
    model = single(folder / TURBO)
    (model / "transformer/my_module.py").write_text(TRAP)
    edit_json(model / "model_index.json", transformer=["my_module", "ZImageTransformer2DModel"])
    return model


@layout("hostile")
def one_file_a_thousand_times(folder: Path) -> Path:
    """A thousand links to a weight file in one folder of parts."""
    model = turbo(folder / TURBO)
    first = next((model / "transformer").glob("*-00001-*"))
    for number in range(1_000):
        (model / "transformer" / f"x{number:05}.safetensors").symlink_to(first.name)
    (model / INDEX).unlink()
    return model


@layout("hostile")
def folder_in_itself(folder: Path) -> Path:
    """A folder that holds a link to itself."""
    top = folder / "models"
    top.mkdir()
    (top / "more").symlink_to(top)
    (top / "again").symlink_to("..")
    return top


class Trap:
    """Makes a file where a pickle of it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return (open, ("/tmp/zoo-pickle-ran", "w"))


def zipped_pickle() -> bytes:
    """As torch saves: a zip with `data.pkl`."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap(), protocol=2))
        archive.writestr("archive/version", "3\n")
    return made.getvalue()


def plain_zip() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("z_image_turbo_bf16.safetensors", b"x" * 100)
    return made.getvalue()


def zip_bomb() -> bytes:
    """50 MB of blanks, which a reader of zips would unpack."""
    made = BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("archive/data.pkl", "w", force_zip64=True) as entry,
    ):
        for _ in range(50):
            entry.write(b" " * 1_000_000)
    return made.getvalue()


def file(name: str, content: Callable[[], bytes]) -> Maker:
    def make(folder: Path) -> Written:
        target = folder / "files" / name
        target.parent.mkdir()
        target.write_bytes(content())
        return beside(folder, target)

    make.__doc__ = f"`transformer_file: {name}`"
    return make


def raw_pickle() -> bytes:
    return pickle.dumps(Trap(), protocol=2)


add_each(
    "hostile",
    {
        "tf_evil.ckpt": file("evil.ckpt", zipped_pickle),
        "tf_evil.pth": file("evil.pth", raw_pickle),
        "tf_evil.bin": file("evil.bin", zipped_pickle),
        "tf_evil_pickle.safetensors": file("evil_pickle.safetensors", raw_pickle),
        "tf_evil_zip.safetensors": file("evil_zip.safetensors", zipped_pickle),
        "tf_plain_zip.safetensors": file("plain_zip.safetensors", plain_zip),
        "tf_zip_bomb.safetensors": file("zip_bomb.safetensors", zip_bomb),
    },
)


def special(name: str, create: Callable[[Path], object]) -> Maker:
    def make(folder: Path) -> Written:
        target = folder / "files" / name
        target.parent.mkdir()
        create(target)
        return beside(folder, target)

    return make


add_each(
    "hostile",
    {
        "tf_fifo": special("fifo.safetensors", os.mkfifo),
        "tf_socket": special("socket.safetensors", bind_socket),
        "tf_device": special("device.safetensors", lambda target: target.symlink_to("/dev/zero")),
        "tf_terminal": special("terminal.safetensors", lambda target: target.symlink_to("/dev/tty")),
        "tf_link_to_itself": special("loop.safetensors", lambda target: target.symlink_to(target.name)),
        "tf_dead_link": special("dead.safetensors", lambda target: target.symlink_to("gone.safetensors")),
    },
)
