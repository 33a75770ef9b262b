"""Remake the golden files: what Hugging Face transformers on PyTorch says of three checkpoints.

    pip install -r tests/golden/requirements.txt
    python tests/golden/make_golden.py [tiny-mono] [tiny-stereo] [builtin]

The unmodified `MusicgenForConditionalGeneration.generate` makes every stream. Seeds (of a tiny
checkpoint's weights, of what the built-in one is asked) are searched until no choice (of a token,
of a codebook entry) is a near tie, so that the rounding of another implementation cannot change
one. README.md tells the layout.
"""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import tiny_checkpoint
import torch
from transformers import MusicgenForConditionalGeneration, MusicgenProcessor

HERE = Path(__file__).parent
BUILTIN = HERE.parents[1] / "musicgen_core" / "checkpoint" / "builtin"
FRAMES = 64
SMALLEST_GAP = 2.5e-4
SMALLEST_RELATIVE_GAP = 2e-6
"""Of a latent's squared length: what float32 makes of a distance is off by so much less."""
PROMPTS = [
    "lo-fi piano",
    "80s pop track with bassy drums and synth",
    "rain",
    "a slow dreamy waltz for harp, cello and glockenspiel, recorded live in an old stone church",
]
BUILTIN_PROMPTS = [
    *PROMPTS,
    "90s rock song with loud guitars and heavy drums",
    "80s blues track with groovy saxophone",
    "house, 125 bpm, no drums",
    "慢一点的爵士钢琴",
    "fast drum and bass in A minor",
    "ambient pads",
]
BUILTIN_STRIDE = 16
"""Of its large vocabulary, one logit in so many is kept."""
Case = dict[str, Any]


class NearTieError(Exception):
    """Another implementation could not be held to what this seed makes."""


def cases(prompts: list[str]) -> list[Case]:
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
            case("text", guidance, (prompts[1], None)),
            case("texts", guidance, *((text, None) for text in prompts)),
            case("audio", guidance, (prompts[0], "riff")),
            case("audios", guidance, (prompts[0], "riff"), (prompts[1], "hum")),
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

    def own_waves(self, prompts: list[str]) -> dict[str, np.ndarray]:
        """What a checkpoint whose encoder hears its own sounds best is best asked to continue."""
        made: dict[str, np.ndarray] = {}
        for name, text, frames in (("riff", prompts[2], 12), ("hum", prompts[3], 7)):
            rows = [{"text": text, "audio": None}]
            samples = self.generate(rows, 3.0, {}, frames)[1][0]
            made[name] = (np.round(samples.clip(-1, 1) * 32767) / 32768).astype(np.float32)
        return made


def check_gaps(scores: np.ndarray, rows: tuple[int, ...], frames: int, channels: int) -> None:
    """Refuse scores [S, B * K, V] if a choice that counts was close."""
    top = np.sort(scores, axis=-1)[..., -2:]
    gap = (top[..., 1] - top[..., 0]).reshape(len(scores), *rows)
    step, _, book = np.ogrid[: len(scores), : rows[0], : rows[1]]
    frame = step - book // channels
    counts = np.broadcast_to((frame >= 0) & (frame < frames), gap.shape)
    if gap[counts].min() < SMALLEST_GAP:
        raise NearTieError(f"a logit gap of {gap[counts].min():.1e}")


def make_streams(
    ref: Reference, audio: dict[str, np.ndarray], prompts: list[str]
) -> dict[str, np.ndarray]:
    """Greedy streams [B, K, 64] of every case, the audio prompt's own frames cut off."""
    streams: dict[str, np.ndarray] = {}
    for case in cases(prompts):
        rows, guidance = case["rows"], case["guidance"]
        # The reference lets rows attend to the padding of their neighbors' audio: one by one.
        batches = [[row] for row in rows] if rows[0]["audio"] else [rows]
        made = [ref.generate(batch, guidance, audio)[0][..., -FRAMES:] for batch in batches]
        streams[f"{case['name']}-{guidance:g}"] = np.concatenate(made).astype(np.int16)
    texts, alone = streams["texts-3"], streams["text-3"]
    if not np.array_equal(texts[1], alone[0]):
        raise NearTieError("a row of a batch of texts differs from the row alone")
    return streams


def check_variety(streams: dict[str, np.ndarray]) -> None:
    """Refuse streams that a broken engine might make by always choosing the same."""
    for key, codes in streams.items():
        if any(len(np.unique(row)) < 5 for row in codes.reshape(-1, FRAMES)):
            raise NearTieError(f"{key} repeats itself")


def make_text(ref: Reference, prompts: list[str]) -> dict[str, np.ndarray]:
    """T5's ids [S] and states [S, H] of every prompt, alone."""
    found: dict[str, np.ndarray] = {"prompts": np.array(prompts)}
    for i, prompt in enumerate(prompts):
        ids = ref.processor.tokenizer(prompt, return_tensors="pt").input_ids
        found[f"ids_{i}"] = ids[0].numpy()
        found[f"states_{i}"] = ref.model.text_encoder(ids).last_hidden_state[0].numpy()
    return found


def make_logits(ref: Reference, text: dict[str, np.ndarray], stride: int) -> dict[str, np.ndarray]:
    """Teacher-forced logits [T, K, V] of random columns [K, T]: two prompts and a zeroed row.

    Only every stride-th logit is kept.
    """
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
        found[name] = out.logits.permute(1, 0, 2)[..., ::stride].numpy().copy()
    return found


