"""MusicGen on a CPU by OpenVINO: the language model, the hot loop, with 8-bit weights.

T5 has weights as the language model has; EnCodec computes in float32.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicgen_core.checkpoint.loading import Checkpoint
    from musicgen_core.engines.openvino.graph_cache import GraphCache
    from musicgen_core.engines.openvino.language_model import OpenVINOLanguageModel
    from musicgen_core.model.protocols import Codec, Engine, TextEncoder

# Where this package is installed, importing openvino tells Google Analytics about it.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def create(
    checkpoint: Checkpoint, precision: str = "int8", attention_cache: str = "auto"
) -> Engine:
    """Build the engine from a checkpoint's tensors, or from its graphs kept on disk.

    Raises:
        ModelUnavailable: a tensor is missing, or there is no such precision.
    """
    from musicgen_core.engines.openvino.graphs import default_cache
    from musicgen_core.model.decoding import NativeEngine

    model = load_language_model(checkpoint, precision, attention_cache, default_cache())
    text_encoder, codec = text_and_sound(checkpoint, precision)
    return NativeEngine(
        "openvino",
        precision,
        text_encoder,
        model,
        codec,
        checkpoint.config.decoder.channels,
        model.cache_bytes_per_frame,
    )


def text_and_sound(checkpoint: Checkpoint, precision: str) -> tuple[TextEncoder, Codec]:
    """Return what stands before and behind the language model.

    Raises:
        ModelUnavailable: a tensor is missing.
    """
    from musicgen_core.engines.openvino.codec import codec
    from musicgen_core.engines.openvino.graphs import GraphStore, default_cache
    from musicgen_core.engines.openvino.text_encoder import OpenVINOTextEncoder

    config, tensors = checkpoint.config, checkpoint.tensors
    store = GraphStore(checkpoint, precision, default_cache())
    return OpenVINOTextEncoder(config.text, tensors, store), codec(config.codec, tensors)


def load_language_model(
    checkpoint: Checkpoint,
    precision: str = "int8",
    attention_cache: str = "auto",
    graph_cache: GraphCache | None = None,
) -> OpenVINOLanguageModel:
    """Compile the language model in `precision` (int8, fp32) with `attention_cache`.

    The cache of self-attention is kept in u8, f16 or f32; auto is f32 for fp32, and for int8 u8, or
    f16 where the model's attention is too sharp for 8 bits. `graph_cache` None keeps no graph.

    Raises:
        ModelUnavailable: a tensor is missing, or there is no such precision or cache.
    """
    from musicgen_core.engines.openvino.decoder_graph import advised_cache, decoder_graph
    from musicgen_core.engines.openvino.graphs import GraphStore
    from musicgen_core.engines.openvino.language_model import OpenVINOLanguageModel
    from musicgen_core.engines.openvino.runtime import compiled
    from musicgen_core.engines.openvino.text_graph import text_graph
    from musicgen_core.engines.openvino.weights import Weights
    from musicgen_core.errors import ModelUnavailable

    if precision not in {"int8", "fp32"}:
        raise ModelUnavailable(f"The engine openvino runs in int8 or fp32, not in {precision}.")
    if attention_cache not in {"auto", "u8", "f16", "f32"}:
        raise ModelUnavailable(
            f"The cache of attention is kept in u8, f16 or f32, not in {attention_cache}."
        )
    config, text_hidden = checkpoint.config.decoder, checkpoint.config.text.hidden
    weights = Weights(checkpoint.tensors, eight_bit=precision == "int8")
    store = GraphStore(checkpoint, precision, graph_cache)
    decoder = store.graph("decoder", lambda: decoder_graph(config, weights))
    text = store.graph("text", lambda: text_graph(config, weights, text_hidden))
    kept = advised_cache(decoder.model) if attention_cache == "auto" else attention_cache
    return OpenVINOLanguageModel(
        config,
        text_hidden,
        compiled(decoder, KV_CACHE_PRECISION=kept),
        compiled(text),
        {"u8": 1, "f16": 2, "f32": 4}[kept],
    )
