"""Z-Image's attention with the rotary embedding in real arithmetic, which a compiler can fuse; complex it cannot.

Knows the shapes inside one attention call.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.attention_dispatch import dispatch_attention_fn


class RealRotaryAttention:
    """Stands in for the class's own processor, to the same numbers but for rounding (source: diffusers, Z-Image)."""

    _attention_backend = None
    _parallel_config = None

    def __call__(
        self,
        attn: Any,  # noqa: ANN401 - diffusers' module, untyped
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,  # noqa: ARG002 - diffusers' form
        attention_mask: torch.Tensor | None = None,
        freqs_cis: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Attend.

        Args:
            attn: the module whose projections and norms are used.
            hidden_states: (B, S, dim).
            encoder_hidden_states: not used; there is one stream.
            attention_mask: (B, S) bool, True where there is a token; None where all are.
            freqs_cis: (B, S, head_dim / 2) complex.

        Returns:
            (B, S, dim).
        """
        shape = (*hidden_states.shape[:-1], attn.heads, -1)
        query, key, value = (project(hidden_states).view(shape) for project in (attn.to_q, attn.to_k, attn.to_v))
        query, key = attn.norm_q(query), attn.norm_k(key)
        if freqs_cis is not None:
            turn = torch.view_as_real(freqs_cis).unsqueeze(2)
            query, key = turned(query, turn), turned(key, turn)
        if attention_mask is not None and attention_mask.ndim == 2:
            attention_mask = attention_mask[:, None, None, :]
        attended = dispatch_attention_fn(
            query,
            key,
            value,
            attn_mask=attention_mask,
            backend=self._attention_backend,
            parallel_config=self._parallel_config,
        )
        made: torch.Tensor = attn.to_out[0](attended.flatten(2, 3).to(query.dtype))
        return made


def turned(states: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Rotate neighbouring pairs of features, in fp32.

    Each feature times the cosine, plus its neighbour times the sine: in this form the compiler needs one pass over a
    head (80 us a block; 109 us where pairs are taken apart and put together again; H100, 1024x1024).

    Args:
        states: (B, S, heads, head_dim).
        turn: (B, S, 1, head_dim / 2, 2) cosines and sines.
    """
    cosine, sine = turn.unbind(-1)
    straight = states.float()
    across = straight.view(*straight.shape[:-1], -1, 2).flip(-1).flatten(-2)
    signed = torch.stack((-sine, sine), -1).flatten(-2)
    turned_states: torch.Tensor = straight * cosine.repeat_interleave(2, -1) + across * signed
    return turned_states.type_as(states)
