"""MusicGen's networks, written for MindSpore's graph mode: static shapes, caches kept in place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicgen_core.checkpoint.loading import Checkpoint
    from musicgen_core.model.protocols import Engine


# Level 3 keeps errors and drops warnings; MindSpore reads it once, when it is imported.
os.environ.setdefault("GLOG_v", "3")


def create(checkpoint: Checkpoint, precision: str = "fp32") -> Engine:
    """Build the engine from a checkpoint's tensors; nothing is compiled before it is used.

    Raises:
        ModelUnavailable: a tensor is missing, or the device does not compute in `precision`.
    """
    from musicgen_core.engines.mindspore.codec import codec
    from musicgen_core.engines.mindspore.device import prepare
    from musicgen_core.engines.mindspore.language_model import MindSporeLanguageModel
    from musicgen_core.engines.mindspore.text_encoder import MindSporeTextEncoder
    from musicgen_core.model.decoding import NativeEngine

    dtype = prepare(precision)
    config, tensors = checkpoint.config, checkpoint.tensors
    return NativeEngine(
        "mindspore",
        precision,
        MindSporeTextEncoder(config.text, tensors, dtype),
        MindSporeLanguageModel(config.decoder, tensors, config.text.hidden, dtype),
        codec(config.codec, tensors),
        config.decoder.channels,
    )
