"""What weights are that are no Z-Image model's as it is published: additions, other families, quantised ones.

Knows telling names of tensors; knows no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from worker.studio.model_files.safetensors_file import Tensor

Marks = tuple[tuple[str, str], ...]
"""A name for people, and a pattern that one tensor's name must hold."""

NAMES_LOOKED_AT = 5000
"""Of tensors, for telling names: no image model has more, and a hostile file may have a hundred thousand."""
LORA = re.compile(
    r"(^|[._])(lora|vera|dora|glora|vblora|dylora|randlora|delora|gralora|loha|lokr|lycoris|hada|oft|boft|ia3|hra|bone"
    r"|fourierft|waveft|shira|c3a|road|ln_tuning)_|(^|[._])lora[AB12]?\.|(^|\.)svd_[uv](\.|$)"
    r"|\.(diff|diff_b|set_weight|alpha)$",
    re.IGNORECASE,
)
"""Of LoRAs by diffusers, PEFT (and relatives), kohya, ai-toolkit and LyCORIS (LoKr, LoHa, OFT, full differences)."""
CONTROLNET = re.compile(
    r"(^|\.)(control_(layers|noise_refiner|all_x_embedder|model|x_embedder)|controlnet_(blocks|cond_embedding|x_embedder"
    r"|single_blocks|mode_embedder|down_blocks)|zero_linear|input_hint_block)"
)
OMNI = re.compile(r"(^|\.)siglip_(embedder|refiner|pad_token)")

AVERAGES = re.compile(r"^model_ema\.([a-z]+model[a-z]\w+|decay|num_updates)$|(^|\.)shadow_params\.\d+$", re.IGNORECASE)
"""Averages of a training (EMA) under names from which no program finds the tensors of a model: those of LDM's `LitEma`,
and of diffusers' `EMAModel` as a list."""

FAMILIES: Marks = (
    ("Qwen-Image", r"(^|\.)transformer_blocks\.\d+\.img_mod\."),
    ("FLUX.2", r"(^|\.)double_stream_modulation_img\."),
    ("Chroma", r"(^|\.)distilled_guidance_layer\."),
    ("HunyuanVideo", r"(^|\.)txt_in\.individual_token_refiner\.|(^|\.)token_refiner\.refiner_blocks\."),
    ("FLUX.1", r"(^|\.)double_blocks\.\d+\.img_attn\.|(^|\.)single_transformer_blocks\.\d+\."),
    ("SD 3", r"(^|\.)joint_blocks\.\d+\."),
    ("HiDream", r"(^|\.)double_stream_blocks\.\d+\.block\."),
    ("AuraFlow", r"(^|\.)double_layers\.\d+\.|(^|\.)joint_transformer_blocks\.\d+\."),
    ("LTX-Video", r"(^|\.)patchify_proj\."),
    ("Wan", r"(^|\.)blocks\.\d+\.cross_attn\.norm_k\.|(^|\.)head\.modulation$|(^|\.)text_embedding\.\d"),
    ("OmniGen 2", r"(^|\.)ref_image_(patch_embedder|refiner)"),
    ("Lumina 2", r"(^|\.)layers\.\d+\.adaLN_modulation\.1\.|(^|\.)layers\.\d+\.norm1\.linear\."),
    ("Sana or PixArt", r"(^|\.)adaln_single\.|(^|\.)caption_projection\.|(^|\.)blocks\.\d+\.cross_attn\.q_linear"),
    ("Cosmos", r"(^|\.)net\.blocks\.|(^|\.)blocks\.\d+\.adaln_modulation_self_attn\."),
    ("SDXL", r"(^|\.)label_emb\.0\.|^conditioner\.embedders\.|(^|\.)add_embedding\.linear_1\."),
    ("Stable Diffusion 1 or 2",
     r"(^|\.)input_blocks\.\d+\.|^cond_stage_model\.|(^|\.)down_blocks\.\d+\.attentions\.\d+\.transformer_blocks\."),
)  # fmt: skip
"""Telling tensors of other families' models; the first row that fits names it."""

