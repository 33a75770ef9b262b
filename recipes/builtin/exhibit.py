"""The example clips in docs/ and their picture, made by the checkpoint that ships.

    python -m recipes.builtin.exhibit CHECKPOINT docs

Seed 1 of each prompt, whatever it sounds like.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import librosa
import matplotlib as mpl
import numpy as np
import soundfile
from matplotlib import pyplot as plt
from PIL import Image

from recipes.builtin.adherence import Hearing, hear
from recipes.builtin.composer.instruments import BASSES, CHORDS, LEADS, SECONDS
from recipes.builtin.fast_generation import FastModel
from recipes.builtin.prompts import REFERENCE
from recipes.builtin.soundfont import SAMPLE_RATE
from recipes.builtin.stock_codec import Sound, StockCodec

_SECONDS = 15
_NAMES = ("pop", "rock", "blues")
_PLAYERS = {"drums", *CHORDS, *LEADS, *SECONDS, *BASSES}
"""Of the overlapping names that answer to a sound, the most particular."""


def make(checkpoint: Path) -> list[tuple[str, Sound, Hearing]]:
    """(prompt, samples, what is heard) of every reference prompt."""
    model, codec = FastModel(checkpoint), StockCodec.load(checkpoint)
    sampling, found = model.sampling(checkpoint), []
    for text, _ in REFERENCE:
        codes = model.generate([text], _SECONDS * 50, sampling, seed=1)[0]
        sound = codec.decode(codes)
        found.append((text, sound / max(1.0, float(np.abs(sound).max())), hear(codes)))
    return found


def draw(axis: Any, text: str, sound: Sound, hearing: Hearing) -> None:
    """A mel spectrogram under the prompt and what is measured."""
    power = librosa.feature.melspectrogram(y=sound, sr=SAMPLE_RATE, hop_length=320, n_mels=128)
    axis.imshow(
        librosa.power_to_db(power, ref=np.max, top_db=75),
        origin="lower", aspect="auto", cmap="magma", extent=(0, len(sound) / SAMPLE_RATE, 0, 128),
    )  # fmt: skip
    hertz = np.array([100, 400, 1600, 6400])
    edges = librosa.mel_frequencies(n_mels=128, fmax=SAMPLE_RATE / 2)
    axis.set_yticks(np.searchsorted(edges, hertz), [f"{h} Hz" for h in hertz])
    told = hearing.attributes
    heard = ", ".join(name for name in told.present if name in _PLAYERS)
    axis.set_title(f"{text}\nheard: {told.bpm:.0f} bpm; {heard}", fontsize=9, loc="left")


def main() -> None:
    """Write three OGG files and a PNG."""
    checkpoint, folder = map(Path, sys.argv[1:3])
    mpl.use("Agg")
    figure, axes = plt.subplots(3, 1, figsize=(9, 8), layout="constrained")
    for name, axis, (text, sound, hearing) in zip(_NAMES, axes, make(checkpoint), strict=True):
        soundfile.write(folder / f"example-{name}.ogg", sound, SAMPLE_RATE, format="OGG",
                        subtype="VORBIS", compression_level=0.6)  # fmt: skip
        draw(axis, text, sound, hearing)
    axes[-1].set_xlabel("seconds")
    figure.savefig(folder / "examples.png", dpi=90)
    # 64 colors show the same in a third of the bytes.
    Image.open(folder / "examples.png").quantize(64).save(folder / "examples.png", optimize=True)


if __name__ == "__main__":
    main()
