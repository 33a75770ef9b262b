"""Remake the golden files: what Hugging Face transformers on PyTorch says of tiny checkpoints.

    pip install -r tests/golden/requirements.txt
    python tests/golden/make_golden.py

The unmodified `MusicgenForConditionalGeneration.generate` makes every stream. Seeds are searched
until no choice (of a token, of a codebook entry) is a near tie, so that the rounding of another
implementation cannot change one. README.md tells the layout.
"""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import tiny_checkpoint
import torch
from transformers import MusicgenForConditionalGeneration, MusicgenProcessor

HERE = Path(__file__).parent
FRAMES = 64
SMALLEST_GAP = 3e-4
PROMPTS = [
    "lo-fi piano",
    "80s pop track with bassy drums and synth",
    "rain",
    "a slow dreamy waltz for harp, cello and glockenspiel, recorded live in an old stone church",
]
Case = dict[str, Any]


class NearTieError(Exception):
    """Another implementation could not be held to what this seed makes."""


def cases(channels: int) -> list[Case]:
    """The streams of one checkpoint; a row is a text (or None) and the name of an audio prompt."""

    def case(name: str, guidance: float, *rows: tuple[str | None, str | None]) -> Case:
        return {
            "name": name,
            "guidance": guidance,
            "rows": [{"text": text, "audio": audio} for text, audio in rows],
        }

    made = [
        case("unconditional", 1.0, (None, None)),
        case("audio_only", 1.0, (None, "riff")),
    ]
    for guidance in (1.0, 3.0):
        made += [
            case("text", guidance, (PROMPTS[1], None)),
            case("texts", guidance, *((text, None) for text in PROMPTS)),
            case("audio", guidance, (PROMPTS[0], "riff")),
            case("audios", guidance, (PROMPTS[0], "riff"), (PROMPTS[1], "hum")),
        ]
    return made


def waves(channels: int) -> dict[str, np.ndarray]:
    """Synthetic audio, float32 [channels, samples] on the 16-bit grid."""
    return {
        "riff": tiny_checkpoint.melody(12 * 640, channels, seed=1),
        "hum": tiny_checkpoint.melody(7 * 640, channels, seed=2),
    }


