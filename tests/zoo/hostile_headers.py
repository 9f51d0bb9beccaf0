"""Layouts: safetensors files whose headers were made to do harm; what they say of their bytes is false or huge."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

from zoo.layout import Maker, Written, add_each
from zoo.single_files import beside, original
from zoo.tensor_files import header_of, with_length

MANY = 1_000_000


def entry(dtype: object = "BF16", shape: object = (1, 192), offsets: object = (0, 384)) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def header(**entries: object) -> Callable[[], bytes]:
    """A header with these entries, and 1,000 bytes after it."""
    return lambda: with_length(json.dumps(entries).encode()) + bytes(1000)


def raw(text: str) -> Callable[[], bytes]:
    return lambda: with_length(text.encode()) + bytes(1000)


def a_million_tensors() -> bytes:
    """60 MB of names."""
    one = '"{:x}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'
    return with_length(("{" + ",".join(one.format(number) for number in range(MANY)) + "}").encode())


def with_entry(name: str, **entries: object) -> Callable[[], bytes]:
    """The transformer's own header with one entry that is another."""

    def made() -> bytes:
        head = header_of(original())
        content = json.loads(head[8:])
        content[name] = entry(**entries)
        return with_length(json.dumps(content).encode())

    return made


def duplicated() -> bytes:
    """The same name twice, with other bytes each time: programs differ in which they take."""
    head = header_of(original())
    text = head[8:].decode().rstrip()
    again = json.dumps({"x_pad_token": entry(shape=(1, 96), offsets=(0, 192))})[1:-1]
    return with_length((text[:-1] + "," + again + "}").encode())


def file(content: Callable[[], bytes], *, size: int = 0) -> Maker:
    """A single file.

    Args:
        content: its beginning.
        size: of it at least; the rest is a hole.
    """

    def make(folder: Path) -> Written:
        target = folder / "files/z_image_turbo.safetensors"
        target.parent.mkdir()
        begun = content()
        target.write_bytes(begun)
        os.truncate(target, max(size, len(begun)))
        return beside(folder, target)

    make.__doc__ = "`transformer_file:` with a header that is false."
    return make


GIB = 1024**3
FALSE: dict[str, Maker] = {
    "huge": file(lambda: struct.pack("<Q", 100_000_000) + b"{", size=100_000_100),
    "huge_and_true": file(lambda: with_length(b'{"a":"' + b"x" * 20_000_000 + b'"}')),
    "longer_than_file": file(lambda: struct.pack("<Q", 2 * GIB) + b"{}", size=4096),
    "longer_than_any": file(lambda: b"\xff" * 8 + b"{}", size=4096),
    "of_no_bytes": file(lambda: bytes(8), size=4096),
    "no_json": file(lambda: with_length(b"{this is no json}")),
    "list": file(raw("[1, 2, 3]")),
    "number": file(raw("7")),
    "no_utf8": file(lambda: with_length(b'{"\xff\xfe": 1}')),
    "deep": file(lambda: with_length(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)),
    "million_tensors": file(a_million_tensors),
    "duplicated_names": file(duplicated, size=12_000_000),
    "negative_offsets": file(with_entry("x_pad_token", offsets=(-384, 0)), size=12_000_000),
    "offsets_backwards": file(with_entry("x_pad_token", offsets=(384, 0)), size=12_000_000),
    "overlapping": file(with_entry("x_pad_token"), size=12_000_000),
    "offsets_beyond": file(with_entry("x_pad_token", offsets=(2**63, 2**63 + 384)), size=12_000_000),
    "offsets_of_100_digits": file(with_entry("x_pad_token", offsets=(0, 10**100)), size=12_000_000),
    "offsets_are_floats": file(with_entry("x_pad_token", offsets=(0.0, 384.0)), size=12_000_000),
    "offsets_are_text": file(with_entry("x_pad_token", offsets=("0", "384")), size=12_000_000),
    "offsets_are_missing": file(header(x_pad_token={"dtype": "BF16", "shape": [1, 192]})),
    "shape_is_negative": file(with_entry("x_pad_token", shape=(-1, 192)), size=12_000_000),
    "shape_overflows": file(with_entry("x_pad_token", shape=(2**40, 2**40)), size=12_000_000),
    "shape_is_text": file(with_entry("x_pad_token", shape="1x192"), size=12_000_000),
    "shape_of_many_axes": file(with_entry("x_pad_token", shape=(1,) * 100_000), size=12_000_000),
    "dtype_unknown": file(with_entry("x_pad_token", dtype="Q4_0"), size=12_000_000),
    "dtype_is_a_list": file(with_entry("x_pad_token", dtype=["BF16"]), size=12_000_000),
    "entry_is_null": file(header(x_pad_token=None)),
    "metadata_is_a_list": file(header(__metadata__=[1, 2], x_pad_token=entry())),
    "name_with_escape": file(
        header(**{"\x1b[2J\nall is well": entry(), "../../etc/passwd": entry(offsets=(384, 768))})
    ),
    "name_very_long": file(header(**{"n" * 1_000_000: entry()})),
    "nothing_in_it": file(raw("{}")),
}
add_each("hostile", {f"tf_header_{name}": make for name, make in FALSE.items()})


def in_folder(folder: Path) -> Path:
    """The same in a model folder: the text encoder's file has a header that is false."""
    from zoo.embedded import TURBO, rewrite, single

    model = single(folder / TURBO)
    rewrite(model / "text_encoder/model.safetensors", with_entry("x_pad_token", offsets=(2**63, 2**63 + 384))())
    return model


add_each("hostile", {"folder_header_offsets_beyond": in_folder})
