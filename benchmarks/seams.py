"""How well continuations join: levels and clicks at the seam, against what is normal in the clip.

    .venv/bin/python -m benchmarks.seams --clips 50

Half of the prompts are the model's own clips (through a 16-bit WAV, some cut in the middle), half
are synthesized sounds that its codec has never met. Every continuation is judged as it is, and as
it would be were the codec's sound put behind the original unjoined.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musicgen_core.model import take
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import AudioPrompt, Clip, GenerationRequest, Samples
from musicgen_core.seam import Seam

PROMPTS = (
    "lo-fi piano in the rain",
    "80s pop track with bassy drums and synth",
    "heavy metal with electric guitars",
    "slow strings in A minor",
    "techno at 130 bpm with a deep bass",
    "jazz trio with brushes",
    "acoustic guitar at 90 bpm",
    "calm ambient pads",
)
WINDOW, LONG_WINDOW = 0.05, 0.4
SECONDS = 2.0


class Witness(Seam):
    """A seam that remembers what the codec said."""

    latest: list[Samples]

    def __init__(self, original: Samples, known: int, rate: int) -> None:
        super().__init__(original, known, rate)
        self.known, self.decoded = known, original[:, :0]
        Witness.made.append(self)

    made: list[Witness] = []  # noqa: RUF012

    def feed(self, decoded: Samples) -> Samples:
        self.decoded = np.concatenate([self.decoded, decoded], axis=1)
        return super().feed(decoded)


@dataclass(frozen=True)
class Judgment:
    """Of one signal with a seam; levels in dB."""

    jump: float
    """From 50 ms before the seam to 50 ms behind it."""
    usual: float
    """The median of such steps within the clip, the seam left out."""
    long_jump: float
    """As `jump`, with 400 ms."""
    step: float
    """As `jump`, louder or softer told apart."""
    click: float
    """The second difference at the seam over its 99.9th percentile elsewhere."""


def judge(sound: Samples, seam: int, rate: int) -> Judgment:
    steps = [
        abs(jump(sound, at, rate, WINDOW))
        for at in range(round(0.2 * rate), sound.shape[1] - round(0.2 * rate), round(0.037 * rate))
        if abs(at - seam) > 0.1 * rate
    ]
    bend = np.abs(np.diff(sound[0].astype(np.float64), 2))
    near = slice(seam - 4, seam + 3)
    elsewhere = np.delete(bend, near)
    return Judgment(
        jump=abs(jump(sound, seam, rate, WINDOW)),
        usual=float(np.median(steps)),
        step=jump(sound, seam, rate, WINDOW),
        long_jump=abs(jump(sound, seam, rate, LONG_WINDOW)),
        click=float(bend[near].max() / max(np.percentile(elsewhere, 99.9), 1e-9)),
    )


def jump(sound: Samples, at: int, rate: int, window: float) -> float:
    width = round(window * rate)
    before, after = sound[:, at - width : at], sound[:, at : at + width]
    return level(after) - level(before)


def level(sound: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-6))


def own_prompts(core: MusicGen, count: int) -> list[GenerationRequest]:
    """Ask for continuations of clips of the model's own; every third is cut in the middle."""
    asked = [
        GenerationRequest(PROMPTS[n % len(PROMPTS)], SECONDS, seed=1000 + n) for n in range(count)
    ]
    return [
        GenerationRequest(
            clip.provenance.prompt,
            SECONDS,
            AudioPrompt.read(io.BytesIO(clip.encode("WAV"))),
            seed=n,
            from_second=1.3 if n % 3 == 2 else None,
        )
        for n, clip in enumerate(core.generate(asked))
    ]


def foreign_prompts(count: int, rate: int) -> list[GenerationRequest]:
    return [
        GenerationRequest(
            PROMPTS[n % len(PROMPTS)], SECONDS, AudioPrompt(foreign(n, rate), rate), seed=n
        )
        for n in range(count)
    ]


def foreign(seed: int, rate: int) -> Samples:
    """Synthesize detuned chords that decay over noise drums, at some level."""
    draw = np.random.default_rng(seed)
    at = np.arange(round(SECONDS * rate + draw.integers(0, 640))) / rate
    beat = 60 / draw.uniform(80, 140)
    root = 110 * 2 ** (draw.integers(0, 12) / 12)
    third = draw.choice([3, 4])
    pitches = [root * 2 ** (step / 12) * d for step in (0, third, 7) for d in (0.997, 1.003)]
    chord: npt.NDArray[np.float64] = np.sum([2 * (at * pitch % 1) - 1 for pitch in pitches], axis=0)
    chord *= np.exp(-(at % (2 * beat)) / draw.uniform(0.3, 2))
    drums = draw.standard_normal(len(at)) * np.exp(-(at % beat) / 0.04)
    mixed = chord / 6 + draw.uniform(0, 0.6) * drums
    return (draw.uniform(0.05, 0.7) * mixed / np.abs(mixed).max())[None].astype(np.float32)


def unjoined(clip: Clip, witness: Witness) -> Samples:
    new = witness.decoded[:, witness.known :]
    return np.concatenate([clip.samples[:, : clip.new_from], new], axis=1)


def show(name: str, judgments: list[Judgment], codec: list[Judgment]) -> None:
    jumps, clicks, longs = (
        np.array([getattr(j, field) for j in judgments]) for field in ("jump", "click", "long_jump")
    )
    added = np.array([abs(j.step - c.step) for j, c in zip(judgments, codec, strict=True)])
    print(
        f"{name:18} 50 ms step {np.median(jumps):5.1f} dB median, "
        f"{np.median([j.usual for j in judgments]):4.1f} usual, "
        f"{np.mean(jumps > 3):4.0%} over 3, {np.mean(added > 3):4.0%} by the seam | "
        f"400 ms {np.median(longs):4.1f} median {np.percentile(longs, 95):4.1f} 95th | "
        f"click {np.median(clicks):4.2f} median {clicks.max():5.2f} most, "
        f"{np.mean(clicks > 1):4.0%} over 1"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=50)
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--engine", default="openvino")
    args = parser.parse_args()
    take.Seam = Witness  # type: ignore[misc]
    core = MusicGen.load(args.model, engine=args.engine)
    rate, half = core.info.sample_rate, args.clips // 2
    for name, requests in (
        ("own", own_prompts(core, args.clips - half)),
        ("foreign", foreign_prompts(half, rate)),
    ):
        Witness.made.clear()
        clips = core.generate(requests)
        pairs = list(zip(clips, Witness.made, strict=True))
        changed = [
            np.abs(clip.samples[:, clip.new_from :] - w.decoded[:, w.known :]).max()
            for clip, w in pairs
        ]
        codec = [judge(w.decoded, w.known, rate) for _, w in pairs]
        joined = [judge(clip.samples, clip.new_from, rate) for clip, _ in pairs]
        plain = [judge(unjoined(clip, w), clip.new_from, rate) for clip, w in pairs]
        for what, judged in (("joined", joined), ("unjoined", plain), ("codec alone", codec)):
            show(f"{name}, {what}", judged, codec)
        print(f"{name}: the seam changes samples by {np.median(changed):.4f} (median of most)")


if __name__ == "__main__":
    main()
