"""Layouts: other models' files and folders, adapters, control networks; toy shapes under their telling names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from zoo.comfyui import put_ae, put_text_encoder
from zoo.embedded import TURBO, WEIGHTS, edit_json, single, write_json
from zoo.layout import Written, layout
from zoo.numbers_as import bytes_as
from zoo.single_files import beside
from zoo.tensor_files import Tensor, write_tensors

Shapes = Mapping[str, tuple[int, ...]]

LORA_TARGETS = [
    f"layers.{layer}.{target}"
    for layer in range(7)
    for target in ("attention.to_q", "attention.to_k", "attention.to_v", "feed_forward.w1")
]


def lora(pattern: str, *, down: str, up: str, alpha: str = "") -> dict[str, tuple[int, ...]]:
    """An adapter of rank 4.

    Args:
        pattern: of a target's name; {} for the target, {flat} for it with underscores.
        down: ending of the first factor.
        up: ending of the second.
        alpha: ending of the scale, if it is stored.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for target in LORA_TARGETS:
        name = pattern.format(target, flat=target.replace(".", "_"))
        rows = 512 if "w1" in target else 192
        shapes |= {f"{name}.{down}": (4, 192), f"{name}.{up}": (rows, 4)}
        if alpha:
            shapes[f"{name}.{alpha}"] = ()
    return shapes


def control_union() -> dict[str, tuple[int, ...]]:
    """Z-Image-Turbo-Fun-Controlnet-Union: blocks of its own, which need the transformer beside them."""
    shapes: dict[str, tuple[int, ...]] = {
        "control_all_x_embedder.2-1.weight": (192, 132),
        "control_all_x_embedder.2-1.bias": (192,),
    }
    for layer in range(3):
        at = f"control_layers.{layer}"
        shapes |= {f"{at}.attention.to_{letter}.weight": (192, 192) for letter in "qkv"}
        shapes |= {f"{at}.feed_forward.w1.weight": (512, 192), f"{at}.after_proj.weight": (192, 192)}
        shapes |= {f"{at}.adaLN_modulation.0.weight": (768, 192), f"{at}.attention_norm1.weight": (192,)}
        shapes |= {f"control_noise_refiner.{layer}.after_proj.weight": (192, 192)}
    return shapes | {"control_layers.0.before_proj.weight": (192, 192)}


def flux(prefix: str = "") -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "img_in.weight": (96, 64), "txt_in.weight": (96, 128), "time_in.in_layer.weight": (96, 256),
        "vector_in.in_layer.weight": (96, 24), "guidance_in.in_layer.weight": (96, 256),
        "final_layer.linear.weight": (64, 96),
        "final_layer.adaLN_modulation.1.weight": (192, 96),
    }  # fmt: skip
    for block in range(3):
        at = f"double_blocks.{block}"
        shapes |= {f"{at}.img_attn.qkv.weight": (288, 96), f"{at}.txt_attn.qkv.weight": (288, 96)}
        shapes |= {f"{at}.img_mod.lin.weight": (576, 96), f"single_blocks.{block}.linear1.weight": (672, 96)}
    return {prefix + name: shape for name, shape in shapes.items()}


def flux_diffusers() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"x_embedder.weight": (96, 64), "context_embedder.weight": (96, 128)}
    for block in range(3):
        at = f"transformer_blocks.{block}"
        shapes |= {f"{at}.attn.to_q.weight": (96, 96), f"{at}.attn.add_q_proj.weight": (96, 96)}
        shapes |= {f"single_transformer_blocks.{block}.proj_mlp.weight": (384, 96)}
    return shapes


def unet_checkpoint(*, is_xl: bool) -> dict[str, tuple[int, ...]]:
    """SD's or SDXL's checkpoint: U-Net, text encoders, VAE of four channels."""
    at, width = "model.diffusion_model", 32
    shapes: dict[str, tuple[int, ...]] = {
        f"{at}.input_blocks.0.0.weight": (width, 4, 3, 3), f"{at}.time_embed.0.weight": (128, width),
        f"{at}.middle_block.1.proj_in.weight": (width, width),
        f"{at}.output_blocks.0.0.in_layers.2.weight": (width, width, 3, 3),
        f"{at}.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (width, 2048 if is_xl else 768),
        "first_stage_model.decoder.conv_in.weight": (64, 4, 3, 3), "first_stage_model.quant_conv.weight": (8, 8, 1, 1),
    }  # fmt: skip
    if is_xl:
        shapes[f"{at}.label_emb.0.0.weight"] = (128, 2816)
        shapes["conditioner.embedders.1.model.ln_final.weight"] = (1280,)
    else:
        shapes["cond_stage_model.transformer.text_model.final_layer_norm.weight"] = (768,)
    return shapes


