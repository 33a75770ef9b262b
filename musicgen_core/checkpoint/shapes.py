"""Every tensor's name and shape, as a config implies them and a Checkpoint holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from musicgen_core.checkpoint.config import CodecConfig, DecoderConfig, ModelConfig, TextConfig

Named: TypeAlias = Iterator[tuple[str, tuple[int, ...]]]


def tensor_shapes(config: ModelConfig) -> Named:
    """Yield (name, shape) of the text encoder, the projection, the decoder and the codec."""
    yield from _under("text_encoder", _text(config.text))
    if config.text.hidden != config.decoder.hidden:
        yield "enc_to_dec_proj.weight", (config.decoder.hidden, config.text.hidden)
        yield "enc_to_dec_proj.bias", (config.decoder.hidden,)
    yield from _under("decoder", _decoder(config.decoder))
    yield from _under("audio_encoder", _codec(config.codec))


def _under(prefix: str, named: Named) -> Named:
    for name, shape in named:
        yield f"{prefix}.{name}", shape


def _text(config: TextConfig) -> Named:
    inner = config.heads * config.head_dim
    yield "shared.weight", (config.vocab_size, config.hidden)
    for i in range(config.layers):
        attention, ffn = f"encoder.block.{i}.layer.0", f"encoder.block.{i}.layer.1"
        for part in "qkv":
            yield f"{attention}.SelfAttention.{part}.weight", (inner, config.hidden)
        yield f"{attention}.SelfAttention.o.weight", (config.hidden, inner)
        if i == 0:
            bias = f"{attention}.SelfAttention.relative_attention_bias.weight"
            yield bias, (config.relative_buckets, config.heads)
        yield f"{attention}.layer_norm.weight", (config.hidden,)
        for part in ("wi_0", "wi_1") if config.gated else ("wi",):
            yield f"{ffn}.DenseReluDense.{part}.weight", (config.ffn, config.hidden)
        yield f"{ffn}.DenseReluDense.wo.weight", (config.hidden, config.ffn)
        yield f"{ffn}.layer_norm.weight", (config.hidden,)
    yield "encoder.final_layer_norm.weight", (config.hidden,)


def _decoder(config: DecoderConfig) -> Named:
    square, line = (config.hidden, config.hidden), (config.hidden,)
    for book in range(config.codebooks):
        yield f"model.decoder.embed_tokens.{book}.weight", (config.vocab_size + 1, config.hidden)
        yield f"lm_heads.{book}.weight", (config.vocab_size, config.hidden)
    norms = ["model.decoder.layer_norm"]
    for i in range(config.layers):
        layer = f"model.decoder.layers.{i}"
        for attention in ("self_attn", "encoder_attn"):
            for part in ("q", "k", "v", "out"):
                yield f"{layer}.{attention}.{part}_proj.weight", square
            norms.append(f"{layer}.{attention}_layer_norm")
        yield f"{layer}.fc1.weight", (config.ffn, config.hidden)
        yield f"{layer}.fc2.weight", (config.hidden, config.ffn)
        norms.append(f"{layer}.final_layer_norm")
    for norm in norms:
        yield f"{norm}.weight", line
        yield f"{norm}.bias", line


def _codec(config: CodecConfig) -> Named:
    yield from _under("encoder", _numbered(_encoder_layers(config)))
    yield from _under("decoder", _numbered(_decoder_layers(config)))
    for i in range(config.codebooks):
        book = f"quantizer.layers.{i}.codebook.embed"
        yield book, (config.codebook_size, config.codebook_dim)


def _numbered(layers: Iterator[Named]) -> Named:
    for i, layer in enumerate(layers):
        yield from _under(f"layers.{i}", layer)


def _encoder_layers(config: CodecConfig) -> Iterator[Named]:
    """Yield SEANet's layers in order, those without weights too, since they are counted."""
    width = config.filters
    yield _conv(1, width, config.kernel)
    for ratio in reversed(config.ratios):
        for _ in range(config.residual_layers):
            yield _residual(config, width)
        yield iter(())  # ELU
        yield _conv(width, 2 * width, 2 * ratio)
        width *= 2
    yield _lstm(config, width)
    yield iter(())
    yield _conv(width, config.hidden, config.last_kernel)


def _decoder_layers(config: CodecConfig) -> Iterator[Named]:
    width = config.filters * 2 ** len(config.ratios)
    yield _conv(config.hidden, width, config.kernel)
    yield _lstm(config, width)
    for ratio in config.ratios:
        yield iter(())
        yield _conv(width, width // 2, 2 * ratio, transposed=True)
        width //= 2
        for _ in range(config.residual_layers):
            yield _residual(config, width)
    yield iter(())
    yield _conv(width, 1, config.last_kernel)


def _conv(inputs: int, outputs: int, kernel: int, *, transposed: bool = False) -> Named:
    channels = (inputs, outputs) if transposed else (outputs, inputs)
    yield "conv.weight", (*channels, kernel)
    yield "conv.bias", (outputs,)


def _residual(config: CodecConfig, width: int) -> Named:
    inner = width // config.compress
    yield from _under("block.1", _conv(width, inner, config.residual_kernel))
    yield from _under("block.3", _conv(inner, width, 1))
    if config.conv_shortcut:
        yield from _under("shortcut", _conv(width, width, 1))


def _lstm(config: CodecConfig, width: int) -> Named:
    for i in range(config.lstm_layers):
        for part in ("ih", "hh"):
            yield f"lstm.weight_{part}_l{i}", (4 * width, width)
            yield f"lstm.bias_{part}_l{i}", (4 * width,)
