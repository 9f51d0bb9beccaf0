"""The zoo on the real model: every layout that is a model gives the picture of the model that it holds, bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest
from zoo import LAYOUTS, Layout
from zoo.pictures import REFERENCES, picture_of, reference

from worker.studio.model_files.inspect import inspect_model

pytestmark = pytest.mark.slow

TAKEN_AS_THEY_ARE = [layout for layout in LAYOUTS.values() if layout.works == "run"]


@pytest.mark.parametrize("layout", TAKEN_AS_THEY_ARE, ids=[layout.name for layout in TAKEN_AS_THEY_ARE])
def test_a_layout_that_run_takes_gives_the_picture_of_its_model(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = layout.make(tmp_path / layout.name)
    for name, value in written.environment.items():
        monkeypatch.setenv(name, value)
    file = Path(written.transformer_file) if written.transformer_file else None
    model = inspect_model(Path(written.model).expanduser(), model_kind=written.model_kind, transformer_file=file)
    model.require_whole()
    assert picture_of(model.source) == reference(layout.picture)


def test_a_scheduler_shows_in_the_picture() -> None:
    # what fp16 rounds does not show in 64x64 pixels
    schedulers = [name for name in REFERENCES if "fp16" not in name]
    assert len({reference(name) for name in schedulers}) == len(schedulers)