def qwen_image() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "img_in.weight": (96, 64),
        "txt_in.weight": (96, 112),
        "txt_norm.weight": (112,),
    }
    for block in range(4):
        at = f"transformer_blocks.{block}"
        shapes |= {f"{at}.attn.to_q.weight": (96, 96), f"{at}.attn.add_q_proj.weight": (96, 96)}
        shapes |= {f"{at}.img_mod.1.weight": (576, 96), f"{at}.txt_mlp.net.2.weight": (96, 384)}
    return shapes


def lumina2() -> dict[str, tuple[int, ...]]:
    """Z-Image's nearest relative: the same names, but Gemma's width of captions and no pad tokens."""
    shapes: dict[str, tuple[int, ...]] = {
        "cap_embedder.0.weight": (2304,), "cap_embedder.1.weight": (2304, 2304), "x_embedder.weight": (2304, 64),
        "final_layer.linear.weight": (64, 2304), "norm_final.weight": (2304,), "t_embedder.mlp.0.weight": (1024, 256),
    }  # fmt: skip
    for layer in range(26):
        at = f"layers.{layer}"
        shapes |= {f"{at}.attention.qkv.weight": (3840, 2304), f"{at}.feed_forward.w1.weight": (9216, 2304)}
        shapes |= {f"{at}.adaLN_modulation.1.weight": (9216, 1024)}
    return shapes


def wan() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "patch_embedding.weight": (96, 16, 1, 2, 2),
        "text_embedding.0.weight": (96, 128),
    }
    for block in range(4):
        shapes |= {f"blocks.{block}.self_attn.q.weight": (96, 96), f"blocks.{block}.cross_attn.k.weight": (96, 96)}
    return shapes


