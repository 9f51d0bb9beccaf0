"""The zoo through `model add`: what is a model in another form gives the picture of the model that it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from zoo import LAYOUTS, Layout, Written
from zoo.embedded import frame
from zoo.pictures import picture_of, reference

from worker.cli import main
from worker.studio.model_files.inspect import inspect_model

pytestmark = pytest.mark.slow

TAKEN_BY_ADD = [layout for layout in LAYOUTS.values() if layout.works == "add"]


def other_folder(written: Written, slim: Path) -> list[str]:
    """Where index, configurations and tokenizer come from, for what has none."""
    if written.transformer_file:
        return ["--with", written.model]
    has_its_own = Path(written.model).is_dir() and any(Path(written.model).rglob("model_index.json"))
    return [] if has_its_own else ["--with", str(frame(slim))]


@pytest.mark.parametrize("layout", TAKEN_BY_ADD, ids=[layout.name for layout in TAKEN_BY_ADD])
def test_a_layout_that_model_add_takes_gives_the_picture_of_its_model(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = layout.make(tmp_path / layout.name)
    monkeypatch.chdir(tmp_path)
    code = main(["model", "add", str(written.looked_at), "--as", "added", *other_folder(written, tmp_path / "slim")])
    assert code == 0, capsys.readouterr()
    model = inspect_model(tmp_path / "models/added", model_kind="turbo")
    model.require_whole()
    assert picture_of(model.source) == reference(layout.picture)
