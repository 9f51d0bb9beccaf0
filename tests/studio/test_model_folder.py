"""A model folder, judged by its files alone."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from zoo import LAYOUTS

from worker.demo import weights_dir
from worker.disk.mount_tables import MountTables
from worker.errors import ModelAway, ModelInvalid
from worker.studio.model_files.inspect import RECOMMENDED, identify, inspect_model

pytestmark = pytest.mark.slow

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def renamed(folder: Path, **index: object) -> Path:
    """The folder without the embedded model's mark."""
    edit(folder / "model_index.json", **{"_name_or_path": "", **index})
    (folder / "README.md").unlink()
    return folder


def test_the_embedded_model_is_known_wherever_it_lies(folder: Path) -> None:
    for place in (weights_dir(), folder):
        model = inspect_model(place)
        assert (model.id, model.kind, model.is_demo, model.faults) == ("zimage-worker-demo", "demo", True, ())
        assert model.recommendation.width_px == 256


@pytest.mark.parametrize(("shift", "kind"), [(3.0, "turbo"), (6.0, "base"), (5, "base")])
def test_the_schedulers_shift_tells_the_kind(folder: Path, shift: float, kind: str) -> None:
    edit(renamed(folder) / "scheduler/scheduler_config.json", shift=shift)
    model = inspect_model(folder)
    assert model.kind == kind
    assert model.recommendation == RECOMMENDED[kind]
    assert not model.is_demo


@pytest.mark.parametrize(
    ("name", "hint", "title", "kind"),
    [("Z-Image-Turbo-bf16", "", "", "turbo"), ("my-base", "", "", "base"),
     ("m", "Tongyi-MAI/Z-Image-Turbo", "", "turbo"),
     ("m", "", "# Z-Image-Base for shops", "base")],
)  # fmt: skip
def test_else_the_folders_own_names_tell_it(folder: Path, name: str, hint: str, title: str, kind: str) -> None:
    edit(renamed(folder, _name_or_path=hint) / "scheduler/scheduler_config.json", shift=4.0)
    (folder / "README.md").write_text(f"---\nx\n---\n{title}\n", "utf-8")
    assert inspect_model(folder.rename(folder.with_name(name))).kind == kind


def test_a_kind_that_cannot_be_told_asks_for_the_setting(folder: Path) -> None:
    edit(renamed(folder) / "scheduler/scheduler_config.json", shift=4.0)
    with pytest.raises(ModelInvalid, match="set `model_kind` to one of turbo, distilled, de-turbo, base"):
        inspect_model(folder)
    assert inspect_model(folder, model_kind="base").kind == "base"


def test_all_faults_come_at_once_each_with_its_remedy(folder: Path) -> None:
    (folder / "vae/config.json").unlink()
    (folder / "tokenizer/tokenizer.json").unlink()
    weights = folder / TRANSFORMER
    weights.write_bytes(weights.read_bytes()[:-1000])
    (folder / "text_encoder/model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    model = inspect_model(folder)
    with pytest.raises(ModelInvalid) as told:
        model.require_whole()
    for part in ("vae/config.json", "tokenizer/ has neither", TRANSFORMER, "Git LFS pointer"):
        assert part in str(told.value)
    assert str(told.value).count("\n- ") == 4


def test_a_folder_that_is_no_model_says_which_folder_to_give(tmp_path: Path) -> None:
    with pytest.raises(ModelInvalid, match=r"no model_index.json.*Give the folder"):
        inspect_model(tmp_path)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"_class_name": "FluxPipeline"}, "is for 'FluxPipeline', not ZImagePipeline"),
     ({"vae": ["diffusers", "AutoencoderTiny"]}, "names 'AutoencoderTiny' as vae"),
     ({"text_encoder": None}, "names None as text_encoder")],
)  # fmt: skip
def test_another_pipelines_folder_is_refused(folder: Path, changes: dict, expected: str) -> None:
    edit(folder / "model_index.json", **changes)
    (fault,) = inspect_model(folder).faults
    assert expected in fault


def test_a_header_that_is_no_header_is_a_fault(folder: Path) -> None:
    short = (16).to_bytes(8, "little") + b'{"a": [1, 2, 3]}'
    for content, words in ((b"", "is empty"), (b"\xff" * 64, "no readable header"), (short, "damaged header")):
        (folder / TRANSFORMER).write_bytes(content)
        (fault,) = inspect_model(folder).faults
        assert words in fault


