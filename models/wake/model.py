"""The network that hears a wake word: convolutions over time, as in TC-ResNet (Choi et al. 2019,
arXiv:1904.03814), with the depthwise-separable layers of "Hello Edge" (Zhang et al. 2017,
arXiv:1711.07128). About 100,000 weights and a million products a look.

The bands of the spectrogram are the channels of the first layer, so that everything after it is one
convolution along time; the last layer sees every place in the window by itself, because a phrase
has an order and has to end at its end.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Config:
    """`frames` of `bands` are what it sees; `widths` are the channels of its blocks, each of which
    halves the frames."""

    frames: int = 152
    bands: int = 40
    widths: tuple[int, ...] = (48, 64, 96)
    kernel: int = 9
    dropout: float = 0.1


class Block(nn.Module):
    """Two separable convolutions, the first of which halves the frames, around a residual."""

    def __init__(self, c_in: int, c_out: int, kernel: int) -> None:
        super().__init__()
        self.halve = separable(c_in, c_out, kernel, stride=2)
        self.again = separable(c_out, c_out, kernel, stride=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C_in, T) to (B, C_out, T/2)."""
        half = torch.relu(self.halve(x))  # (B, C_out, T/2)
        return torch.relu(half + self.again(half))  # (B, C_out, T/2)


def separable(c_in: int, c_out: int, kernel: int, stride: int) -> nn.Sequential:
    """A convolution of each channel by itself, one across the channels, and normalisation."""
    return nn.Sequential(
        nn.Conv1d(c_in, c_in, kernel, stride, kernel // 2, groups=c_in, bias=False),
        nn.Conv1d(c_in, c_out, 1, bias=False),
        nn.BatchNorm1d(c_out),
    )


class WakeNetwork(nn.Module):
    """Log-mel frames to the probability that the phrase ends with them."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        first, *others = config.widths
        self.stem = nn.Sequential(
            nn.Conv1d(config.bands, first, 5, 2, 2, bias=False), nn.BatchNorm1d(first), nn.ReLU()
        )
        pairs = zip(config.widths, others, strict=False)
        self.blocks = nn.Sequential(*(Block(a, b, config.kernel) for a, b in pairs))
        left = -(-config.frames // 2 ** len(config.widths))
        self.head = nn.Sequential(
            nn.Flatten(), nn.Dropout(config.dropout), nn.Linear(config.widths[-1] * left, 32),
            nn.ReLU(), nn.Linear(32, 1),
        )  # fmt: skip

    def logits(self, frames: Tensor) -> Tensor:
        """(B, T, bands) to (B)."""
        level = frames.mean(1, keepdim=True)  # (B, 1, bands): the room and the microphone
        x = (frames - level).transpose(1, 2)  # (B, bands, T)
        x = self.blocks(self.stem(x))  # (B, C, T/8)
        found: Tensor = self.head(x).squeeze(-1)  # (B)
        return found

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, bands) to (B), in [0, 1]."""
        return torch.sigmoid(self.logits(frames))
