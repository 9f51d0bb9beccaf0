"""Layouts: what people write in place of a path to a folder, and odd paths that are right."""

from __future__ import annotations

from pathlib import Path

from zoo.embedded import TURBO, single
from zoo.layout import Written, layout

TEXTS = {
    "path_windows": r"C:\models\Z-Image-Turbo",
    "path_windows_quoted": r'"C:\models\Z-Image-Turbo"',
    "path_windows_slashes": "D:/models/Z-Image-Turbo",
    "path_unc": r"\\nas\models\Z-Image-Turbo",
    "path_unc_slashes": "//nas/models/Z-Image-Turbo",
    "path_smb_url": "smb://nas/models/Z-Image-Turbo",
    "path_file_url": "file:///srv/models/Z-Image-Turbo",
    "path_repo_id": "Tongyi-MAI/Z-Image-Turbo",
    "path_hub_scheme": "hf://Tongyi-MAI/Z-Image-Turbo",
    "path_url": "https://huggingface.co/Tongyi-MAI/Z-Image-Turbo",
    "path_url_modelscope": "https://modelscope.cn/models/Tongyi-MAI/Z-Image-Turbo",
    "path_url_file": "https://huggingface.co/Comfy-Org/z_image_turbo/resolve/main/split_files/vae/ae.safetensors",
    "path_download_command": "hf download Tongyi-MAI/Z-Image-Turbo",
    "path_Demo": "Demo",
    "path_demo_quoted": "'demo'",
    "path_empty": "",
    "path_blank": " ",
    "path_missing_mount": "/mnt/nas-models/Z-Image-Turbo",
    "path_civitai_name": "cyberrealisticZImage_v70.safetensors",
    "path_variable": "$HOME/models/Z-Image-Turbo",
    "path_variable_windows": r"%USERPROFILE%\models\Z-Image-Turbo",
}


def text(name: str, written: str) -> None:
    def make(folder: Path) -> Written:
        return Written(model=written)

    make.__doc__ = f"`model: {written}`"
    layout("paths", name=name)(make)


for known_name, known_text in TEXTS.items():
    text(known_name, known_text)


@layout("paths", works="run")
def path_trailing_slash(folder: Path) -> str:
    """A slash at the end."""
    return f"{single(folder / TURBO)}/"


@layout("paths", works="run")
def path_dotdot(folder: Path) -> str:
    """A way up and down again."""
    single(folder / TURBO)
    (folder / "other").mkdir()
    return f"{folder}/other/../{TURBO}"


@layout("paths", works="run")
def path_tilde(folder: Path) -> Written:
    """The home folder's short form."""
    single(folder / "models" / TURBO)
    return Written(model=f"~/models/{TURBO}", environment={"HOME": str(folder)})


@layout("paths")
def path_quoted(folder: Path) -> str:
    """A right path in quotes that are part of it."""
    return f'"{single(folder / TURBO)}"'


@layout("paths", works="run")
def path_through_link(folder: Path) -> str:
    """A path through a link of a folder above."""
    single(folder / "disk/models" / TURBO)
    (folder / "models").symlink_to(folder / "disk/models")
    return f"{folder}/models/{TURBO}"


@layout("paths")
def model_is_index_file(folder: Path) -> Path:
    """The index in place of its folder."""
    return single(folder / TURBO) / "model_index.json"


@layout("paths")
def path_one_letter_off(folder: Path) -> Path:
    """A name beside the right one."""
    single(folder / TURBO)
    return folder / "Z-Image-Trubo"


@layout("paths")
def path_dead_link(folder: Path) -> Path:
    """A link to nowhere."""
    (folder / TURBO).symlink_to(folder / "gone")
    return folder / TURBO


@layout("paths")
def path_link_to_itself(folder: Path) -> Path:
    """A link to itself."""
    (folder / TURBO).symlink_to(folder / TURBO)
    return folder / TURBO


@layout("paths")
def path_archive(folder: Path) -> Path:
    """An archive that nobody unpacked."""
    (folder / "Z-Image-Turbo.zip").write_bytes(b"PK\3\4" + bytes(500))
    return folder / "Z-Image-Turbo.zip"


@layout("paths")
def path_very_long(folder: Path) -> Path:
    """A name longer than any file system takes."""
    return folder / ("模型" * 200)
