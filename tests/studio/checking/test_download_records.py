"""What downloads keep of a file: every record in the form in which its tool writes it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from huggingface_hub._local_folder import write_download_metadata
from weight_files import ENCODER, TRANSFORMER, cache, download, git_sha1, published, spoil

from worker.studio.model_files.checking.download_records import expected_of
from worker.studio.model_files.checking.git_records import NAMES_BYTES, entries
from worker.studio.model_files.checking.one_pass import read_once

pytestmark = pytest.mark.slow

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n"


def fits(file: Path) -> bool | None:
    """Whether a file is as its download promised; None where nothing promised anything."""
    expected = expected_of([file]).get(file)
    return expected and expected.fits(read_once(file))


@pytest.mark.parametrize("name", [TRANSFORMER, "vae/config.json"])
def test_the_record_beside_a_local_dir(tmp_path: Path, name: str) -> None:
    file = download(tmp_path / "model", published()) / name
    assert fits(file)
    spoil(file)
    assert fits(file) is False
    assert expected_of([file])[file].record.name == f"{file.name}.metadata"


def test_a_record_as_the_hubs_own_program_writes_it(tmp_path: Path) -> None:
    (tmp_path / "vae").mkdir()
    file = tmp_path / "vae/config.json"
    file.write_bytes(b"{}")
    write_download_metadata(tmp_path, "vae/config.json", "c" * 40, git_sha1(b"{}"))
    assert fits(file)
    spoil(file)
    assert fits(file) is False


def test_the_folder_that_an_older_hf_download_kept_its_records_in(tmp_path: Path) -> None:
    file = download(tmp_path, published()) / TRANSFORMER
    (tmp_path / ".cache/huggingface").rename(tmp_path / ".huggingface")
    assert fits(file)


def test_a_record_with_an_etag_as_the_hub_sends_it(tmp_path: Path) -> None:
    file = download(tmp_path, published()) / TRANSFORMER
    record = expected_of([file])[file].record
    commit, etag, when = record.read_text().splitlines()
    record.write_text(f'{commit}\nW/"{etag}"\n{when}\n')
    assert fits(file)


@pytest.mark.parametrize(
    "content", [b"", b"one line", b"a\nno hash\nc\n", b"\xff\xfe\n\xff\n\xff", b"c\n" + b"f" * 5000]
)
def test_a_record_that_is_none_says_nothing(tmp_path: Path, content: bytes) -> None:
    file = download(tmp_path, published()) / TRANSFORMER
    expected_of([file])[file].record.write_bytes(content)
    assert fits(file) is None


def test_a_pipe_in_the_place_of_a_record_is_not_waited_for(tmp_path: Path) -> None:
    file = download(tmp_path, published()) / TRANSFORMER
    for record in (expected_of([file])[file].record, file.parent / "SHA256SUMS", file.with_name(f"{file.name}.lfs")):
        record.unlink(missing_ok=True)
        os.mkfifo(record)
    assert fits(file) is None


def test_a_file_of_a_larger_download_lies_below_the_root_that_has_the_records(tmp_path: Path) -> None:
    name = "split_files/diffusion_models/z_image_turbo_bf16.safetensors"
    file = download(tmp_path, {name: published()[TRANSFORMER]}) / name
    (tmp_path / "link").symlink_to(file.parent)
    assert fits(file)
    assert fits(tmp_path / "link" / file.name)


@pytest.mark.parametrize("name", [ENCODER, "vae/config.json"])
def test_the_name_of_the_blob_in_a_download_cache(tmp_path: Path, name: str) -> None:
    file = cache(tmp_path, published()) / name
    assert fits(file)
    assert expected_of([file])[file].repository == "Tongyi-MAI/Z-Image-Turbo"
    (tmp_path / "turbo").symlink_to(file.parents[1])
    assert fits(tmp_path / "turbo" / name)
    spoil(file)
    assert fits(file) is False


def test_a_blob_that_is_itself_a_link_into_a_store_of_many_repositories(tmp_path: Path) -> None:
    file = cache(tmp_path, published()) / ENCODER
    blob = Path(os.path.realpath(file))
    blob.symlink_to(blob.rename(tmp_path / ("e" * 64)))
    assert fits(file)


def test_a_cache_that_was_copied_without_its_links_still_has_its_blobs(tmp_path: Path) -> None:
    snapshot = cache(tmp_path / "from", published())
    shutil.copytree(tmp_path / "from", tmp_path / "to")  # follows links
    file = tmp_path / "to" / snapshot.relative_to(tmp_path / "from") / TRANSFORMER
    assert not file.is_symlink()
    assert fits(file)
    spoil(file)
    assert fits(file) is False
    shutil.rmtree(file.parents[3] / "blobs")
    assert fits(file) is None


def git(folder: Path, *arguments: str) -> None:
    alone = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "HOME": str(folder)}
    subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **alone}, check=True, capture_output=True)


@pytest.mark.parametrize("version", ["2", "4"])
def test_the_index_of_a_clone_names_files_and_the_pointers_to_large_ones(tmp_path: Path, version: str) -> None:
    files = published()
    for name, data in files.items():
        pointer = POINTER.format(oid=hashlib.sha256(data).hexdigest(), size=len(data)).encode()
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(pointer if name.endswith(".safetensors") else data)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "update-index", "--index-version", version)
    assert dict(entries((tmp_path / ".git/index").read_bytes())).keys() == files.keys()
    for name in (TRANSFORMER, ENCODER):
        (tmp_path / name).write_bytes(files[name])  # as `git lfs pull` puts them there
    assert all(fits(tmp_path / name) for name in files if "vae/" not in name)
    for name in (TRANSFORMER, "tokenizer/tokenizer.json"):
        spoil(tmp_path / name)
        assert fits(tmp_path / name) is False


def test_an_index_that_is_cut_short_or_none_ends() -> None:
    assert list(entries(b"")) == []
    assert list(entries(b"DIRC" + (2).to_bytes(4, "big") + b"\xff" * 4)) == []
    grows = (bytes(62) + b"\0" + b"a" * 100 + b"\0") * 100_000  # every name holds the one before it
    assert len(list(entries(b"DIRC" + (4).to_bytes(4, "big") + (100_000).to_bytes(4, "big") + grows))) < 50
    keeps = bytes(62) + b"\0" + b"a" * 4_000 + b"\0" + (bytes(62) + b"\0\0") * 100_000  # 400 MB of 6
    found = sum(
        len(name) for name, _ in entries(b"DIRC" + (4).to_bytes(4, "big") + (100_000).to_bytes(4, "big") + keeps)
    )
    assert NAMES_BYTES - 4_000 <= found <= NAMES_BYTES
    assert list(entries(b"DIRC" + (9).to_bytes(4, "big") + b"\0" * 90)) == []


def test_lfs_objects_without_an_index_and_a_pointer_kept_beside(tmp_path: Path) -> None:
    data = published()[TRANSFORMER]
    oid = hashlib.sha256(data).hexdigest()
    file = tmp_path / "model/one.safetensors"
    stored = tmp_path / "model/.git/lfs/objects" / oid[:2] / oid[2:4] / oid
    stored.parent.mkdir(parents=True)
    for path in (file, stored):
        path.write_bytes(data)
    assert fits(file)
    spoil(file)
    assert fits(file) is False
    shutil.rmtree(tmp_path / "model/.git")
    assert fits(file) is None
    file.with_name("one.safetensors.pointer").write_text(POINTER.format(oid=oid, size=len(data)))
    assert fits(file) is False
    file.write_bytes(data)
    assert fits(file)


@pytest.mark.parametrize(
    "record", ["SHA256SUMS", "sha256sum.txt", "checksums.sha256", "{name}.sha256", "{name}.SHA256"]
)
@pytest.mark.parametrize(
    "line",
    ["{hash}  {name}\n", "{hash} *{name}\r\n", "{HASH}  ./{name}", "\ufeff{hash}  {name}\n",
     "# made by hand\n\n{hash} {name}",
     "SHA256 ({name}) = {hash}\n", "SHA2-256({name})= {hash}\n", "other line\n{zeros}  other\n{hash}  {name}\n"],
)  # fmt: skip
def test_checksum_files_in_every_form(tmp_path: Path, record: str, line: str) -> None:
    file = tmp_path / "z image.safetensors"
    file.write_bytes(b"weights")
    right = hashlib.sha256(b"weights").hexdigest()
    beside = tmp_path / record.format(name=file.name)
    for digest, is_right in ((right, True), ("a" * 64, False)):
        text = line.format(hash=digest, HASH=digest.upper(), name=file.name, zeros="0" * 64)
        for encoding in ("utf-8", "utf-16"):
            beside.write_bytes(text.encode(encoding))
            assert fits(file) is is_right


def test_a_lone_hash_in_a_file_named_after_another(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(b"weights")
    (tmp_path / "a.safetensors.sha256").write_text(hashlib.sha256(b"weights").hexdigest() + "\r\n")
    assert fits(file)


def test_a_checksum_file_above_names_files_below_it_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "model/vae/a.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    sums, wrong = tmp_path / "model/SHA256SUMS", "a" * 64
    sums.write_text(f"{wrong}  a.safetensors\n{wrong}  ../a.safetensors\n{wrong}  other/a.safetensors\n")
    assert fits(file) is None
    sums.write_text(f"{wrong}  vae\\a.safetensors\n")
    assert fits(file) is False
    sums.write_text(f"{hashlib.sha256(b'weights').hexdigest()}  {file}\n")
    assert fits(file)


def test_nothing_is_known_of_a_file_that_came_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(b"weights")
    (tmp_path / ".msc").write_bytes(b"cos\nsystem\n(S'touch /tmp/opened'\ntR.")  # ModelScope's record is a pickle
    assert fits(file) is None


def test_git_names_a_file_as_git_does(tmp_path: Path) -> None:
    assert git_sha1(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    (tmp_path / "empty").touch()
    assert read_once(tmp_path / "empty").git_sha1 == git_sha1(b"")