class Reference:
    """The model under Hugging Face, with the codes of every decode caught on their way."""

    def __init__(self, folder: Path) -> None:
        self.model = MusicgenForConditionalGeneration.from_pretrained(folder).eval()
        self.processor = MusicgenProcessor.from_pretrained(folder)
        self.channels = self.model.decoder.config.audio_channels
        self.caught: list[np.ndarray] = []
        decode = self.model.audio_encoder.decode

        def catching(codes: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            self.caught.append(codes[0].numpy().copy())
            return decode(codes, *args, **kwargs)

        self.model.audio_encoder.decode = catching

    def inputs(self, rows: list[Case], audio: dict[str, np.ndarray]) -> dict[str, Any]:
        """What the reference's processor makes of the rows."""
        given: dict[str, Any] = {}
        if rows[0]["audio"]:
            # The extractor takes mono as [N] and stereo as [2, N].
            wave = [audio[row["audio"]] for row in rows]
            given["audio"] = [w[0] for w in wave] if self.channels == 1 else wave[0]
            given["sampling_rate"] = 32000
        if rows[0]["text"]:
            given["text"] = [row["text"] for row in rows]
        made = dict(self.processor(**given, padding=True, return_tensors="pt")) if given else {}
        if not rows[0]["text"]:
            made |= dict(self.model.get_unconditional_inputs(num_samples=len(rows)))
        return made

    def generate(
        self, rows: list[Case], guidance: float, audio: dict[str, np.ndarray], frames: int = FRAMES
    ) -> tuple[np.ndarray, np.ndarray]:
        """Greedy codes [B, K, prompt + frames] and waveforms [B, C, samples]."""
        self.caught.clear()
        inputs = self.inputs(rows, audio) | {"guidance_scale": guidance}
        books = self.model.decoder.num_codebooks // self.channels
        out = self.model.generate(
            **inputs,
            do_sample=False,
            # Codebook k runs k steps behind: exactly `frames` whole frames come of these.
            max_new_tokens=frames + books - 1,
            return_dict_in_generate=True,
            output_scores=True,
        )
        codes = self.caught[0]
        if self.channels == 2:
            codes = np.stack(self.caught, axis=2).reshape(len(rows), 2 * books, -1)
        check_gaps(torch.stack(out.scores).numpy(), codes.shape[:2], frames, self.channels)
        return codes, out.sequences.numpy()


def check_gaps(scores: np.ndarray, rows: tuple[int, ...], frames: int, channels: int) -> None:
    """Refuse scores [S, B * K, V] if a choice that counts was close."""
    top = np.sort(scores, axis=-1)[..., -2:]
    gap = (top[..., 1] - top[..., 0]).reshape(len(scores), *rows)
    step, _, book = np.ogrid[: len(scores), : rows[0], : rows[1]]
    frame = step - book // channels
    counts = np.broadcast_to((frame >= 0) & (frame < frames), gap.shape)
    if gap[counts].min() < SMALLEST_GAP:
        raise NearTieError(f"a logit gap of {gap[counts].min():.1e}")


def make_streams(ref: Reference, audio: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Greedy streams [B, K, 64] of every case, the audio prompt's own frames cut off."""
    streams: dict[str, np.ndarray] = {}
    for case in cases(ref.channels):
        rows, guidance = case["rows"], case["guidance"]
        # The reference lets rows attend to the padding of their neighbors' audio: one by one.
        batches = [[row] for row in rows] if rows[0]["audio"] else [rows]
        made = [ref.generate(batch, guidance, audio)[0][..., -FRAMES:] for batch in batches]
        streams[f"{case['name']}-{guidance:g}"] = np.concatenate(made).astype(np.int16)
    texts, alone = streams["texts-3"], streams["text-3"]
    if not np.array_equal(texts[1], alone[0]):
        raise NearTieError("a row of a batch of texts differs from the row alone")
    for key, codes in streams.items():
        if any(len(np.unique(row)) < 5 for row in codes.reshape(-1, FRAMES)):
            raise NearTieError(f"{key} repeats itself")
    return streams


def make_text(ref: Reference) -> dict[str, np.ndarray]:
    """T5's ids [S] and states [S, H] of every prompt, alone."""
    found: dict[str, np.ndarray] = {"prompts": np.array(PROMPTS)}
    for i, prompt in enumerate(PROMPTS):
        ids = ref.processor.tokenizer(prompt, return_tensors="pt").input_ids
        found[f"ids_{i}"] = ids[0].numpy()
        found[f"states_{i}"] = ref.model.text_encoder(ids).last_hidden_state[0].numpy()
    return found


def make_logits(ref: Reference, text: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Teacher-forced logits [T, K, V] of random columns [K, T]: two prompts and a zeroed row."""
    config, columns = ref.model.decoder.config, 12
    rng = np.random.default_rng(3)
    forced = rng.integers(0, config.vocab_size + 1, (config.num_codebooks, columns))
    forced[:, 0] = config.bos_token_id
    found: dict[str, np.ndarray] = {"columns": forced}
    for name, states in (
        ("logits_0", text["states_0"]),
        ("logits_3", text["states_3"]),
        ("logits_zeroed", np.zeros_like(text["states_0"])),
    ):
        out = ref.model(
            encoder_outputs=(torch.tensor(states)[None],),
            attention_mask=torch.full((1, len(states)), int(name != "logits_zeroed")),
            decoder_input_ids=torch.tensor(forced),
        )
        found[name] = out.logits.permute(1, 0, 2).numpy()
    return found


def make_codec(ref: Reference) -> dict[str, np.ndarray]:
    """EnCodec both ways, lengths that are a multiple of the hop, are not, and are one frame."""
    found: dict[str, np.ndarray] = {}
    rng = np.random.default_rng(4)
    for name, samples in (("whole", 20 * 640), ("odd", 9 * 640 + 333), ("short", 640)):
        wave = tiny_checkpoint.melody(samples, 1, seed=samples)
        check_codebook_gaps(ref.model.audio_encoder, wave)
        codes = ref.model.audio_encoder.encode(torch.tensor(wave)[None]).audio_codes[0, 0]
        found[f"wave_{name}"], found[f"encoded_{name}"] = wave[0], codes.numpy().astype(np.int16)
    for name, frames in (("long", 24), ("two", 2), ("one", 1)):
        codes = rng.integers(0, 64, (4, frames))
        out = ref.model.audio_encoder.decode(torch.tensor(codes)[None, None], [None])
        found[f"codes_{name}"] = codes.astype(np.int16)
        found[f"decoded_{name}"] = out.audio_values[0, 0].numpy()
    return found


def check_codebook_gaps(codec: Any, wave: np.ndarray) -> None:
    """Refuse a wave [1, N] of which a frame is nearly as close to a second codebook entry."""
    residual = codec.encoder(torch.tensor(wave)[None])[0].T.double()
    for layer in codec.quantizer.layers:
        embed = layer.codebook.embed.double()
        near = torch.cdist(residual, embed).square().topk(2, largest=False)
        gap = (near.values[:, 1] - near.values[:, 0]).min().item()
        if gap < SMALLEST_GAP:
            raise NearTieError(f"a codebook gap of {gap:.1e}")
        residual = residual - embed[near.indices[:, 0]]


def make(name: str, channels: int, seed: int) -> None:
    """Make one checkpoint and all that the reference says of it."""
    folder = HERE / "checkpoints" / name
    tiny_checkpoint.write(folder, channels, seed)
    ref, audio = Reference(folder), waves(channels)
    for wave in audio.values():
        for side in wave:
            check_codebook_gaps(ref.model.audio_encoder, side[None])
    text = make_text(ref)
    rows = [{"text": PROMPTS[1], "audio": None}]
    codes, wave = ref.generate(rows, 3.0, {}, frames=12)
    if np.abs(wave).max() > 1.0:
        raise NearTieError("a waveform that a clip would have to limit")
    files = {
        "text": text,
        "logits": make_logits(ref, text),
        "codec": make_codec(ref),
        "streams": make_streams(ref, audio),
        "audio": audio,
        "waveform": {"codes": codes[0].astype(np.int16), "samples": wave[0]},
    }
    out = HERE / name
    out.mkdir(exist_ok=True)
    for stem, arrays in files.items():
        np.savez_compressed(out / f"{stem}.npz", **arrays)
    described = {"seed": seed, "frames": FRAMES, "cases": cases(channels)}
    (out / "cases.json").write_text(json.dumps(described, indent=1) + "\n")


def main() -> None:
    """Make both checkpoints, each with the first seed that has no near tie."""
    torch.set_num_threads(1)
    for name, channels in (("tiny-mono", 1), ("tiny-stereo", 2)):
        for seed in count():
            try:
                with torch.no_grad():
                    make(name, channels, seed)
            except NearTieError as tie:
                print(f"{name}: seed {seed} has {tie}", flush=True)
                continue
            print(f"{name}: seed {seed}", flush=True)
            break


if __name__ == "__main__":
    main()