def test_eight_bit_weights_are_refused_by_name(folder: Path) -> None:
    header = json.dumps({"w": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}).encode()
    (folder / TRANSFORMER).write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    (fault,) = inspect_model(folder).faults
    assert "quantised weights (fp8)" in fault


def shard(folder: Path, *names: str, weight_map: dict[str, str]) -> None:
    whole = folder / TRANSFORMER
    data = whole.read_bytes()
    whole.unlink()
    for name in names:
        (folder / "transformer" / name).write_bytes(data)
    index = folder / "transformer/diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}), "utf-8")


def test_a_missing_shard_is_named(folder: Path) -> None:
    shard(folder, "one.safetensors", weight_map={"x_pad_token": "one.safetensors", "cap_pad_token": "two.safetensors"})
    assert inspect_model(folder).faults == ("transformer/two.safetensors is missing: download it into place.",)


def test_a_tensor_that_no_shard_holds_is_named(folder: Path) -> None:
    shard(folder, "one.safetensors", weight_map={"x_pad_token": "one.safetensors", "lost": "one.safetensors"})
    (fault,) = inspect_model(folder).faults
    assert "promises 1 tensors that no file holds, such as lost" in fault


def test_an_index_without_files_is_a_fault(folder: Path) -> None:
    shard(folder, weight_map={})
    assert any("names no files" in fault for fault in inspect_model(folder).faults)


def test_files_that_are_not_loaded_may_lie_about_and_do_not_change_the_hash(folder: Path) -> None:
    before = identify(inspect_model(folder))
    (folder / "transformer/diffusion_pytorch_model.bin").write_bytes(b"old")
    (folder / "notes.txt").write_text("mine")
    assert inspect_model(folder).faults == ()
    assert identify(inspect_model(folder)) == before


def test_the_hash_changes_with_any_loaded_file(folder: Path) -> None:
    before = identify(inspect_model(folder)).sha256
    edit(folder / "scheduler/scheduler_config.json", shift=3.5)
    assert identify(inspect_model(folder)).sha256 != before


def test_large_files_are_hashed_once(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache/hashes.json"
    first = identify(inspect_model(folder), cache_file=cache)
    remembered = json.loads(cache.read_text("utf-8"))
    cache.write_text(json.dumps({path: read | {"sha256": "0" * 64} for path, read in remembered.items()}), "utf-8")
    assert identify(inspect_model(folder), cache_file=cache) != first  # so the cache was believed
    (folder / TRANSFORMER).touch()
    assert json.loads(cache.read_text("utf-8")).keys() == remembered.keys()
    cache.write_text("not JSON", "utf-8")
    assert identify(inspect_model(folder), cache_file=cache) == first


def test_a_single_file_transformer_takes_the_place_of_the_folders(folder: Path, tmp_path: Path) -> None:
    file = (folder / TRANSFORMER).rename(tmp_path / "tuned.safetensors")
    assert inspect_model(folder).faults
    model = inspect_model(folder, transformer_file=file)
    assert model.faults == ()
    assert identify(model).sha256 != identify(inspect_model(weights_dir())).sha256
    missing = inspect_model(folder, transformer_file=tmp_path / "absent.safetensors")
    absent = tmp_path / "absent.safetensors"
    assert missing.faults == (f"`transformer_file:` {absent} is missing: copy it into place.",)


def test_a_folder_that_is_not_there_or_empty_is_away_and_a_file_is_wrong(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ModelAway, match="there is no such folder"):
        inspect_model(tmp_path / "nowhere")
    (tmp_path / "mount-point").mkdir()
    with pytest.raises(ModelAway, match="mount its disk or share"):
        inspect_model(tmp_path / "mount-point")
    (tmp_path / "file").touch()
    with pytest.raises(ModelInvalid, match="is no folder") as wrong:
        inspect_model(tmp_path / "file")
    assert not isinstance(wrong.value, ModelAway)


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES, errno.ENOTCONN, errno.ESTALE, errno.EMFILE])
@pytest.mark.parametrize("name", ["model_index.json", "vae/config.json", TRANSFORMER])
def test_a_file_that_cannot_be_read_now_says_nothing_about_the_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: int
) -> None:
    whole = inspect_model(folder)

    def failing(real):
        def opened(path, *args, **named):
            if Path(path) == folder / name:
                raise OSError(error, os.strerror(error), str(path))
            return real(path, *args, **named)

        return opened

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", failing(Path.open))
        patch.setattr(os, "open", failing(os.open))
        for look in (lambda: inspect_model(folder), lambda: identify(whole)):
            with pytest.raises(ModelAway, match=rf"{name} cannot be read \({os.strerror(error)}\)"):
                look()
    assert inspect_model(folder).faults == ()


