"""What each rung changes in the setup: one function a rung, from the setup before to the setup with it.

Knows where parts may live and how they may compute. A function changes what it names and leaves the rest; taken twice
it is taken once.
"""

from __future__ import annotations

from dataclasses import replace

from worker.studio.plan.memory import TILES_PX, WHOLE
from worker.studio.plan.setup import ATTENTION, ON_HOST, Placement, Setup


def unchanged(setup: Setup) -> Setup:
    """Nothing: what the rung does stands in other fields of its row."""
    return setup


def free_encoder(setup: Setup) -> Setup:
    """The text encoder is off the card while denoising and decoding, and streamed while encoding."""
    is_streamed = setup.encoder.resident < WHOLE or not setup.encoder.on_card
    return replace(
        setup, encoder=setup.encoder if is_streamed else Placement(on_card=True, resident=0), encoder_stays=False
    )


def encode_on_host(setup: Setup) -> Setup:
    """The text encoder computes on the CPU."""
    return replace(free_encoder(setup), encoder=ON_HOST)


def stream_blocks(setup: Setup) -> Setup:
    """No block of transformer or text encoder stays on the card; each is copied while the one before computes.

    Blocks that come in their turn already go on to do so: what needs more memory again, or copies again beside the
    computing, would undo a rung that was taken for a reason.
    """
    return _streamed(free_encoder(setup), ahead=setup.transformer.ahead)


def stream_in_turn(setup: Setup) -> Setup:
    """No block stays on the card; each is copied when it is due."""
    return _streamed(free_encoder(setup), ahead=False)


def decode_alone(setup: Setup) -> Setup:
    """Transformer and text encoder are off the card while decoding."""
    return replace(free_encoder(setup), decode_alone=True)


def tiled_decode(setup: Setup) -> Setup:
    """The VAE decodes in tiles, the smallest where the plan has none."""
    return replace(decode_alone(setup), tile_px=setup.tile_px or TILES_PX[-1])


def decode_fp32(setup: Setup) -> Setup:
    """The VAE computes in fp32."""
    return replace(setup, decode_fp32=True)


def eager(setup: Setup) -> Setup:
    """Compiled code is not used."""
    return replace(setup, compiled=False)


def attention_efficient(setup: Setup) -> Setup:
    """Attention by torch's memory-efficient kernel."""
    return replace(eager(setup), attention="_native_efficient")


def attention_math(setup: Setup) -> Setup:
    """Attention by plain matrix products."""
    return replace(eager(setup), attention="_native_math")


def usual_attention(setup: Setup) -> Setup:
    """Attention as in an undisturbed try, whatever an earlier rung chose; not compiled."""
    return replace(eager(setup), attention=ATTENTION)


def streams_off(setup: Setup) -> Setup:
    """No copying beside the computing: each block is copied when it is due."""
    return _streamed(usual_attention(setup), ahead=False)


def denoise_fp32(setup: Setup) -> Setup:
    """Transformer and VAE compute in fp32; the transformer's blocks are widened as they are streamed."""
    setup = stream_blocks(decode_fp32(usual_attention(setup)))
    return replace(setup, transformer=replace(setup.transformer, fp32=True))


def _streamed(setup: Setup, *, ahead: bool) -> Setup:
    """Every block of transformer and text encoder is streamed; a text encoder on the host stays there."""
    encoder = Placement(on_card=True, resident=0, ahead=ahead) if setup.encoder.on_card else setup.encoder
    transformer = replace(setup.transformer, resident=0, ahead=ahead)
    return replace(eager(setup), encoder=encoder, transformer=transformer)
