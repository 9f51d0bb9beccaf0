"""Layouts: weights in fewer bits, by all the programs that make such files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from zoo.embedded import STEMS, edit_json, pooled, single, tensors_of, write_json
from zoo.layout import Written, layout
from zoo.numbers_as import bytes_as, each
from zoo.single_files import beside, original
from zoo.tensor_files import PT, Tensor, Tensors, hollow, write_tensors

SCALE = b"\x00\x00\x80\x3c"
"""0.0156 in fp32."""


def is_matrix(name: str, tensor: Tensor) -> bool:
    """What such programs quantise: the blocks' matrices."""
    return len(tensor.shape) == 2 and ("attention." in name or "feed_forward." in name)


def quantised(change: Callable[[str, Tensor], Tensors], tensors: Tensors | None = None) -> dict[str, Tensor]:
    """A transformer whose matrices become what `change` makes of them; holes but for the first layer."""
    held: dict[str, Tensor] = {}
    for name, tensor in (tensors or original()).items():
        made = change(name, tensor) if is_matrix(name, tensor) else {name: tensor}
        held |= made if "layers.0." in name else hollow(made)
    return held


def as_dtype(dtype: str) -> Callable[[str, Tensor], Tensors]:
    return lambda name, tensor: {name: bytes_as(dtype, tensor.shape, name)}


def scaled_fp8(name: str, tensor: Tensor) -> Tensors:
    stem = name.removesuffix("weight")
    return {name: bytes_as("F8_E4M3", tensor.shape, name), f"{stem}scale_weight": Tensor("F32", (), SCALE)}


