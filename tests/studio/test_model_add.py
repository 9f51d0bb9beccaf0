"""Adding a model: one folder in bf16 with a record, whole or not there, gone on with where it was stopped."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from pathlib import Path

import pytest
import torch
from model_forms import (
    TEXT_ENCODER,
    TRANSFORMER,
    VAE,
    add_folder,
    comfy_transformer,
    ldm_vae,
    names,
    part,
    prefixed,
    recognised,
    slim,
    weights,
    widened,
)  # fmt: skip
from safetensors.torch import load_file, save_file

from worker.errors import ModelInvalid, StopAsked, UsageError
from worker.studio.model_files.checking.read_cache import ReadCache
from worker.studio.model_files.inspect import identify, inspect_model
from worker.studio.model_files.model_record import read_model_record
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_files.verify import verify
from worker.studio.model_store import add, draft
from worker.studio.model_store.add import add_model
from worker.studio.model_store.wanted import wanted

pytestmark = pytest.mark.slow


def test_a_folder_is_added_with_a_record_of_what_it_is(folder: Path, tmp_path: Path) -> None:
    made = add_folder(folder, tmp_path / "models/mug")
    record = read_model_record(tmp_path / "models/mug")
    assert record == made.record
    assert (record.name, record.kind, record.steps, record.guidance, record.shift) == ("mug", "demo", 8, 3.0, 3.0)
    assert (record.source, record.licence, record.verified) == (("model",), "apache-2.0", None)
    assert record.files.keys() == names(folder) == names(made.folder) - {"model.json"}
    assert all((made.folder / name).read_bytes() == (folder / name).read_bytes() for name in names(folder))
    assert not [path for path in (tmp_path / "models").iterdir() if path.name != "mug"]
    assert str(tmp_path) not in (made.folder / "model.json").read_text("utf-8")


def test_a_source_with_as_long_a_name_as_there_can_be_keeps_its_record(folder: Path, tmp_path: Path) -> None:
    made = add_folder(downloaded(folder).rename(tmp_path / ("x" * 255)), tmp_path / "models" / ("y" * 230))
    assert made.record.verified
    assert read_model_record(made.folder) == made.record


@pytest.mark.slow
def test_shards_become_bf16_as_torch_would_round_them(folder: Path, tmp_path: Path) -> None:
    add_folder(widened(folder), tmp_path / "copy")
    assert inspect_model(tmp_path / "copy").faults == ()
    for file in sorted((folder / "transformer").glob("*.safetensors")):
        wide, narrow = load_file(file), load_file(tmp_path / "copy/transformer" / file.name)
        assert wide.keys() == narrow.keys()
        assert all(torch.equal(wide[name].bfloat16(), narrow[name]) for name in wide)
    index = json.loads((tmp_path / "copy" / f"{TRANSFORMER}.index.json").read_text("utf-8"))
    assert index["metadata"]["total_size"] == sum(2 * tensor.numel() for tensor in weights(TRANSFORMER).values())


def three_files(tmp_path: Path) -> list:
    save_file(comfy_transformer(), tmp_path / "z_image_turbo_bf16.safetensors")
    save_file(prefixed(weights(TEXT_ENCODER), "model."), tmp_path / "qwen_3_4b.safetensors")
    save_file(ldm_vae(), tmp_path / "ae.safetensors")
    held = (
        ("z_image_turbo_bf16", "transformer", part(tmp_path / "z_image_turbo_bf16.safetensors", naming="original")),
        ("qwen_3_4b", "text_encoder", part(tmp_path / "qwen_3_4b.safetensors", prefix="model.")),
        ("ae", "vae", part(tmp_path / "ae.safetensors", naming="original")),
    )
    return [(tmp_path / f"{name}.safetensors", recognised(**{kind: one})) for name, kind, one in held]


@pytest.mark.slow
def test_three_files_and_a_slim_folder_make_a_model(tmp_path: Path) -> None:
    home = slim(tmp_path / "slim")
    model = wanted(three_files(tmp_path), other=(home, recognised()))
    made = add_model(model, tmp_path / "models/mug")
    assert inspect_model(made.folder).faults == ()
    for name in (TRANSFORMER, VAE):
        assert all(torch.equal(tensor, load_file(made.folder / name)[key]) for key, tensor in weights(name).items())
    assert made.record.source == ("z_image_turbo_bf16.safetensors", "qwen_3_4b.safetensors", "ae.safetensors")
    assert made.record.licence is None, "the card of the slim folder says nothing of other weights"


def test_a_single_file_takes_its_other_parts_from_the_folder_beside_it(folder: Path, tmp_path: Path) -> None:
    (given, *_) = three_files(tmp_path)
    made = add_model(wanted([given], other=(folder, recognised(folder))), tmp_path / "models/mug")
    assert (made.folder / VAE).read_bytes() == (folder / VAE).read_bytes()


def test_what_a_file_lacks_is_told_with_the_commands_that_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        wanted(three_files(tmp_path)[:1])
    assert 'hf download Tongyi-MAI/Z-Image-Turbo --local-dir Z-Image-Turbo-slim --exclude "*.safetensors"' in str(
        refusal.value
    )
    assert "modelscope download" in str(refusal.value)
    with pytest.raises(ModelInvalid, match="has no weights of text_encoder and vae"):
        wanted(three_files(tmp_path)[:1], other=(slim(tmp_path / "slim"), recognised()))


def test_weights_that_contradict_the_configurations_are_refused_before_they_are_read(tmp_path: Path) -> None:
    home = slim(tmp_path / "slim")
    config = json.loads((home / "transformer/config.json").read_text("utf-8"))
    (home / "transformer/config.json").write_text(json.dumps({**config, "n_layers": 9}), "utf-8")
    with pytest.raises(ModelInvalid, match=r"has 7 layers, where transformer/config\.json says 9"):
        add_model(wanted(three_files(tmp_path), other=(home, recognised())), tmp_path / "models/mug")
    assert not (tmp_path / "models").exists()


def test_a_target_that_exists_is_never_touched(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(UsageError, match="exists"):
        add_folder(folder, tmp_path / "copy")
    assert [*(tmp_path / "copy").iterdir()] == []


def test_a_faulty_source_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    (folder / "vae/config.json").unlink()
    with pytest.raises(ModelInvalid, match=r"vae/config.json"):
        add_folder(folder, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_a_target_that_cannot_be_written_says_so(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        add_folder(folder, tmp_path / "file/copy")


def test_the_disk_is_asked_before_the_first_byte(folder: Path, tmp_path: Path) -> None:
    told: list[int] = []
    with pytest.raises(UsageError, match=r"needs 0\.1 GB, and 0\.0 GB are free at .*models_dir"):
        add_folder(folder, tmp_path / "copy", free_bytes=lambda _: 1000, on_progress=lambda done, _: told.append(done))
    assert (told, sorted(path.name for path in tmp_path.iterdir())) == ([], ["model"])


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read as weights."""
    read: list[str] = []
    once = add.read_once

    def told(path: Path, **more):
        read.append(path.name)
        return once(path, **more)

    monkeypatch.setattr(add, "read_once", told)
    return read