def test_hashing_can_be_ended_between_two_pieces(folder: Path) -> None:
    class EnoughError(Exception):
        pass

    def stop() -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        identify(inspect_model(folder), between=stop)


@pytest.mark.parametrize("name", ["demo", "Tongyi-MAI/Z-Image-Turbo"])
def test_a_share_that_is_away_is_waited_for_whatever_the_folder_on_it_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / "worker.yaml").touch()
    with pytest.raises(ModelInvalid) as meant:
        inspect_model(tmp_path / name)
    assert not isinstance(meant.value, ModelAway)
    share = tmp_path / "nas"
    for is_there in (False, True):
        if is_there:
            share.mkdir()
        with pytest.raises(ModelAway, match="there is no such folder"):
            inspect_model(share / name)
    (share / "litter").touch()
    (tmp_path / "fstab").write_text(f"nas:/models {share} nfs4 _netdev,nofail 0 0\n")
    (tmp_path / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    tables = MountTables(mountinfo=tmp_path / "mountinfo", fstab=tmp_path / "fstab", units=())
    with pytest.raises(ModelAway, match="there is no such folder"):
        inspect_model(share / name, tables=tables)


def test_litter_in_a_mount_point_on_which_nothing_is_mounted_is_no_damaged_model(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "fstab").write_text(f"nas:/models {folder} nfs4 _netdev,nofail 0 0\n")
    (tmp_path / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
    tables = MountTables(mountinfo=tmp_path / "mountinfo", fstab=tmp_path / "fstab", units=())
    assert inspect_model(folder, tables=tables).faults == ()  # whatever is whole may be used
    (folder / "vae/config.json").unlink()
    with pytest.raises(ModelAway, match=f"nothing is mounted on {folder}"):
        inspect_model(folder, tables=tables)
    (folder / "model_index.json").unlink()
    with pytest.raises(ModelAway, match=f"nothing is mounted on {folder}"):
        inspect_model(folder, tables=tables)
    (tmp_path / "fstab").write_text("")
    with pytest.raises(ModelInvalid) as wrong:
        inspect_model(folder, tables=tables).require_whole()
    assert not isinstance(wrong.value, ModelAway)


@pytest.mark.parametrize(
    ("path", "expected", "words"),
    [("mount-point/tuned.safetensors", ModelAway, "its folder is empty: mount its disk"),
     ("nowhere/tuned.safetensors", ModelAway, "nowhere/tuned.safetensors: there is no such file, nor its folder"),
     ("file/tuned.safetensors", ModelInvalid, "file/tuned.safetensors: a file is no folder"),
     ("https://hf.co/x/tuned.safetensors", ModelInvalid, "https://hf.co/x/tuned.safetensors is an address"),
     ("C:\\tuned.safetensors", ModelInvalid, "is a path of Windows")],
)  # fmt: skip
def test_a_single_file_that_is_not_there_is_told_by_its_own_setting(
    tmp_path: Path, folder: Path, path: str, expected: type[ModelInvalid], words: str
) -> None:
    (tmp_path / "mount-point").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ModelInvalid) as told:
        inspect_model(folder, transformer_file=tmp_path / path)
    assert type(told.value) is expected
    assert words in str(told.value)
    assert "`model:`" not in str(told.value)


def test_what_a_single_file_holds_besides_is_told(tmp_path: Path) -> None:
    for name, words in (("tf_z_image_turbo_aio_bf16", "also holds Z-Image's text encoder"), ("tf_diffusers_names", "")):
        written = LAYOUTS[name].make(tmp_path / name)
        model = inspect_model(Path(written.model), transformer_file=written.looked_at)
        assert model.faults == ()
        assert words in model.ignored
        assert bool(words) == bool(model.ignored)


def test_a_repository_of_a_download_cache_stands_for_its_snapshot_and_gives_its_name(tmp_path: Path) -> None:
    top = Path(LAYOUTS["hf_cache_two_snapshots"].make(tmp_path / "cache").model)
    model = inspect_model(top)
    assert (model.id, model.faults) == ("Z-Image-Turbo", ())
    assert model.source.folder == top / "snapshots" / (top / "refs/main").read_text("utf-8").strip()
