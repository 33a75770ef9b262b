"""Tiny MusicGen checkpoints with random weights, for the golden files."""

from __future__ import annotations

import json
import math
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    EncodecConfig,
    EncodecFeatureExtractor,
    GenerationConfig,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForConditionalGeneration,
    T5Config,
)

if TYPE_CHECKING:
    from pathlib import Path

WORDS = """
a an and with the of in for to slow fast lo fi pop rock jazz blues funk track song beat drums drum
bass bassy synth piano guitar harp cello violin flute sax waltz rain dream dreamy live 80 s 90 old
church stone warm soft loud happy sad
"""
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-,.'"


def tokenizer() -> Tokenizer:
    """A Unigram tokenizer in T5's manner: known words, letters, and bytes for all else."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -4.0)]
    pieces += [(f"▁{word}", -3.0 - 0.01 * i) for i, word in enumerate(WORDS.split())]
    pieces += [(letter, -5.0 - 0.01 * i) for i, letter in enumerate(LETTERS)]
    pieces += [(f"<0x{byte:02X}>", -9.0) for byte in range(256)]
    made = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=True))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    made.add_special_tokens(["<pad>", "</s>", "<unk>"])
    return made


def config(channels: int, vocab: int) -> MusicgenConfig:
    """The published checkpoints' shape, made small; sizes that could be confused differ."""
    text = T5Config(
        vocab_size=vocab,
        d_model=24,
        d_kv=8,
        num_heads=2,
        d_ff=40,
        num_layers=2,
        feed_forward_proj="relu",
        is_encoder_decoder=False,
        use_cache=False,
    )
    codec = EncodecConfig(
        sampling_rate=32000,
        audio_channels=1,
        num_filters=2,
        hidden_size=16,
        codebook_dim=16,
        codebook_size=64,
        upsampling_ratios=[8, 5, 4, 4],
        target_bandwidths=[1.2],
        num_lstm_layers=2,
        use_causal_conv=False,
        use_conv_shortcut=False,
        normalize=False,
        pad_mode="reflect",
        norm_type="weight_norm",
        chunk_length_s=None,
        overlap=None,
    )
    decoder = MusicgenDecoderConfig(
        vocab_size=64,
        max_position_embeddings=2048,
        num_hidden_layers=2,
        num_attention_heads=4,
        hidden_size=32,
        ffn_dim=64,
        num_codebooks=4 * channels,
        audio_channels=channels,
        pad_token_id=64,
        bos_token_id=64,
        dropout=0.0,
    )
    return MusicgenConfig.from_sub_models_config(text, codec, decoder)


def melody(samples: int, channels: int, seed: int) -> np.ndarray:
    """Chirping partials with a little noise, float32 [channels, samples] on the 16-bit grid."""
    rng = np.random.default_rng(seed)
    t = np.arange(samples) / 32000
    wave = np.zeros((channels, samples))
    for side in range(channels):
        for partial in range(1, 6):
            pitch = rng.uniform(80, 400) * partial
            swell = 0.5 + 0.5 * np.sin(2 * np.pi * (rng.uniform(2, 12) * t + rng.uniform()))
            chirp = np.sin(2 * np.pi * (pitch * t + rng.uniform(20, 200) * t * t))
            wave[side] += swell * chirp / partial
        wave[side] += 0.1 * rng.standard_normal(samples)
    return (np.round(wave * 0.2 * 32767) / 32768).clip(-1, 1).astype(np.float32)


def _scale_of(name: str, shape: torch.Size) -> float:
    """The standard deviation for one tensor: signals keep a size near 1, choices stay clear."""
    fan_in = math.prod(shape[1:]) if len(shape) > 1 else 1
    if name.startswith("audio_encoder"):
        return 0.2 if "lstm" in name or len(shape) == 1 else 1.6 / math.sqrt(fan_in)
    if name.startswith("decoder") and len(shape) > 1 and "lm_heads" not in name:
        # Strong enough that greedy decoding wanders instead of settling into one token.
        return 2.0 if "embed_tokens" in name else 4.0 / math.sqrt(fan_in)
    if "relative_attention_bias" in name:
        return 1.0
    if "embed_tokens" in name or "shared" in name:
        return 1.0
    if "lm_heads" in name:
        return 0.25
    if "SelfAttention.q" in name:
        return 0.5 / math.sqrt(fan_in)  # T5 does not scale by sqrt(head_dim)
    return 0.05 if len(shape) == 1 else 1.2 / math.sqrt(fan_in)


def _fill(model: Any, rng: torch.Generator) -> None:
    """Give every parameter random values; weight-norm gains and norms lie around 1."""
    for name, tensor in model.named_parameters():
        noise = torch.randn(tensor.shape, generator=rng)
        if name.endswith("original0"):
            continue  # set below, from the direction it belongs to
        if "norm" in name and name.endswith("weight"):
            tensor.copy_(1 + 0.2 * noise)
        else:
            tensor.copy_(noise * _scale_of(name, tensor.shape))
    for module in model.audio_encoder.modules():
        if hasattr(module, "parametrizations"):
            gain, direction = module.parametrizations.weight.parameters()
            norm = direction.flatten(1).norm(dim=1).view(gain.shape)
            gain.copy_(norm * (1 + 0.2 * torch.randn(gain.shape, generator=rng)).abs())
    last = model.audio_encoder.decoder.layers[-1].conv
    for tensor in (last.bias, last.parametrizations.weight.original0):
        tensor.mul_(0.02)  # a waveform within full scale


def _fill_codebooks(codec: Any, rng: torch.Generator) -> None:
    """Codebooks in the place and of the size of what they quantize."""
    latents = codec.encoder(torch.tensor(melody(32000, 1, seed=9))[None])[0].T
    for layer in codec.quantizer.layers:
        book = layer.codebook
        spread = latents.std(0) * torch.randn(book.embed.shape, generator=rng)
        book.embed.copy_(latents.mean(0) + spread)
        book.embed_avg.copy_(book.embed)
        latents = latents - book.embed[torch.cdist(latents, book.embed).argmin(1)]


@torch.no_grad()
def write(folder: Path, channels: int, seed: int) -> None:
    """Write a whole checkpoint folder, as `save_pretrained` does."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = tokenizer()
    rng = torch.Generator().manual_seed(seed)
    model = MusicgenForConditionalGeneration(config(channels, words.get_vocab_size())).eval()
    _fill(model, rng)
    _fill_codebooks(model.audio_encoder, rng)
    model.generation_config = GenerationConfig(
        bos_token_id=64,
        decoder_start_token_id=64,
        pad_token_id=64,
        do_sample=True,
        guidance_scale=3.0,
        max_length=1500,
    )
    model.save_pretrained(folder)
    EncodecFeatureExtractor(
        feature_size=channels,
        sampling_rate=32000,
        padding_side="left",
        processor_class="MusicgenProcessor",
    ).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    words.save(str(folder / "tokenizer.json"))
    special = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    settings = {
        "tokenizer_class": "T5Tokenizer",
        "processor_class": "MusicgenProcessor",
        "model_max_length": 64,
        "extra_ids": 0,
        "additional_special_tokens": [],
        **special,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
