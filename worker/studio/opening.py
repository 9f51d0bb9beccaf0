"""Opening the studio: device, precision and model put together, once, in the child process.

Knows which parts make a renderer. Must not know the pipe, the daemon or files of pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from worker.records import RendererInfo, Request
from worker.studio import precision
from worker.studio.device import Gauge, card_mib, choose_device, describe
from worker.studio.loading import Parts, load_parts
from worker.studio.memory import EncoderPlace, encoder_place
from worker.studio.messages import Load
from worker.studio.parts import ModelSource
from worker.studio.renderer import StudioRenderer
from worker.studio.shot import Bench
from worker.studio.stages import Decoder, Denoiser, Encoder

DEMO_THREADS = 2
"""Of torch, for the embedded model on the CPU. Its matrices are so small that more threads wait rather than compute: on
a shared machine of 4 cores a picture took 0.5 to 9 s with 4 threads and 0.7 s with 2, to the same bits (measured)."""


def open_studio(load: Load) -> tuple[StudioRenderer, RendererInfo]:
    """Lock the precision, choose the device, load the model.

    Args:
        load: the wishes.

    Raises:
        ModelInvalid: the model cannot be loaded.
        DeviceUnavailable: the device is absent, too old or too small.
    """
    precision.lock_precision()
    device = choose_device(load.device, is_demo=load.is_demo)
    room_mib = None
    if device.type == "cuda":
        torch.cuda.set_device(device)
        if load.memory_fraction is not None:
            torch.cuda.set_per_process_memory_fraction(load.memory_fraction, device)
        room_mib = card_mib(device, fraction=load.memory_fraction)
    elif load.is_demo:
        torch.set_num_threads(min(DEMO_THREADS, torch.get_num_threads()))
    parts = load_parts(ModelSource(folder=load.folder, transformer_file=load.transformer_file), device=device)
    precision.require_bf16({"text_encoder": parts.text_encoder, "transformer": parts.transformer, "vae": parts.vae})
    precision.require_lock()
    return build_renderer(parts, device=device, room_mib=room_mib), describe(device)


def build_renderer(parts: Parts, *, device: torch.device, room_mib: float | None) -> StudioRenderer:
    """The renderer of a loaded model.

    Args:
        parts: transformer and VAE on the device, the text encoder on the host.
        device: to render on.
        room_mib: memory of the card that this process may use, before anything was loaded; None on the CPU.
    """
    weights = parts.weights()

    def place(requests: Sequence[Request]) -> EncoderPlace:
        if room_mib is None or not requests:
            return "card"
        pixels = max(request.width_px * request.height_px for request in requests)
        is_guided = any(request.guidance > 0 for request in requests)
        return encoder_place(room_mib, weights, pixels=pixels, is_guided=is_guided)

    bench = Bench(
        encode=Encoder(parts, device=device),
        denoise=Denoiser(parts, device=device),
        decode=Decoder(parts),
        gauge=Gauge(device),
    )
    return StudioRenderer(bench=bench, place=place)
