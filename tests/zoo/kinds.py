"""Layouts: finetunes whose scheduler, names and card disagree about the kind of model."""

from __future__ import annotations

from pathlib import Path

from zoo.embedded import TURBO, edit_json, pooled, single
from zoo.layout import Picture, Written, layout
from zoo.single_files import original


def base(folder: Path) -> Path:
    return single(folder / "Z-Image", title="Z-Image", shift=6.0)


def file(folder: Path, name: str) -> Path:
    return pooled("tf_z_image_turbo_bf16", folder / "files" / name, original)


def in_folder(name: str, file_name: str, about: str, *, is_base: bool, picture: Picture) -> None:
    """A file brings its own kind, and its shift; one that says nothing is taken for what the folder is."""

    def make(folder: Path) -> Written:
        model = base(folder) if is_base else single(folder / TURBO)
        return Written(model=str(model), transformer_file=str(file(folder, file_name)))

    make.__doc__ = about
    layout("kinds", name=name, works="run", picture=picture)(make)


in_folder(
    "tf_base_file_in_turbo_folder", "z_image_bf16.safetensors", "Base, as ComfyUI's page has it, in a Turbo folder.",
    is_base=False, picture="shift 6",
)  # fmt: skip
in_folder(
    "tf_de_turbo_in_turbo_folder", "Z-Image-De-Turbo_bf16.safetensors", "De-Turbo in a Turbo folder.",
    is_base=False, picture="embedded",
)  # fmt: skip
in_folder(
    "tf_distill_in_base_folder", "Z-Image-Distilled-8steps.safetensors", "Distilled to 8 steps, in a base folder.",
    is_base=True, picture="shift 6",
)  # fmt: skip
in_folder(
    "tf_turbo_file_in_base_folder", "z_image_turbo_bf16.safetensors", "A Turbo file in a base folder.",
    is_base=True, picture="embedded",
)  # fmt: skip
in_folder(
    "tf_unnamed_in_base_folder", "mymodel_v3.safetensors", "A file whose name says nothing, in a base folder.",
    is_base=True, picture="shift 6",
)  # fmt: skip


@layout("kinds", works="run")
def base_finetune_saved_with_turbo_scheduler(folder: Path) -> Path:
    """A finetune of base whose scheduler is Turbo's, since the training tool wrote it."""
    return single(folder / "my-finetune", title="My finetune of Z-Image-Base", origin="Tongyi-MAI/Z-Image")


@layout("kinds", works="run", picture="shift 7")
def turbo_with_shift_7(folder: Path) -> Path:
    """Turbo whose shift somebody set to 7."""
    model = single(folder / TURBO)
    edit_json(model / "scheduler/scheduler_config.json", shift=7.0)
    return model


@layout("kinds", works="run")
def de_turbo_folder(folder: Path) -> Path:
    """De-Turbo as a folder: Turbo's scheduler, and guidance works."""
    return single(folder / "Z-Image-De-Turbo", title="Z-Image-De-Turbo", origin="ostris/Z-Image-De-Turbo")


@layout("kinds", works="run", picture="shift 6")
def few_steps_folder(folder: Path) -> Path:
    """Base distilled to few steps: base's scheduler, and its card says 8 steps."""
    return single(folder / "Z-Image-Fun-Lora-Distill-8steps", title="Z-Image distilled, 8 steps", shift=6.0)


@layout("kinds", works="run", picture="shift 4")
def says_nothing(folder: Path) -> Written:
    """Names, card and scheduler say nothing: shift 4."""
    model = single(folder / "model", title="A model")
    edit_json(model / "scheduler/scheduler_config.json", shift=4.0)
    return Written(model=str(model), model_kind="turbo")
