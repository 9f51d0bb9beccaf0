"""Keys of other tools: which key of the job language each one means, for the remedy of an unknown key."""

from __future__ import annotations

from collections.abc import Mapping

SYNONYMS: Mapping[str, str] = {
    "negative": "negative_prompt",
    "cfg": "guidance",
    "cfg_scale": "guidance",
    "guidance_scale": "guidance",
    "num_inference_steps": "steps",
    "sampling_steps": "steps",
    "width": "size",
    "height": "size",
    "resolution": "size",
    "aspect": "size",
    "aspect_ratio": "size",
    "batch": "count",
    "batch_size": "count",
    "images": "count",
    "num_images": "count",
    "n": "count",
    "filename": "file_name",
    "output": "file_name",
    "title": "name",
    "csv": "products",
    "background": "scene",
    "lighting": "light",
    "angle": "camera",
    "style": "texture",
    "sku": "id",
}
"""Other tools' words, with ours."""