@pytest.mark.slow
@pytest.mark.parametrize("at", range(1, 5))
def test_after_a_stop_the_same_call_reads_only_what_is_left(
    folder: Path, tmp_path: Path, opened: list[str], at: int
) -> None:
    widened(folder)
    add_folder(folder, tmp_path / "whole")
    order = [name for name in opened if name.endswith(".safetensors")]
    opened.clear()
    with pytest.raises(StopAsked, match=f"Stopped. {at - 1} of 4 files are finished"):
        add_folder(folder, tmp_path / "copy", should_stop=lambda: len(opened) == at)
    assert not (tmp_path / "copy").exists()
    left = names(tmp_path / ".copy.adding")
    assert not [name for name in left if name.endswith(".tmp")]
    opened.clear()
    made = add_folder(folder, tmp_path / "copy")
    assert [name for name in opened if name.endswith(".safetensors")] == order[at - 1 :]
    assert names(made.folder) == names(tmp_path / "whole")
    assert all(
        (made.folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
        for name in names(made.folder) - {"model.json"}
    )


@pytest.mark.parametrize("touched", ["source", "copy"])
def test_what_changed_since_a_stop_is_read_again(folder: Path, tmp_path: Path, opened: list[str], touched: str) -> None:
    with pytest.raises(StopAsked):
        add_folder(folder, tmp_path / "copy", should_stop=lambda: len(opened) == 3)
    os.utime((folder if touched == "source" else tmp_path / ".copy.adding") / TEXT_ENCODER, ns=(1, 1))
    opened.clear()
    add_folder(folder, tmp_path / "copy")
    assert "model.safetensors" in opened, "the second of three"


def test_a_disk_that_fills_up_leaves_nothing(folder: Path, tmp_path: Path, monkeypatch) -> None:
    class Full(add.Converter):
        def feed(self, piece: bytes) -> None:
            super().feed(piece)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(add, "Converter", Full)
    with pytest.raises(UsageError, match="No space left on device"):
        add_folder(folder, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_two_calls_never_write_the_same_copy(folder: Path, tmp_path: Path) -> None:
    with draft.Draft(tmp_path / "copy").held(), pytest.raises(UsageError, match="just being written"):
        add_folder(folder, tmp_path / "copy")


def test_the_record_gives_the_same_identity_as_reading_everything(folder: Path, tmp_path: Path, monkeypatch) -> None:
    made = add_folder(folder, tmp_path / "models/mug")
    read = identify(inspect_model(made.folder))
    (made.folder / "model.json").rename(tmp_path / "away.json")
    assert identify(inspect_model(made.folder)).sha256 == read.sha256 == identify(inspect_model(folder)).sha256


def test_a_copy_of_what_nobody_vouches_for_is_called_unchanged_and_not_verified(folder: Path, tmp_path: Path) -> None:
    made = add_folder(folder, tmp_path / "models/mug")
    source = ModelSource(folder=made.folder)
    said = str(verify(source, name="mug", cache=ReadCache(None), reads=True).summary())
    assert said.startswith("unchanged since it was added: mug, 3 of 3 files with weights, ")
    assert said.endswith("what it was added from could not be compared with anything published")


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1000] ^= 1
    file.write_bytes(data)


def test_a_file_that_changed_is_read_again_at_the_next_start_and_named(folder: Path, tmp_path: Path) -> None:
    made = add_folder(folder, tmp_path / "models/mug")
    same = (made.folder / VAE).read_bytes()
    (made.folder / VAE).write_bytes(same)
    identify(inspect_model(made.folder))
    damaged(made.folder / VAE)
    with pytest.raises(ModelInvalid, match=rf"{VAE} is not what `model add` wrote.*model\.json says"):
        identify(inspect_model(made.folder))


def downloaded(folder: Path) -> Path:
    """With what `hf download --local-dir` keeps of each file."""
    for name in names(folder):
        record = folder / ".cache/huggingface/download" / f"{name}.metadata"
        record.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        record.write_text(f"{'c' * 40}\n{digest}\n{time.time() + 60}\n", "utf-8")
    return folder


def test_what_the_download_kept_is_compared_while_it_is_copied(folder: Path, tmp_path: Path) -> None:
    made = add_folder(downloaded(folder), tmp_path / "models/mug")
    assert made.record.verified == "model, 12 of 12 files"
    assert str(made.verified) == "verified: model, 3 of 3 files with weights, 9 of 9 others"
    damaged(folder / VAE)
    with pytest.raises(ModelInvalid, match=f"{VAE} is not what was downloaded"):
        add_folder(folder, tmp_path / "models/other")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["mug"]


def test_holes_in_weights_are_found_while_they_are_copied(folder: Path, tmp_path: Path) -> None:
    data = bytearray((folder / TRANSFORMER).read_bytes())
    data[5_000_000:9_000_000] = bytes(4_000_000)
    (folder / TRANSFORMER).write_bytes(data)
    with pytest.raises(ModelInvalid, match=f"{TRANSFORMER} is damaged: .* matrices are zeros"):
        add_folder(folder, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_an_unfinished_download_is_not_added(tmp_path: Path) -> None:
    given = three_files(tmp_path)
    (tmp_path / "ae.safetensors.aria2").write_bytes(b"")
    with pytest.raises(ModelInvalid, match=r"ae\.safetensors is not whole: its download has not ended"):
        add_model(wanted(given, other=(slim(tmp_path / "slim"), recognised())), tmp_path / "models/mug")


def test_a_record_of_no_use_is_none(folder: Path) -> None:
    for text in ("", "[]", "{}", '{"schema": 1, "name": "../x", "files": []}'):
        (folder / "model.json").write_text(text, "utf-8")
        assert read_model_record(folder) is None
        assert inspect_model(folder).faults == ()
