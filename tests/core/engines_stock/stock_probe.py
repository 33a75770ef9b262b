"""What MindNLP makes of MusicGen's trouble spots, as JSON; run once as it comes, once mended.

    python stock_probe.py {plain,mended}

A process of its own, because a mend stays for as long as the process that asked for it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

BOOKS, WIDTH = 4, 8


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def lstm_by_definition(x: np.ndarray, layers: list[tuple[np.ndarray, ...]]) -> np.ndarray:
    """Hochreiter and Schmidhuber 1997: x [T, H] through (w_ih, w_hh, b_ih, b_hh) per layer."""
    for w_ih, w_hh, b_ih, b_hh in layers:
        hidden = cell = np.zeros(w_hh.shape[1])
        out = []
        for step in x:
            enter, forget, new, leave = np.split(w_ih @ step + b_ih + w_hh @ hidden + b_hh, 4)
            cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(new)
            hidden = sigmoid(leave) * np.tanh(cell)
            out.append(hidden)
        x = np.stack(out)
    return x


def delay_pattern(torch: Any, transformers: Any) -> list[list[int]] | str:
    """The delayed columns of an empty stream, or the type of what came instead of whole numbers."""
    config = transformers.MusicgenDecoderConfig(
        vocab_size=16,
        hidden_size=WIDTH,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=8,
        num_codebooks=BOOKS,
        pad_token_id=16,
        bos_token_id=16,
        max_position_embeddings=32,
    )
    model = transformers.MusicgenForCausalLM(config)
    start = torch.tensor([[16]] * BOOKS)
    _, mask = model.build_delay_pattern_mask(start, torch.tensor(16), max_length=9)
    kind = str(mask.numpy().dtype)
    return mask.numpy().tolist() if kind == "int64" else kind


def tiny_codec(transformers: Any) -> Any:
    config = transformers.EncodecConfig(
        sampling_rate=32000,
        audio_channels=1,
        num_filters=2,
        hidden_size=WIDTH,
        codebook_dim=WIDTH,
        codebook_size=16,
        upsampling_ratios=[4, 2],
        target_bandwidths=[64.0],
        norm_type="weight_norm",
        use_causal_conv=False,
        chunk_length_s=None,
    )
    return transformers.EncodecModel(config).eval()


def encoded_frames(torch: Any, codec: Any) -> int | str:
    """How many frames 64 samples make, or the error's first line."""
    wave = torch.tensor(np.linspace(-1, 1, 64, dtype=np.float32)[None, None])
    try:
        return int(codec.encode(wave).audio_codes.shape[-1])
    except TypeError as exc:
        return str(exc).splitlines()[0]


def lstm_error(torch: Any, codec: Any) -> float:
    """How far the loaded codec's LSTM is from the definition, on the weights it shows."""
    (lstm, *_) = [m for m in codec.modules() if isinstance(m, torch.nn.LSTM)]
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    layers = [
        tuple(getattr(lstm, f"{name}_l{i}").detach().numpy() for name in names)
        for i in range(lstm.num_layers)
    ]
    x = np.random.default_rng(0).standard_normal((12, lstm.hidden_size)).astype(np.float32)
    made = lstm(torch.tensor(x[:, None]))[0].detach().numpy()[:, 0]
    return float(np.abs(made - lstm_by_definition(x, layers)).max())


def loaded(torch: Any, transformers: Any, codec: Any) -> Any:
    """The same codec with other weights, the way `from_pretrained` gives them."""
    rng = np.random.default_rng(1)
    state = {
        name: torch.tensor(rng.standard_normal(value.shape).astype(np.float32))
        for name, value in codec.state_dict().items()
    }
    return transformers.EncodecModel.from_pretrained(None, config=codec.config, state_dict=state)


def t5_buckets(torch: Any) -> list[int]:
    """T5's buckets of the distances 0 to 127, to the left."""
    from transformers.models.t5.modeling_t5 import T5Attention

    buckets = T5Attention._relative_position_bucket(torch.tensor(-np.arange(128)[None]))
    return [int(bucket) for bucket in buckets.numpy()[0]]


def positions_error() -> float:
    """How far the sinusoidal positions of 2048 frames are from the definition."""
    from transformers.models.musicgen import modeling_musicgen

    table = modeling_musicgen.MusicgenSinusoidalPositionalEmbedding(2048, 64).weights.numpy()
    angles = np.arange(2048)[:, None] * 10000.0 ** (-np.arange(32) / 31)
    return float(np.abs(table - np.hstack([np.cos(angles), np.sin(angles)])).max())


def main(how: str) -> None:
    if how == "mended":
        from musicgen_core.engines.stock import mends

        library = mends.mended_library()
        torch, transformers = library.torch, library.transformers
    else:
        import mindnlp.transformers as transformers
        import mindtorch as torch
    codec = tiny_codec(transformers)
    with_weights = loaded(torch, transformers, codec)
    if how == "mended":
        mends.rebind_lstms(library, with_weights)
    found = {
        "delay_pattern": delay_pattern(torch, transformers),
        "encoded_frames": encoded_frames(torch, codec),
        "lstm_error": lstm_error(torch, with_weights),
        "t5_buckets": t5_buckets(torch),
        "positions_error": positions_error(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
