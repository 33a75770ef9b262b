"""MusicGen on a CPU: the decoder's step is one function that Numba compiles.

T5 and EnCodec run on OpenVINO, as with the engine of that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicgen_core.checkpoint.loading import Checkpoint
    from musicgen_core.model.protocols import Engine


def create(checkpoint: Checkpoint, precision: str = "int8") -> Engine:
    """Build the engine from a checkpoint's tensors.

    Raises:
        ModelUnavailable: a tensor is missing, or there is no such precision or activation.
    """
    from musicgen_core.engines.numba.language_model import load_language_model
    from musicgen_core.engines.numba.picking import candidates
    from musicgen_core.engines.openvino import text_and_sound
    from musicgen_core.model.decoding import NativeEngine

    model = load_language_model(checkpoint, precision)
    text_encoder, codec = text_and_sound(checkpoint, precision)
    return NativeEngine(
        "numba",
        precision,
        text_encoder,
        model,
        codec,
        checkpoint.config.decoder.channels,
        model.cache_bytes_per_frame,
        candidates,
    )
