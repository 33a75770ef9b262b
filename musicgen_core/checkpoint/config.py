"""A checkpoint's shape as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["encoder", "decoder"]
"""One half of EnCodec."""


@dataclass(frozen=True, slots=True)
class TextConfig:
    """T5's encoder."""

    vocab_size: int
    hidden: int
    heads: int
    head_dim: int
    ffn: int
    layers: int
    relative_buckets: int
    relative_max_distance: int
    epsilon: float
    activation: str
    """relu or gelu_new."""
    gated: bool


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """The language model over codebooks."""

    vocab_size: int
    hidden: int
    layers: int
    heads: int
    ffn: int
    codebooks: int
    """K: 4 in a mono checkpoint, 8 in a stereo one."""
    channels: int
    start_token: int
    max_positions: int
    activation: str
    scale_embedding: bool


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """EnCodec."""

    sample_rate: int
    hidden: int
    filters: int
    ratios: tuple[int, ...]
    """The decoder's upsampling factors, first to last; the encoder uses them reversed."""
    kernel: int
    last_kernel: int
    residual_kernel: int
    residual_layers: int
    dilation_growth: int
    compress: int
    lstm_layers: int
    conv_shortcut: bool
    codebook_size: int
    codebook_dim: int
    codebooks: int
    """Residual quantizers used at the checkpoint's bandwidth."""

    @property
    def hop(self) -> int:
        """Samples per frame."""
        product = 1
        for ratio in self.ratios:
            product *= ratio
        return product

    @property
    def width(self) -> int:
        """Channels at the frame rate, which the LSTMs have."""
        return self.filters << len(self.ratios)

    def lstm_layer(self, side: Side) -> int:
        """The LSTM's number among the layers of transformers' EncodecEncoder or -Decoder."""
        return 1 if side == "decoder" else 1 + len(self.ratios) * (self.residual_layers + 2)

    def frame_layer(self, side: Side) -> int:
        """The number of the convolution at the frame rate."""
        return 0 if side == "decoder" else self.lstm_layer(side) + 2


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The whole of MusicGen."""

    text: TextConfig
    decoder: DecoderConfig
    codec: CodecConfig
