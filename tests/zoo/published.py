"""Layouts: models as they are published and as the usual programs download them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from zoo.embedded import (
    STEMS,
    TURBO,
    TWO,
    edit_json,
    frame,
    kept_hash,
    link,
    pooled,
    relative_link,
    sha256,
    sharded,
    single,
    tensors_of,
    turbo,
    whole,
    write_json,
)
from zoo.layout import layout
from zoo.naming import prefixed
from zoo.numbers_as import bytes_as, each, fp16

COMMIT = "0e36c2b379e66fa531d01cc531c44919e5f1c6fd"
"""Any 40 hex digits will do for a snapshot."""


@layout("published", works="run")
def turbo_real(folder: Path) -> Path:
    """Z-Image-Turbo: transformer in three fp32 shards, text encoder in three of bf16."""
    return turbo(folder / TURBO)


@layout("published", works="run", picture="shift 6")
def base_real(folder: Path) -> Path:
    """Z-Image: two bf16 shards, shift 6, a transformers 4.51 style configuration."""
    model = frame(folder / "Z-Image", title="Z-Image", shift=6.0)
    sharded("transformer", model / "transformer", TWO)
    sharded("text_encoder", model / "text_encoder", (3.96, 3.99, 0.1))
    whole("vae", model / "vae/diffusion_pytorch_model.safetensors")
    config = model / "text_encoder/config.json"
    content = json.loads(config.read_text("utf-8"))
    rope = content.pop("rope_parameters")
    content.pop("layer_types")
    torch_dtype = content.pop("dtype")
    write_json(
        config,
        content
        | {
            "architectures": ["Qwen3ForCausalLM"], "rope_theta": rope["rope_theta"], "rope_scaling": None,
            "torch_dtype": torch_dtype, "transformers_version": "4.51.0",
        },
    )  # fmt: skip
    return model


@layout("published", works="run")
def te_lm_head(folder: Path) -> Path:
    """The text encoder as the causal model that it was trained as, with its head."""
    model = single(folder / TURBO)
    held = prefixed("model.", tensors_of("text_encoder"))
    held["lm_head.weight"] = held["model.embed_tokens.weight"]
    (model / "text_encoder/model.safetensors").unlink()
    sharded("text_encoder", model / "text_encoder", (2, 1), key="te-lm-head", tensors=lambda: held)
    edit_json(model / "text_encoder/config.json", architectures=["Qwen3ForCausalLM"], tie_word_embeddings=False)
    edit_json(model / "model_index.json", text_encoder=["transformers", "Qwen3ForCausalLM"])
    return model


def hub(folder: Path) -> Path:
    """A hub cache: blobs by their hash, a snapshot of links to them; gives the snapshot."""
    made = turbo(folder / "made")
    top = folder / "hub/models--Tongyi-MAI--Z-Image-Turbo"
    snapshot = top / "snapshots" / COMMIT
    for file in sorted(path for path in made.rglob("*") if path.is_file()):
        blob = top / "blobs" / kept_hash(file)
        if not blob.exists():
            link(file, blob)
        relative_link(snapshot / file.relative_to(made), blob)
    shutil.rmtree(made)
    (top / "refs").mkdir()
    (top / "refs/main").write_text(COMMIT)
    (folder / "hub/version.txt").write_text("1")
    (folder / "hub/.locks/models--Tongyi-MAI--Z-Image-Turbo").mkdir(parents=True)
    return snapshot


@layout("published", works="run")
def hf_cache_snapshot(folder: Path) -> Path:
    """A snapshot in the hub cache: every file a link to a blob."""
    return hub(folder)


@layout("published", works="add")
def hf_cache_top(folder: Path) -> Path:
    """The model's folder in the hub cache."""
    return hub(folder).parent.parent


@layout("published", works="add")
def hf_cache_snapshots(folder: Path) -> Path:
    """The folder of snapshots in the hub cache."""
    return hub(folder).parent


@layout("published", works="add")
def hf_cache_hub(folder: Path) -> Path:
    """The hub cache itself."""
    return hub(folder).parent.parent.parent


@layout("published", works="add")
def hf_cache_refs(folder: Path) -> Path:
    """The folder of refs in the hub cache, which holds a name of a commit."""
    return hub(folder).parent.parent / "refs"


@layout("published", works="add")
def hf_cache_blobs(folder: Path) -> Path:
    """The folder of blobs in the hub cache: all files, under their hashes."""
    return hub(folder).parent.parent / "blobs"