def comfy_quant(kind: str, dtype: str, per_number: int = 1) -> Callable[[str, Tensor], Tensors]:
    """ComfyUI's newer form: a description of each matrix as JSON in bytes, beside it."""
    note = json.dumps({"format": kind}).encode()

    def change(name: str, tensor: Tensor) -> Tensors:
        stem, (rows, columns) = name.removesuffix("weight"), tensor.shape
        return {
            name: bytes_as(dtype, (rows, columns // per_number), name),
            f"{stem}comfy_quant": Tensor("U8", (len(note),), note),
            f"{stem}weight_scale": Tensor("F32", (), SCALE),
        }

    return change


def nvfp4(name: str, tensor: Tensor) -> Tensors:
    stem, (rows, columns) = name.removesuffix("weight"), tensor.shape
    return {
        **comfy_quant("nvfp4", "U8", 2)(name, tensor),
        f"{stem}weight_scale": bytes_as("F8_E4M3", (rows, columns // 16), name),
        f"{stem}weight_scale_2": Tensor("F32", (), SCALE),
    }


def awq_under_plain_names(name: str, tensor: Tensor) -> Tensors:
    """Eight numbers of four bits in one of 32, under the matrix' own name."""
    rows, columns = tensor.shape
    return {name: bytes_as("I32", (rows, columns // 8), name)}


def awq(name: str, tensor: Tensor) -> Tensors:
    stem, (rows, columns) = name.removesuffix("weight"), tensor.shape
    return {
        f"{stem}qweight": bytes_as("I32", (columns, rows // 8), name),
        f"{stem}qzeros": bytes_as("I32", (1, rows // 8), f"{name}z"),
        f"{stem}scales": bytes_as("F16", (1, rows), f"{name}s"),
    }


def svdquant(name: str, tensor: Tensor) -> Tensors:
    """Nunchaku's: four bits and a correction of low rank."""
    stem, (rows, columns) = name.removesuffix("weight"), tensor.shape
    return {
        f"{stem}qweight": bytes_as("I8", (rows, columns // 2), name),
        f"{stem}wscales": bytes_as("BF16", (columns // 64, rows), f"{name}s"),
        f"{stem}proj_down": bytes_as("BF16", (columns, 32), f"{name}d"),
        f"{stem}proj_up": bytes_as("BF16", (rows, 32), f"{name}u"),
    }


def bitsandbytes(name: str, tensor: Tensor) -> Tensors:
    rows, columns = tensor.shape
    note = b'{"quant_type": "nf4", "blocksize": 64}'
    return {
        name: bytes_as("U8", (rows * columns // 2, 1), name),
        f"{name}.absmax": bytes_as("U8", (rows * columns // 64,), f"{name}a"),
        f"{name}.quant_map": bytes_as("F32", (16,), "map"),
        f"{name}.quant_state.bitsandbytes__nf4": Tensor("U8", (len(note),), note),
    }


def sdnq(name: str, tensor: Tensor) -> Tensors:
    stem, (rows, _) = name.removesuffix("weight"), tensor.shape
    return {name: bytes_as("I8", tensor.shape, name), f"{stem}scale": bytes_as("F32", (rows, 1), f"{name}s")}


def mlx(name: str, tensor: Tensor) -> Tensors:
    stem, (rows, columns) = name.removesuffix("weight"), tensor.shape
    return {
        name: bytes_as("U32", (rows, columns // 4), name),
        f"{stem}scales": bytes_as("BF16", (rows, columns // 64), f"{name}s"),
        f"{stem}biases": bytes_as("BF16", (rows, columns // 64), f"{name}b"),
    }


def marked(tensors: Tensors) -> Tensors:
    """The older form of scaled fp8 has an empty tensor that says so."""
    return {**tensors, "scaled_fp8": Tensor("F8_E4M3", (2,), b"\0\1")}


FILES: dict[str, Callable[[], Tensors]] = {
    "fp8_e4m3fn": lambda: quantised(as_dtype("F8_E4M3")),
    "fp8_e5m2": lambda: quantised(as_dtype("F8_E5M2")),
    "fp8_all": lambda: each(original(), lambda tensor: Tensor("F8_E4M3", tensor.shape)),
    "fp8_scaled_old": lambda: marked(quantised(scaled_fp8)),
    "fp8_comfy_quant": lambda: quantised(comfy_quant("float8_e4m3fn", "F8_E4M3")),
    "z_image_turbo_int8_convrot": lambda: quantised(comfy_quant("int8_convrot", "I8")),
    "z_image_turbo_nvfp4": lambda: quantised(nvfp4),
    "awq_int32_packed": lambda: quantised(awq_under_plain_names),
    "awq": lambda: quantised(awq),
    "svdq_nunchaku": lambda: quantised(svdquant),
    "bnb_nf4": lambda: quantised(bitsandbytes, tensors_of("transformer")),
    "sdnq_int8": lambda: quantised(sdnq, tensors_of("transformer")),
    "mlx_8bit": lambda: quantised(mlx, tensors_of("transformer")),
}


def one_file(name: str, tensors: Callable[[], Tensors]) -> None:
    def make(folder: Path) -> Written:
        return beside(folder, pooled(f"quantised-{name}", folder / "files" / f"{name}.safetensors", tensors, PT))

    make.__doc__ = f"`transformer_file: {name}.safetensors`"
    layout("quantised", name=f"tf_{name}")(make)


for known_name, known_tensors in FILES.items():
    one_file(known_name, known_tensors)


def folder_with(folder: Path, name: str, note: dict[str, object]) -> Path:
    """A model folder whose transformer was quantised, with what its configuration says of it."""
    model = single(folder)
    target = model / "transformer/diffusion_pytorch_model.safetensors"
    target.unlink()
    pooled(f"quantised-{name}", target, FILES[name], PT)
    edit_json(model / "transformer/config.json", quantization_config=note)
    return model


@layout("quantised")
def mlx_8bit_folder(folder: Path) -> Path:
    """Converted for MLX."""
    return folder_with(folder / "Z-Image-Turbo-mlx-8bit", "mlx_8bit", {"bits": 8, "group_size": 64})


@layout("quantised")
def sdnq_int8_folder(folder: Path) -> Path:
    """Quantised by SDNQ, as SD.Next publishes it."""
    return folder_with(
        folder / "Z-Image-Turbo-SDNQ-int8", "sdnq_int8", {"quant_method": "sdnq", "weights_dtype": "int8"}
    )


@layout("quantised")
def bnb_nf4_folder(folder: Path) -> Path:
    """Quantised by bitsandbytes, saved by diffusers."""
    return folder_with(folder / "Z-Image-Turbo-nf4", "bnb_nf4", {"quant_method": "bitsandbytes", "load_in_4bit": True})


@layout("quantised")
def flashpack_folder(folder: Path) -> Path:
    """Weights in another container."""
    model = single(folder / "Z-Image-Turbo-flashpack")
    for part, stem in STEMS.items():
        (model / part / f"{stem}.safetensors").unlink()
        (model / part / "model.flashpack").write_bytes(b"\x93FLASHPACK" + bytes(200))
    return model


@layout("quantised")
def gguf_text_encoder(folder: Path) -> Path:
    """A text encoder as GGUF, in the folder of the text encoder."""
    model = single(folder / "Z-Image-Turbo")
    (model / "text_encoder/model.safetensors").unlink()
    (model / "text_encoder/Qwen3-4B-Q8_0.gguf").write_bytes(b"GGUF\3\0\0\0" + bytes(400))
    return model


@layout("quantised")
def gguf_folder(folder: Path) -> Path:
    """A folder with nothing but GGUF files."""
    top = folder / "Z-Image-Turbo-GGUF"
    for bits in ("Q4_K_M", "Q8_0"):
        top.mkdir(exist_ok=True)
        (top / f"z_image_turbo-{bits}.gguf").write_bytes(b"GGUF\3\0\0\0" + bytes(400))
    (top / "README.md").write_text("# GGUF\n")
    return top


@layout("quantised")
def onnx_folder(folder: Path) -> Path:
    """Exported to ONNX."""
    top = folder / "Z-Image-Turbo-ONNX"
    write_json(top / "model_index.json", {"_class_name": "OnnxZImagePipeline"})
    (top / "transformer").mkdir()
    (top / "transformer/model.onnx").write_bytes(b"\x08\x08" + bytes(100))
    return top


@layout("quantised")
def fp8_text_encoder(folder: Path) -> Path:
    """A text encoder in scaled fp8 beside a bf16 transformer."""
    model = single(folder / "Z-Image-Turbo")
    target = model / "text_encoder/model.safetensors"
    target.unlink()
    held = {
        name: bytes_as("F8_E4M3", tensor.shape, name) if len(tensor.shape) == 2 else tensor
        for name, tensor in tensors_of("text_encoder").items()
    }
    write_tensors(target, held, PT)
    return model
