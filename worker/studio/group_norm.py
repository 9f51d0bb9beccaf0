"""Group normalisation with SiLU for pictures in channels-last layout, in a form that a compiler fuses.

Knows the arithmetic. Must not know who compiles, or when.
"""

from __future__ import annotations

import torch


class GroupNormAndSiLU(torch.nn.Module):
    """Stands in for a `GroupNorm` and the `SiLU` after it, to the same numbers but for rounding.

    torch's own kernel for this layout is slow: a decode took 142 ms with it, 90 ms in the usual layout, 41 ms with this
    one compiled (H100, 1024x1024).
    """

    def __init__(self, norm: torch.nn.GroupNorm) -> None:
        """Use the norm's weights."""
        super().__init__()
        self.norm = norm

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Normalise over groups of channels, in fp32, and activate.

        Args:
            states: (B, C, H, W), channels last in memory.

        Returns:
            The same shape and layout.
        """
        norm = self.norm
        batch, channels, height, width = states.shape
        rows = states.permute(0, 2, 3, 1)
        grouped = rows.reshape(batch, height * width, norm.num_groups, channels // norm.num_groups).float()
        variance, mean = torch.var_mean(grouped, dim=(1, 3), keepdim=True, correction=0)
        whitened = ((grouped - mean) * torch.rsqrt(variance + norm.eps)).reshape(batch, height, width, channels)
        scaled = whitened * norm.weight.float() + norm.bias.float()
        return torch.nn.functional.silu(scaled).to(states.dtype).permute(0, 3, 1, 2)