ENCODERS: Marks = (
    ("a vision-language model (Qwen-VL)", r"(^|\.)visual\.(blocks|patch_embed|merger)|^model\.language_model\."),
    ("a T5 text encoder", r"(^|\.)block\.\d+\.layer\.\d+\.(SelfAttention|DenseReluDense)\."),
    ("a CLIP text encoder", r"(^|\.)text_model\.(encoder|embeddings)\.|(^|\.)resblocks\.\d+\."),
    ("a CLIP vision model", r"(^|\.)vision_model\."),
    ("a Qwen2 text encoder", r"(^|\.)self_attn\.q_proj\.bias$"),
    ("a Gemma text encoder", r"(^|\.)(pre|post)_feedforward_layernorm\."),
    ("another language model", r"(^|\.)self_attn\.q_proj\.weight$"),
    ("a video model's VAE (Wan, Qwen-Image)", r"^(encoder|decoder)\.(conv1\.|middle\.\d+\.|upsamples\.)"),
    ("a tiny VAE for previews (TAESD)", r"^(taesd|encoder\.layers\.|decoder\.layers\.)|^\d+\.conv\.\d+\."),
    ("an upscaler", r"^(body|conv_first|conv_body)\.|^model\.\d+\.sub\.|rdb\d\.conv|(^|\.)RDB\d"),
    ("an IP-Adapter", r"^(ip_adapter|image_proj)\."),
    ("a textual inversion", r"^(emb_params|string_to_param|clip_[lg])$"),
)
"""Telling tensors of what lies beside models; it is asked after Z-Image's own parts were looked for."""

QUANTISED: Marks = (
    ("nvfp4", r"\.weight_scale_2$"),
    ("comfy_quant", r"\.comfy_quant$"),
    ("SVDQuant (Nunchaku)", r"\.(wscales|smooth_factor|proj_down|smooth_orig)$"),
    ("bitsandbytes", r"\.(quant_state|absmax|quant_map|nested_absmax)\b|\.SCB$"),
    ("GPTQ or AWQ", r"\.(qweight|qzeros|g_idx|weight_packed)$"),
    ("SDNQ", r"\.(zero_point|svd_up|svd_down)$|\.weight\.scale$"),
    ("scaled", r"\.(scale_weight|scale_input|input_scale|weight_scale|scale_inv|weight_scale_inv)$|(^|\.)scaled_fp8$"),
    ("MLX", r"\.(scales|biases)$"),
    ("SDNQ", r"\.scale$"),
)  # fmt: skip
"""Tensors that lie beside quantised ones; the first row that fits names how."""
BESIDE_OTHERS = ("MLX", "SDNQ", "scaled")
"""Of these the names alone tell nothing: other weights have such tensors too."""
KINDS = {"F8_E4M3": "fp8", "F8_E5M2": "fp8", "F4": "fp4", "I8": "int8", "U8": "8 bits", "U32": "packed in uint32"}
"""Kinds of number that only quantised weights have, with their names for people."""
INTEGERS = {"I32": "packed in int32", "I64": "packed in int64", "I16": "packed in int16"}
"""Kinds that a matrix of weights has only when several are packed into one."""


def first(marks: Marks, names: Iterable[str]) -> str | None:
    """The first row of which one name has the mark.

    Args:
        marks: of a table above.
        names: of tensors.
    """
    text = "\n".join(islice(names, NAMES_LOOKED_AT))
    return next((label for label, mark in marks if re.search(mark, text, re.MULTILINE)), None)


def quantised(tensors: Mapping[str, Tensor]) -> str | None:
    """How weights are quantised, for people; None when they are not.

    Args:
        tensors: by name.
    """
    kinds = {tensor.dtype for tensor in tensors.values()}
    matrices = {tensor.dtype for name, tensor in tensors.items() if len(tensor.shape) == 2 and name.endswith("weight")}
    labels = [KINDS[kind] for kind in sorted(kinds) if kind in KINDS]
    labels += [INTEGERS[kind] for kind in sorted(matrices) if kind in INTEGERS]
    how = first(QUANTISED, tensors)
    if how is not None and (labels or how not in BESIDE_OTHERS):
        labels = [*(label for label in labels if label != KINDS["U8"]), how]
    return ", ".join(dict.fromkeys(labels)) or None
