"""A checkpoint -> MindNLP's MusicgenForConditionalGeneration, its weights loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from musicgen_core.checkpoint.config import CodecConfig, DecoderConfig, ModelConfig, TextConfig
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.engines.stock.mends import Library, rebind_lstms
from musicgen_core.errors import ModelUnavailable
from musicgen_core.model.protocols import Floats


def load_model(library: Library, checkpoint: Checkpoint) -> Any:
    """Return the model in fp32, every tensor of it from the checkpoint.

    Raises:
        ModelUnavailable: the checkpoint lacks tensors that its config implies.
    """
    model_class = library.transformers.MusicgenForConditionalGeneration
    config = library.transformers.MusicgenConfig(**musicgen_config(checkpoint.config))
    tensors = as_stored(checkpoint.tensors)
    # `from_pretrained` because it makes no random weights first: those take 13 s for small.
    model, report = model_class.from_pretrained(
        None,
        config=config,
        state_dict={name: library.torch.from_numpy(value) for name, value in tensors.items()},
        output_loading_info=True,
    )
    if missing := sorted(report["missing_keys"]):
        raise ModelUnavailable(
            f"{checkpoint.folder} lacks {len(missing)} tensors, {missing[0]} among them; "
            "download the checkpoint again."
        )
    rebind_lstms(library, model)
    return model.eval()


def musicgen_config(config: ModelConfig) -> dict[str, Any]:
    """Return the arguments of transformers' MusicgenConfig."""
    return {
        "text_encoder": _text(config.text),
        "decoder": _decoder(config.decoder),
        "audio_encoder": _codec(config.codec),
    }


def _text(config: TextConfig) -> dict[str, Any]:
    return {
        "model_type": "t5",
        "vocab_size": config.vocab_size,
        "d_model": config.hidden,
        "d_kv": config.head_dim,
        "d_ff": config.ffn,
        "num_layers": config.layers,
        "num_heads": config.heads,
        "relative_attention_num_buckets": config.relative_buckets,
        "relative_attention_max_distance": config.relative_max_distance,
        "layer_norm_epsilon": config.epsilon,
        "feed_forward_proj": _feed_forward(config),
    }


def _feed_forward(config: TextConfig) -> str:
    """T5's config has one word for both; it reads gated-gelu as the activation gelu_new."""
    if not config.gated:
        return config.activation
    return f"gated-{config.activation.removesuffix('_new')}"


def _decoder(config: DecoderConfig) -> dict[str, Any]:
    return {
        "model_type": "musicgen_decoder",
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "ffn_dim": config.ffn,
        "num_codebooks": config.codebooks,
        "audio_channels": config.channels,
        "max_position_embeddings": config.max_positions,
        "activation_function": config.activation,
        "scale_embedding": config.scale_embedding,
        "pad_token_id": config.start_token,
        "bos_token_id": config.start_token,
    }


def _codec(config: CodecConfig) -> dict[str, Any]:
    # Bandwidth is how EnCodec's config counts codebooks; the half keeps its floor from slipping.
    bits = int(np.ceil(np.log2(config.codebook_size)))
    frame_rate = int(np.ceil(config.sample_rate / config.hop))
    return {
        "model_type": "encodec",
        "sampling_rate": config.sample_rate,
        "hidden_size": config.hidden,
        "num_filters": config.filters,
        "upsampling_ratios": list(config.ratios),
        "kernel_size": config.kernel,
        "last_kernel_size": config.last_kernel,
        "residual_kernel_size": config.residual_kernel,
        "num_residual_layers": config.residual_layers,
        "dilation_growth_rate": config.dilation_growth,
        "compress": config.compress,
        "num_lstm_layers": config.lstm_layers,
        "use_conv_shortcut": config.conv_shortcut,
        "codebook_size": config.codebook_size,
        "codebook_dim": config.codebook_dim,
        "target_bandwidths": [(config.codebooks + 0.5) * bits * frame_rate / 1000],
        "norm_type": "weight_norm",
        "use_causal_conv": False,
        "pad_mode": "reflect",
        "normalize": False,
        "audio_channels": 1,
        "chunk_length_s": None,
    }


def as_stored(tensors: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the tensors as MusicGen's files have them, weight norm and all."""
    stored: dict[str, Floats] = {}
    for name, value in tensors.items():
        if name.startswith("audio_encoder.") and name.endswith("conv.weight"):
            stored |= _with_weight_norm(name, value)
        else:
            stored[name] = value
        if name.endswith("codebook.embed"):
            # What training kept about a codebook; it is never read, but loading warns without it.
            book = name.removesuffix("embed")
            for kept, size in (("inited", 1), ("cluster_size", len(value))):
                stored.setdefault(book + kept, np.ones(size, np.float32))
            stored.setdefault(f"{book}embed_avg", value)
    return stored


def _with_weight_norm(name: str, weight: Floats) -> dict[str, Floats]:
    """Split a convolution's weight into a length and a direction for each row."""
    parametrized = f"{name.removesuffix('weight')}parametrizations.weight"
    length = np.sqrt(np.square(weight).sum(axis=(1, 2), keepdims=True))
    # A row of zeros has no direction; any will do at length 0, but its own gives NaN.
    direction = np.where(length == 0, np.float32(1), weight)
    return {f"{parametrized}.original0": length, f"{parametrized}.original1": direction}
