"""The VAE decoder's residual blocks for pictures in channels-last layout, in a form that a compiler fuses.

Knows the arithmetic between the convolutions, which stay cuDNN's: norms, activations, and the convolutions' biases,
which torch adds in this layout by a slow pass of their own. Must not know who compiles, or when. Measured on an H100,
1024x1024: a decode took 90 ms in the usual layout, 43 ms with the norms alone in this form, 33 ms with all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from diffusers.models.resnet import ResnetBlock2D


class GroupNormAndSiLU(torch.nn.Module):
    """Stands in for a `GroupNorm` and the `SiLU` after it, to the same numbers but for rounding.

    Sums are taken by channel first, which is how this layout lies in memory: 1.8 ms a decode for 6.8 ms of a variance
    over each group at once (H100, 1024x1024).
    """

    def __init__(self, norm: torch.nn.GroupNorm, *, after: torch.nn.Conv2d | None = None) -> None:
        """Use the norm's weights.

        Args:
            norm: to stand in for.
            after: a convolution whose bias is still to be added to what comes.
        """
        super().__init__()
        self.norm = norm
        self.after = after

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Normalise over groups of channels, in fp32, and activate.

        Args:
            states: (B, C, H, W), channels last in memory.

        Returns:
            The same shape and layout.
        """
        norm = self.norm
        batch, channels, height, width = states.shape
        rows = states.permute(0, 2, 3, 1).reshape(batch, height * width, channels).float()
        if self.after is not None:
            rows = rows + _bias(self.after)
        groups = (batch, norm.num_groups, channels // norm.num_groups)
        count = height * width * groups[-1]
        mean = rows.sum(1).view(groups).sum(-1, keepdim=True) / count
        variance = ((rows * rows).sum(1).view(groups).sum(-1, keepdim=True) / count - mean * mean).clamp(min=0)
        scale = torch.rsqrt(variance + norm.eps) * norm.weight.float().view(groups[1:])
        shift = norm.bias.float().view(groups[1:]) - mean * scale
        scaled = rows * scale.view(batch, 1, channels) + shift.view(batch, 1, channels)
        made = torch.nn.functional.silu(scaled).to(states.dtype)
        return made.view(batch, height, width, channels).permute(0, 3, 1, 2)


class Sum(torch.nn.Module):
    """Adds the two branches of a block, and the biases that their convolutions have left out."""

    def __init__(self, made_by: torch.nn.Conv2d, kept_by: torch.nn.Conv2d | None) -> None:
        """Use the convolutions' biases."""
        super().__init__()
        self.made_by = made_by
        self.kept_by = kept_by

    def forward(self, kept: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
        """Both (B, C, H, W); so is the sum."""
        bias = _bias(self.made_by)
        if self.kept_by is not None:
            bias = bias + _bias(self.kept_by)
        return (kept.float() + made.float() + bias.view(1, -1, 1, 1)).to(made.dtype)


class ResidualBlock:
    """Stands in for a `ResnetBlock2D` as a VAE has it: no time embedding, no change of size."""

    def __init__(self, block: ResnetBlock2D) -> None:
        """Use the block's weights."""
        self._block: Any = block
        self._first = GroupNormAndSiLU(block.norm1)
        self._second = GroupNormAndSiLU(block.norm2, after=block.conv1)
        self._sum = Sum(block.conv2, block.conv_shortcut)

    def fused(self) -> Iterator[torch.nn.Module]:
        """What a compiler is to fuse: all but the convolutions."""
        yield from (self._first, self._second, self._sum)

    def __call__(self, states: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
        """(B, C, H, W) to (B, C', H, W); a time embedding, which a VAE has not, is passed over."""
        block = self._block
        made = _without_bias(block.conv1, self._first(states))
        made = _without_bias(block.conv2, self._second(made))
        kept = states if block.conv_shortcut is None else _without_bias(block.conv_shortcut, states)
        summed: torch.Tensor = self._sum(kept, made)
        return summed


def _bias(convolution: torch.nn.Conv2d) -> torch.Tensor:
    assert convolution.bias is not None
    return convolution.bias.float()


def _without_bias(convolution: torch.nn.Conv2d, states: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.conv2d(states, convolution.weight, None, convolution.stride, convolution.padding)
