"""Layouts: tokenizers in all the forms in which they are published."""

from __future__ import annotations

import json
from pathlib import Path

from zoo.embedded import TURBO, edit_json, published_tokenizer, rewrite, single, write_json
from zoo.layout import layout

TOKENIZER_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"aeb13307" * 8 + b"\nsize 11422654\n"


def published(folder: Path) -> Path:
    model = single(folder / TURBO)
    published_tokenizer(model / "tokenizer")
    return model


@layout("tokenizers", works="run")
def tok_vocab_merges_only(folder: Path) -> Path:
    """The old form alone."""
    model = published(folder)
    (model / "tokenizer/tokenizer.json").unlink()
    return model


@layout("tokenizers", works="run")
def tok_json_only(folder: Path) -> Path:
    """`tokenizer.json` alone."""
    model = published(folder)
    (model / "tokenizer/vocab.json").unlink()
    (model / "tokenizer/merges.txt").unlink()
    return model


@layout("tokenizers", works="run")
def tok_fast_class(folder: Path) -> Path:
    """The index names the fast class."""
    model = published(folder)
    edit_json(model / "model_index.json", tokenizer=["transformers", "Qwen2TokenizerFast"])
    return model


@layout("tokenizers", works="run")
def tok_template_file(folder: Path) -> Path:
    """The chat template in a file of its own."""
    return single(folder / TURBO)


@layout("tokenizers", works="run")
def tok_template_json(folder: Path) -> Path:
    """The chat template in `chat_template.json`, as older programs wrote it."""
    model = single(folder / TURBO)
    template = model / "tokenizer/chat_template.jinja"
    write_json(model / "tokenizer/chat_template.json", {"chat_template": template.read_text("utf-8")})
    template.unlink()
    return model


@layout("tokenizers")
def tok_no_template(folder: Path) -> Path:
    """No chat template anywhere."""
    model = single(folder / TURBO)
    (model / "tokenizer/chat_template.jinja").unlink()
    return model


@layout("tokenizers")
def tok_no_merges(folder: Path) -> Path:
    """`vocab.json` without `merges.txt`."""
    model = published(folder)
    (model / "tokenizer/merges.txt").unlink()
    (model / "tokenizer/tokenizer.json").unlink()
    return model


@layout("tokenizers")
def tok_merges_truncated(folder: Path) -> Path:
    """`merges.txt` cut in the middle, without `tokenizer.json`: other tokens, and pictures of something else."""
    model = published(folder)
    (model / "tokenizer/tokenizer.json").unlink()
    merges = model / "tokenizer/merges.txt"
    content = merges.read_bytes()
    rewrite(merges, content[: len(content) // 2])
    return model


@layout("tokenizers", works="run")
def merges_with_crlf(folder: Path) -> Path:
    """`merges.txt` with Windows' line ends, as git checks it out there."""
    model = published(folder)
    merges = model / "tokenizer/merges.txt"
    rewrite(merges, merges.read_bytes().replace(b"\n", b"\r\n"))
    return model


@layout("tokenizers")
def tokenizer_json_lfs_pointer(folder: Path) -> Path:
    """`tokenizer.json` left as a pointer of Git LFS, beside the old form."""
    model = published(folder)
    rewrite(model / "tokenizer/tokenizer.json", TOKENIZER_POINTER)
    return model


@layout("tokenizers")
def tokenizer_json_cut(folder: Path) -> Path:
    """`tokenizer.json` cut in the middle."""
    model = published(folder)
    content = (model / "tokenizer/tokenizer.json").read_bytes()
    rewrite(model / "tokenizer/tokenizer.json", content[: len(content) // 2])
    return model


@layout("tokenizers")
def no_tokenizer_folder(folder: Path) -> Path:
    """No tokenizer at all."""
    model = single(folder / TURBO)
    for file in (model / "tokenizer").iterdir():
        file.unlink()
    (model / "tokenizer").rmdir()
    return model


@layout("tokenizers")
def tokenizer_of_another_model(folder: Path) -> Path:
    """A tokenizer without the marks of a turn: CLIP's or T5's, copied to where Qwen's belongs."""
    model = published(folder)
    file = model / "tokenizer/tokenizer.json"
    content = json.loads(file.read_text("utf-8"))
    content["added_tokens"] = content["added_tokens"][:1]
    content["model"]["vocab"] = {
        token: number for token, number in content["model"]["vocab"].items() if not token.startswith("<|im_")
    }
    write_json(file, content)
    edit_json(model / "tokenizer/tokenizer_config.json", added_tokens_decoder={}, tokenizer_class="T5Tokenizer")
    return model
