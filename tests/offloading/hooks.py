"""Diffusers' hooks of group offloading: how they are taken off again, by their private names."""

from __future__ import annotations

import torch

HOOKS = ("lazy_prefetch_group_offloading", "layer_execution_tracker", "group_offloading")
"""Diffusers' names for what `apply_group_offloading` puts on modules; no public function takes it off."""


def take_off(module: torch.nn.Module) -> None:
    """Remove the hooks as diffusers itself does it inside `_maybe_remove_and_reapply_group_offloading`."""
    for inside in module.modules():
        registry = inside.__dict__.get("_diffusers_hook")
        for name in HOOKS if registry else ():
            registry.remove_hook(name, recurse=False)


def strip(module: torch.nn.Module) -> None:
    """Remove by force whatever diffusers' hooks left on modules, casting hooks included."""
    for inside in module.modules():
        if inside.__dict__.pop("_diffusers_hook", None) is not None:
            inside.__dict__.pop("forward", None)