def make_codec(
    ref: Reference, sounds: dict[str, np.ndarray], codes: np.ndarray
) -> dict[str, np.ndarray]:
    """EnCodec both ways: of sounds [1, N], and of all, two and one frames of codes [K, F]."""
    found: dict[str, np.ndarray] = {}
    codec = ref.model.audio_encoder
    for name, wave in sounds.items():
        check_codebook_gaps(codec, wave)
        heard = codec.encode(torch.tensor(wave)[None]).audio_codes[0, 0]
        found[f"wave_{name}"], found[f"encoded_{name}"] = wave[0], heard.numpy().astype(np.int16)
    for name, part in (("long", codes), ("two", codes[:, -2:]), ("one", codes[:, -1:])):
        out = codec.decode(torch.tensor(part)[None, None], [None])
        found[f"codes_{name}"] = part.astype(np.int16)
        found[f"decoded_{name}"] = out.audio_values[0, 0].numpy()
    return found


def sounds_to_encode() -> dict[str, np.ndarray]:
    """Sounds whose lengths are a multiple of the hop, are not, and are one frame."""
    lengths = {"whole": 20 * 640, "odd": 9 * 640 + 333, "short": 640}
    return {name: tiny_checkpoint.melody(n, 1, seed=n) for name, n in lengths.items()}


def check_codebook_gaps(codec: Any, wave: np.ndarray) -> None:
    """Refuse a wave [1, N] of which a frame is nearly as close to a second codebook entry."""
    residual = codec.encoder(torch.tensor(wave)[None])[0].T.double()
    smallest = max(SMALLEST_GAP, SMALLEST_RELATIVE_GAP * residual.square().sum(-1).max().item())
    for layer in codec.quantizer.layers:
        embed = layer.codebook.embed.double()
        near = torch.cdist(residual, embed).square().topk(2, largest=False)
        gap = (near.values[:, 1] - near.values[:, 0]).min().item()
        if gap < smallest:
            raise NearTieError(f"a codebook gap of {gap:.1e}")
        residual = residual - embed[near.indices[:, 0]]


def make_tiny(name: str, seed: int) -> dict[str, Any]:
    """Make a tiny checkpoint, and all that the reference says of it."""
    channels = 2 if name == "tiny-stereo" else 1
    folder = HERE / "checkpoints" / name
    tiny_checkpoint.write(folder, channels, seed)
    ref, audio = Reference(folder), waves(channels)
    for wave in audio.values():
        for side in wave:
            check_codebook_gaps(ref.model.audio_encoder, side[None])
    codes = np.random.default_rng(4).integers(0, 64, (4, 24))
    files = make_files(ref, PROMPTS, audio, make_codec(ref, sounds_to_encode(), codes), 1)
    check_variety(files["streams"])
    return files


def make_builtin(seed: int) -> dict[str, Any]:
    """All that the reference says of the built-in checkpoint, asked for what the seed chooses."""
    prompts = Random(seed).sample(BUILTIN_PROMPTS, 4)
    ref = Reference(BUILTIN)
    audio = ref.own_waves(prompts)
    riff = audio["riff"]
    sounds = {"whole": riff, "odd": riff[:, : 9 * 640 + 333], "short": riff[:, 640 * 5 : 640 * 6]}
    for wave in audio.values():
        check_codebook_gaps(ref.model.audio_encoder, wave)
    codes = ref.generate([{"text": prompts[1], "audio": None}], 1.0, {}, frames=24)[0][0]
    return make_files(ref, prompts, audio, make_codec(ref, sounds, codes), BUILTIN_STRIDE)


def make_files(
    ref: Reference,
    prompts: list[str],
    audio: dict[str, np.ndarray],
    codec: dict[str, np.ndarray],
    stride: int,
) -> dict[str, Any]:
    """The content of every golden file of a checkpoint; "cases" is for JSON."""
    text = make_text(ref, prompts)
    codes, wave = ref.generate([{"text": prompts[1], "audio": None}], 3.0, {}, frames=12)
    if np.abs(wave).max() > 1.0:
        raise NearTieError("a waveform that a clip would have to limit")
    return {
        "cases": cases(prompts),
        "text": text,
        "logits": make_logits(ref, text, stride),
        "codec": codec,
        "streams": make_streams(ref, audio, prompts),
        "audio": audio,
        "waveform": {"codes": codes[0].astype(np.int16), "samples": wave[0]},
    }


def write(name: str, seed: int, files: dict[str, Any]) -> None:
    """Write one checkpoint's golden files."""
    out = HERE / name
    out.mkdir(exist_ok=True)
    described = {"seed": seed, "frames": FRAMES, "cases": files.pop("cases")}
    for stem, arrays in files.items():
        np.savez_compressed(out / f"{stem}.npz", **arrays)
    text = json.dumps(described, indent=1, ensure_ascii=False)
    (out / "cases.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Make the checkpoints' files that are named, each with the first seed without a near tie."""
    torch.set_num_threads(1)
    for name in sys.argv[1:] or ("tiny-mono", "tiny-stereo", "builtin"):
        for seed in count():
            try:
                with torch.no_grad():
                    made = make_builtin(seed) if name == "builtin" else make_tiny(name, seed)
            except NearTieError as tie:
                print(f"{name}: seed {seed} has {tie}", flush=True)
                continue
            write(name, seed, made)
            print(f"{name}: seed {seed}", flush=True)
            break


if __name__ == "__main__":
    main()