FILES: dict[str, Shapes] = {
    "lora_ai_toolkit": lora("diffusion_model.{}", down="lora_A.weight", up="lora_B.weight"),
    "lora_diffusers": lora("transformer.{}", down="lora_A.weight", up="lora_B.weight"),
    "lora_peft": lora("base_model.model.{}", down="lora_A.weight", up="lora_B.weight"),
    "lora_kohya": lora("lora_unet_{flat}", down="lora_down.weight", up="lora_up.weight", alpha="alpha"),
    "lycoris_lokr": lora("lycoris_{flat}", down="lokr_w1", up="lokr_w2", alpha="alpha"),
    "lora_dora": {
        **lora("diffusion_model.{}", down="lora_A.weight", up="lora_B.weight"),
        **{f"diffusion_model.{target}.dora_scale": (192, 1) for target in LORA_TARGETS},
    },
    "controlnet_union": control_union(),
    "flux1_dev_comfy": flux(),
    "flux1_dev_fp8_checkpoint": flux("model.diffusion_model."),
    "flux_diffusers": flux_diffusers(),
    "sdxl_checkpoint": unet_checkpoint(is_xl=True),
    "sd15_checkpoint": unet_checkpoint(is_xl=False),
    "qwen_image": qwen_image(),
    "lumina2": lumina2(),
    "wan": wan(),
    "t5_text_encoder": {
        "shared.weight": (256, 64), "encoder.block.0.layer.0.SelfAttention.q.weight": (64, 64),
        "encoder.final_layer_norm.weight": (64,),
    },
    "clip_text_encoder": {"text_model.embeddings.token_embedding.weight": (512, 64)},
    "embedding": {"clip_l": (4, 768), "clip_g": (4, 1280)},
    "upscaler": {"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)},
    "nobody_knows": {"alpha": (3, 3), "beta": (3, 3)},
}  # fmt: skip
"""By file name: names and shapes that tell what it is. The numbers are holes: nobody gets as far as to read them."""


def one_file(name: str, shapes: Shapes) -> None:
    def make(folder: Path) -> Written:
        tensors = {known: Tensor("BF16", shape) for known, shape in shapes.items()}
        file = write_tensors(folder / "files" / f"{name}.safetensors", tensors)
        return beside(folder, file)

    make.__doc__ = f"`transformer_file: {name}.safetensors`"
    layout("other families", name=f"tf_{name}")(make)


for known_name, known_shapes in FILES.items():
    one_file(known_name, known_shapes)


@layout("other families")
def tf_qwen_3_4b_text_encoder(folder: Path) -> Written:
    """The text encoder where the transformer belongs."""
    return beside(folder, put_text_encoder(folder / "files/qwen_3_4b_text_encoder.safetensors"))


@layout("other families")
def tf_ae_vae(folder: Path) -> Written:
    """The VAE where the transformer belongs."""
    return beside(folder, put_ae(folder / "files/ae_vae.safetensors"))


def family(folder: Path, pipeline: str, parts: Mapping[str, list[str]], transformer: Shapes) -> Path:
    """Another model's folder in diffusers layout.

    Args:
        folder: to make it in.
        pipeline: the index's class.
        parts: by name: library and class.
        transformer: names and shapes of its large part.
    """
    model = folder / pipeline.removesuffix("Pipeline")
    write_json(model / "model_index.json", {"_class_name": pipeline, "_diffusers_version": "0.36.0", **parts})
    for part, (_, name) in parts.items():
        config = "scheduler_config.json" if part == "scheduler" else "config.json"
        write_json(model / part / config, {"_class_name": name})
    part = "unet" if "unet" in parts else "transformer"
    write_tensors(
        model / part / "diffusion_pytorch_model.safetensors",
        {name: Tensor("BF16", shape) for name, shape in transformer.items()},
    )
    return model


@layout("other families")
def flux_folder(folder: Path) -> Path:
    """FLUX.1's folder."""
    return family(
        folder, "FluxPipeline",
        {"scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
         "text_encoder": ["transformers", "CLIPTextModel"],
         "text_encoder_2": ["transformers", "T5EncoderModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
         "transformer": ["diffusers", "FluxTransformer2DModel"], "vae": ["diffusers", "AutoencoderKL"]},
        flux_diffusers(),
    )  # fmt: skip


@layout("other families")
def sdxl_folder(folder: Path) -> Path:
    """SDXL's folder."""
    return family(
        folder, "StableDiffusionXLPipeline",
        {"scheduler": ["diffusers", "EulerDiscreteScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
         "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"]},
        {"conv_in.weight": (32, 4, 3, 3), "down_blocks.0.resnets.0.conv1.weight": (32, 32, 3, 3)},
    )  # fmt: skip


@layout("other families")
def qwen_image_folder(folder: Path) -> Path:
    """Qwen-Image's folder."""
    return family(
        folder, "QwenImagePipeline",
        {"scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
         "text_encoder": ["transformers", "Qwen2_5_VLForConditionalGeneration"],
         "tokenizer": ["transformers", "Qwen2Tokenizer"],
         "transformer": ["diffusers", "QwenImageTransformer2DModel"], "vae": ["diffusers", "AutoencoderKLQwenImage"]},
        qwen_image(),
    )  # fmt: skip


@layout("other families")
def omni_class(folder: Path) -> Path:
    """Z-Image-Omni's folder: it has a SigLIP part, and layers for it."""
    model = single(folder / "Z-Image-Omni", title="Z-Image-Omni-Base")
    edit_json(
        model / "model_index.json", _class_name="ZImageOmniPipeline", siglip=["transformers", "Siglip2VisionModel"]
    )
    edit_json(model / "transformer/config.json", siglip_feat_dim=1152)
    return model


@layout("other families")
def controlnet_class(folder: Path) -> Path:
    """A folder for Z-Image with a control network."""
    model = single(folder / TURBO)
    edit_json(
        model / "model_index.json",
        _class_name="ZImageControlNetPipeline",
        controlnet=["diffusers", "ZImageControlNetModel"],
    )
    return model


@layout("other families")
def lora_folder(folder: Path) -> Path:
    """A repository with nothing but an adapter."""
    top = folder / "my-lora"
    shapes = FILES["lora_diffusers"]
    write_tensors(
        top / "pytorch_lora_weights.safetensors",
        {name: bytes_as("BF16", shape, name) for name, shape in shapes.items()},
    )
    write_json(
        top / "adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "Tongyi-MAI/Z-Image-Turbo"}
    )
    return top


@layout("other families")
def language_model_folder(folder: Path) -> Path:
    """Qwen3-4B itself: a language model's folder, which is the text encoder of Z-Image."""
    top = folder / "Qwen3-4B"
    put_text_encoder(top / "model.safetensors")
    config = json.loads((WEIGHTS / "text_encoder/config.json").read_text("utf-8"))
    write_json(top / "config.json", config | {"architectures": ["Qwen3ForCausalLM"]})
    write_json(top / "generation_config.json", {"temperature": 0.6})
    return top
