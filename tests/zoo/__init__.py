"""The zoo: models as people have them, at toy size, made of the embedded model's weights; no torch.

`LAYOUTS[name].make(folder)` makes one and gives what a person would write into the settings.
"""

from importlib import import_module

from zoo.layout import LAYOUTS, Group, Layout, Written

__all__ = ["LAYOUTS", "Group", "Layout", "Written"]

ROOMS = (
    "published", "folders", "part_files", "tokenizer_folders", "downloads", "single_files", "comfyui", "other_families",
    "quantised", "misfits", "kinds", "paths", "hostile", "hostile_headers", "full_size",
)  # fmt: skip
"""In the order in which their layouts stand."""

for room in ROOMS:
    import_module(f"zoo.{room}")
