"""`model add` of what ModelScope's own program downloads: its cache in both layouts, and what an interruption leaves.

Source: `_download.py` of modelscope_hub 0.5.1 (modelscope 1.40.2), and the layouts of versions before 1.38 named there.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from model_calls import said
from model_forms import TRANSFORMER

from worker.errors import ExitCode
from worker.studio.model_files.model_record import read_model_record

pytestmark = pytest.mark.slow


def of_modelscope_cache(here: Path, place: str) -> Path:
    """The download in ModelScope's cache, with what it writes beside the files."""
    model = here / "cache" / place
    model.parent.mkdir(parents=True)
    (here / "Z-Image-Turbo").rename(model)
    for name in (".msc", ".mdl"):
        (model / name).write_bytes(b"\x80\x04N.")  # pickles, which nobody opens
    (model / ".mv").write_text("Revision:master,CreatedAt:1764000000", "utf-8")
    (model / "configuration.json").write_text('{"framework": "Pytorch"}', "utf-8")
    return model


@pytest.mark.parametrize(
    ("place", "given", "source"),
    [
        ("models/Tongyi-MAI--Z-Image-Turbo/snapshots/master", "", "Tongyi-MAI/Z-Image-Turbo"),
        ("models/Tongyi-MAI--Z-Image-Turbo/snapshots/master", "..", "Tongyi-MAI/Z-Image-Turbo"),
        ("models/Tongyi-MAI--Z-Image-Turbo/snapshots/master", "../..", "Tongyi-MAI/Z-Image-Turbo"),
        ("models/Tongyi-MAI--Z-Image-Turbo/snapshots/master", "../../..", "Tongyi-MAI/Z-Image-Turbo"),
        ("hub/models/Tongyi-MAI/Z-Image-Turbo", "", "Z-Image-Turbo"),
        ("hub/models/Tongyi-MAI/Z-Image-Turbo", "..", "Z-Image-Turbo"),
        ("hub/models/Tongyi-MAI/Z-Image-Turbo", "../../..", "Z-Image-Turbo"),
    ],
)
def test_modelscopes_cache_is_taken_at_any_level(here: Path, capsys, place: str, given: str, source: str) -> None:
    model = of_modelscope_cache(here, place)
    index = json.loads((model / "model_index.json").read_text("utf-8"))
    (model / "model_index.json").write_text(json.dumps({**index, "_name_or_path": ""}), "utf-8")
    code, text = said(capsys, "add", str((model / given).resolve()), "--as", "mug")
    assert code == ExitCode.DONE, text
    record = read_model_record(here / "models/mug")
    assert record is not None
    assert record.source == (source,)
    assert record.kind == "turbo"
    assert not [path.name for path in (here / "models/mug").iterdir() if path.name in (".msc", ".mdl", ".mv")]


@pytest.mark.parametrize(
    "rest",
    [
        "models/Tongyi-MAI--Z-Image-Turbo/snapshots/master/transformer/{name}_0_167772159",
        "models/Tongyi-MAI--Z-Image-Turbo/snapshots/master/transformer/{name}.incomplete",
        "models/Tongyi-MAI--Z-Image-Turbo/snapshots/master/._____temp/transformer/{name}",
    ],
)
def test_what_modelscope_leaves_of_a_download_is_named(here: Path, capsys, rest: str) -> None:
    model = of_modelscope_cache(here, "models/Tongyi-MAI--Z-Image-Turbo/snapshots/master")
    (model / TRANSFORMER).unlink()
    place = here / "cache" / rest.format(name=Path(TRANSFORMER).name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"rest")
    code, text = said(capsys, "add", str(model))
    assert code == ExitCode.MODEL_INVALID
    assert f"{TRANSFORMER} is not whole: its download has not ended" in text
    assert place.name in text
