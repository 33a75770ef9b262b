"""What a runtime supplies of EnCodec."""

from __future__ import annotations

from typing import Any, Protocol

from musicgen_core.checkpoint.config import Side
from musicgen_core.model.protocols import Floats


class Networks(Protocol):
    """EnCodec's networks on some runtime. They pad by reflection, as the reference does.

    Windows have a few sizes only, so that networks may be compiled for each.
    """

    def downsample(self, sound: Floats) -> Floats:
        """Samples [F, hop] -> frames [F, C]: the encoder up to its LSTM."""
        ...

    def upsample(self, frames: Floats) -> Floats:
        """Frames [F, C] -> samples [F, hop]: the decoder behind its LSTM."""
        ...

    def convolve(self, side: Side, frames: Floats) -> Floats:
        """Padded frames [F + kernel - 1, C] -> [F, C']: the convolution at the frame rate."""
        ...

    def recur(self, side: Side, frames: Floats, memory: Any) -> tuple[Floats, Any]:
        """Frames [F, C] and the LSTM's memory (None: none yet) -> the same."""
        ...
