"""Whether group offloading is undone exactly: after a picture, after an error in a block, with its hooks taken off."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import torch
from offloading.bench import Away, Bench, allocated_mib, clear, host_gib, synchronize
from offloading.checks import check, fails, latents, tried, where
from offloading.hooks import strip, take_off
from offloading.ways import offload

from worker.studio.units import MIB


@dataclass(kw_only=True)
class Undo:
    """The transformer as it was loaded, whole on the card, and what is done to it."""

    bench: Bench
    first: torch.Tensor
    """One picture's latents before anything was tried."""
    begun_mib: float
    kept: dict[str, torch.Tensor]
    """A copy of every weight."""
    ids: dict[str, int]
    bare_mib: float
    """On the card with the copy, without the transformer."""

    @property
    def transformer(self) -> torch.nn.Module:
        return self.bench.parts.transformer

    def tensors(self) -> dict[str, torch.Tensor]:
        return self.transformer.state_dict(keep_vars=True)

    def left_on_card_mib(self) -> float:
        return round(allocated_mib(self.bench.device) - self.bare_mib, 1)

    def is_first(self) -> bool:
        """Whether the same picture comes out."""
        return bool(torch.equal(latents(self.bench)[0], self.first))

    def put_on(self) -> None:
        host_before, begun_s = host_gib(), time.perf_counter()
        offload(self.bench, self.transformer)
        synchronize(self.bench.device)
        clear(self.bench.device)
        own_mib = sum(tensor.nbytes for tensor in self.kept.values()) / MIB
        check(
            "undo: hooks on", seconds=round(time.perf_counter() - begun_s, 2), host_before=host_before,
            host=host_gib(), transformer_mib=round(own_mib), left_on_card_mib=self.left_on_card_mib(),
        )  # fmt: skip

    def picture(self) -> None:
        with tried("undo: picture"):
            check("undo: picture", equal_to_whole=self.is_first())
        clear(self.bench.device)
        check("undo: after a picture", left_on_card_mib=self.left_on_card_mib())

    def failure(self) -> None:
        fails(self.bench)
        clear(self.bench.device)
        check("undo: failure in a block", left_on_card_mib=self.left_on_card_mib(), tensors=where(self.transformer))
        is_first = self.is_first()
        clear(self.bench.device)
        check("undo: next picture after the failure", equal_to_whole=is_first, left_on_card_mib=self.left_on_card_mib())

    def hooks_off(self) -> None:
        device = self.bench.device
        fails(self.bench)
        take_off(self.transformer)
        clear(device)
        modules = [*self.transformer.modules()]
        check(
            "undo: hooks off after a failure", tensors=where(self.transformer), were_on=str(device),
            left_on_card_mib=self.left_on_card_mib(),
            bit_equal=all(
                torch.equal(self.kept[name], tensor.detach().to(device)) for name, tensor in self.tensors().items()
            ),
            same_parameter_objects=self.ids == {name: id(tensor) for name, tensor in self.tensors().items()},
            modules_with_own_forward=sum("forward" in module.__dict__ for module in modules),
            modules_with_registry=sum("_diffusers_hook" in module.__dict__ for module in modules),
            host=host_gib(),
        )  # fmt: skip

    def larger_groups(self) -> None:
        offload(self.bench, self.transformer, num_blocks_per_group=4)
        groups = {
            id(hook.group): len(hook.group.modules)
            for module in self.transformer.modules()
            if (registry := module.__dict__.get("_diffusers_hook")) and (hook := registry.get_hook("group_offloading"))
        }
        check("groups of 4 with a stream", groups=len(groups), modules_each=dict(Counter(groups.values())))

    def back(self) -> None:
        take_off(self.transformer)
        strip(self.transformer)
        with torch.no_grad():
            for name, tensor in self.tensors().items():
                tensor.data = self.kept[name]
        self.kept.clear()
        self.bench.move_by(self.bench.own)
        clear(self.bench.device)
        is_first = self.is_first()
        clear(self.bench.device)
        more_mib = round(allocated_mib(self.bench.device) - self.begun_mib, 1)
        check("undo: back on the card", equal_to_whole=is_first, more_than_before_mib=more_mib, host=host_gib())


def undo_check(bench: Bench) -> None:
    """On the model as it was loaded, whole on the card: hooks on, a picture, a failure, hooks off."""
    transformer = bench.parts.transformer
    bench.move_by(Away())
    first, _ = latents(bench)
    begun_mib = allocated_mib(bench.device)
    tensors = transformer.state_dict(keep_vars=True)
    with torch.no_grad():
        kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    own_mib = sum(tensor.nbytes for tensor in kept.values()) / MIB
    undo = Undo(
        bench=bench, first=first, begun_mib=begun_mib, kept=kept,
        ids={name: id(tensor) for name, tensor in tensors.items()}, bare_mib=allocated_mib(bench.device) - own_mib,
    )  # fmt: skip
    del tensors
    undo.put_on()
    undo.picture()
    for name, step in {
        "undo: failure in a block": undo.failure,
        "undo: hooks off after a failure": undo.hooks_off,
        "groups of 4 with a stream": undo.larger_groups,
        "undo: back on the card": undo.back,
    }.items():
        with tried(name):
            step()
