"""Opening the renderer: device, precision and model put together, once, in the child process.

Knows what must stand before a model is loaded, and how its parts are joined to stages.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

from worker.errors import DeviceUnavailable
from worker.identity import RendererInfo
from worker.studio.card import precision
from worker.studio.card.device import Gauge, choose_device, describe, room_mib
from worker.studio.card.environment import COMPILER_CACHE
from worker.studio.card.host_room import host_room
from worker.studio.card.placement import HOST, PlacedModule
from worker.studio.model_files.parts import ModelSource
from worker.studio.model_files.sizes import weights_in
from worker.studio.plan.host_memory import HostNeed, HostRoom, host_need
from worker.studio.plan.memory import CPU_PLAN, MPX, MemoryPlan, Work, make_plan
from worker.studio.render.load_request import Load
from worker.studio.render.renderer import StudioRenderer
from worker.studio.render.stages import Stages
from worker.studio.stages.compiling import Compilation, CompileOption
from worker.studio.stages.decode import Decoder
from worker.studio.stages.denoise import Denoiser
from worker.studio.stages.encode import Encoder
from worker.studio.stages.loading import Parts, load_parts

DEMO_THREADS = 2
"""Of torch, for the embedded model on the CPU. Its matrices are so small that more threads wait rather than compute: on
a shared machine of 4 cores a picture took 0.5 to 9 s with 4 threads and 0.7 s with 2, to the same bits (measured)."""


def open_studio(load: Load) -> tuple[StudioRenderer, RendererInfo]:
    """Lock the precision, choose the device, load the model.

    Args:
        load: what to load.

    Raises:
        ModelInvalid: the model cannot be loaded.
        DeviceUnavailable: the device is absent, too old or too small.
    """
    precision.lock_precision()
    device = choose_device(load.device, is_demo=load.is_demo)
    source = ModelSource(folder=load.folder, transformer_file=load.transformer_file, shift=load.shift)
    room: Callable[[], float] | None = None
    room_at_first: float | None = None
    home = device
    if device.type == "cuda":
        torch.cuda.set_device(device)
        if load.memory_fraction is not None:
            torch.cuda.set_per_process_memory_fraction(load.memory_fraction, device)
        room = partial(room_mib, device, fraction=load.memory_fraction)
        room_at_first = room()
        weights = weights_in(source)
        usual = make_plan(room_at_first, weights, Work(pixels=MPX, is_guided=True))
        require_host(host_need(usual, weights), host_room())
        home = device if usual.is_whole else HOST
    elif load.is_demo:
        torch.set_num_threads(min(DEMO_THREADS, torch.get_num_threads()))
    parts = load_parts(source, device=device, transformer_home=home)
    precision.require_bf16({"text_encoder": parts.text_encoder, "transformer": parts.transformer, "vae": parts.vae})
    precision.require_lock()
    option: CompileOption = "never" if device.type == "cpu" and load.compile == "auto" else load.compile
    compiled = Path(os.environ.get(COMPILER_CACHE, os.devnull))
    is_warm = compiled.is_dir() and any(compiled.iterdir())
    stages = build_stages(parts, device=device, compile_option=option, is_warm=is_warm)
    return build_renderer(parts, stages, room=room), describe(device, room_mib=room_at_first)


def require_host(need: HostNeed, room: HostRoom) -> None:
    """Before anything is loaded: the host could hold what the card cannot, were the worker alone on it.

    Where others have its memory just now, they may give it back: `doctor` tells it, and `card.placement` takes what
    there is.

    Args:
        need: of the usual plan.
        room: of the host now.

    Raises:
        DeviceUnavailable: it could not, its swap included.
    """
    if need.can_never_fit(room):
        raise DeviceUnavailable(need.refusal(room))


def build_renderer(parts: Parts, stages: Stages, *, room: Callable[[], float] | None) -> StudioRenderer:
    """The renderer of a loaded model.

    Args:
        parts: each whole on the device or whole on the host, the VAE on the device.
        stages: of these parts.
        room: memory of the card that this process may use, in MiB, asked before each batch; None on the CPU, where one
            picture is made at a time.
    """
    weights = parts.weights()

    def plan(work: Work) -> MemoryPlan:
        return CPU_PLAN if room is None else make_plan(room(), weights, work)

    return StudioRenderer(stages=stages, plan=plan, room=room)


def build_stages(
    parts: Parts,
    *,
    device: torch.device,
    compile_option: CompileOption = "never",
    is_warm: bool = False,
    host_room: Callable[[], HostRoom] = host_room,
) -> Stages:
    """The stages of a loaded model; from here on they alone move its parts.

    Args:
        parts: as `build_renderer` has them.
        device: to render on.
        compile_option: whether transformer and VAE are compiled.
        is_warm: compiled code of an earlier run lies on the disk.
        host_room: the host's memory as it is when asked.
    """
    transformer = PlacedModule(
        parts.transformer, parts.transformer_blocks, device=device, host_room=host_room, on_disk=parts.stored
    )
    encoder = PlacedModule(parts.text_encoder, parts.text_encoder_blocks, device=device, host_room=host_room)
    compilation = Compilation(parts.transformer_blocks, parts.vae, option=compile_option, is_warm=is_warm)
    vae_mib = parts.weights().vae_mib

    def refill(on_weight: Callable[[], object]) -> None:
        for part, name, values in parts.read_again():
            on_weight()
            if part == "transformer":
                transformer.refill(name, values)
            else:
                parts.vae.state_dict()[name].copy_(values)

    return Stages(
        encode=Encoder(parts, encoder, device=device),
        denoise=Denoiser(parts, transformer, device=device, compilation=compilation),
        decode=Decoder(parts, compilation=compilation),
        gauge=Gauge(device, parts_mib=lambda: transformer.card_mib() + encoder.card_mib() + vae_mib),
        refill=refill,
        device=device,
        overlaps=device.type == "cuda",
        compiles=compilation.decide,
    )