@layout("published", works="add")
def hf_cache_two_snapshots(folder: Path) -> Path:
    """The model's folder in the hub cache with an older snapshot that lacks files; refs names the whole one."""
    snapshot = hub(folder)
    older = snapshot.parent / ("ab" * 20)
    older.mkdir()
    shutil.copy(snapshot / "model_index.json", older / "model_index.json")
    return snapshot.parent.parent


@layout("published", works="run")
def hf_cache_link(folder: Path) -> Path:
    """A link named after the model to a snapshot in the hub cache."""
    snapshot = hub(folder)
    (folder / TURBO).symlink_to(snapshot)
    return folder / TURBO


def kept_by_download(model: Path) -> Path:
    """What `hf download --local-dir` keeps of each file: commit, hash and time."""
    kept = model / ".cache/huggingface"
    files = sorted(path for path in model.rglob("*") if path.is_file())
    for file in files:
        note = kept / "download" / f"{file.relative_to(model)}.metadata"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{COMMIT}\n{kept_hash(file)}\n{file.stat().st_mtime + 1}\n")
        note.with_suffix(".lock").touch()
    (kept / ".gitignore").write_text("*")
    (kept / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    return model


@layout("published", works="run")
def local_dir(folder: Path) -> Path:
    """`hf download --local-dir`: files, and what the download keeps of each."""
    return kept_by_download(turbo(folder / TURBO))


@layout("published", works="run")
def modelscope(folder: Path) -> Path:
    """ModelScope's cache: files, and its own notes beside them."""
    model = turbo(folder / "hub/models/Tongyi-MAI" / TURBO)
    write_json(model / "configuration.json", {"framework": "Pytorch", "task": "text-to-image-synthesis"})
    (model / ".mdl").write_bytes(b"\x80\x04N.")
    (model / ".msc").write_bytes(b"\x80\x04N.")
    (model / ".mv").write_text("Revision:master,CreatedAt:1764000000")
    return model


@layout("published", works="run", picture="fp16", name="fp16")
def fp16_folder(folder: Path) -> Path:
    """All parts in fp16."""
    model = frame(folder / "Z-Image-Turbo-fp16")
    for part, stem in STEMS.items():
        pooled(f"{part}-fp16", model / part / f"{stem}.safetensors", lambda part=part: each(tensors_of(part), fp16))
    return model


@layout("published", works="run")
def bf16_single(folder: Path) -> Path:
    """A bf16 copy in one file a part, as people republish it."""
    return single(folder / "Z-Image-Turbo-bf16")


@layout("published", works="run")
def git_lfs_whole(folder: Path) -> Path:
    """A git clone with Git LFS: files, and their pointers' store in `.git`."""
    model = turbo(folder / TURBO)
    for file in sorted(model.rglob("*.safetensors")):
        digest = sha256(file)
        stored = model / ".git/lfs/objects" / digest[:2] / digest[2:4] / digest
        if not stored.exists():
            link(file, stored)
    (model / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (model / ".gitattributes").write_text("*.safetensors filter=lfs diff=lfs merge=lfs -text\n")
    return model


def zanime(folder: Path) -> Path:
    """A repository whose model lies in a subfolder, beside single files for other programs."""
    top = folder / "Z-Anime"
    single(top / "diffusers", title="Z-Anime", origin="Z-Anime")
    (top / "README.md").write_text("---\nlicense: other\n---\n# Z-Anime\n", "utf-8")
    (top / "gguf").mkdir()
    (top / "gguf/z-anime-Q8_0.gguf").write_bytes(b"GGUF\3\0\0\0" + bytes(64))
    return top


@layout("published", works="add")
def zanime_top(folder: Path) -> Path:
    """A repository whose only subfolder with an index is the model."""
    return zanime(folder)


@layout("published", works="run")
def zanime_diffusers(folder: Path) -> Path:
    """The model in such a repository."""
    return zanime(folder) / "diffusers"


@layout("quantised")
def fp8_diffusers(folder: Path) -> Path:
    """A folder whose transformer is in fp8."""
    model = single(folder / "Z-Image-Turbo-fp8")
    target = model / "transformer/diffusion_pytorch_model.safetensors"
    target.unlink()
    held = tensors_of("transformer")
    pooled("fp8-diffusers", target, lambda: {n: bytes_as("F8_E4M3", t.shape, n) for n, t in held.items()})
    return model
