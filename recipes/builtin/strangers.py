"""Clips that none of our voices played, as people might upload; key and tempo are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from recipes.builtin.composer.theory import Key
from recipes.builtin.soundfont import SAMPLE_RATE, render

Sound = npt.NDArray[np.float64]

_HELD_OUT = {
    "steel guitar": 25,
    "accordion": 21,
    "clarinet": 71,
    "violin": 40,
    "harpsichord": 6,
    "marimba": 12,
    "oboe": 68,
    "banjo": 105,
    "koto": 107,
    "pan flute": 75,
    "square synth": 80,
}
"""General MIDI programs that the catalog does not use: what is measured on is played by these."""
_TO_LEARN = {
    "celesta": 8,
    "tubular bells": 14,
    "dulcimer": 15,
    "harmonica": 22,
    "nylon guitar": 24,
    "viola": 41,
    "cello": 42,
    "voices": 53,
    "trombone": 57,
    "French horn": 60,
    "bassoon": 70,
    "recorder": 74,
    "ocarina": 79,
    "sitar": 104,
    "kalimba": 108,
    "bagpipe": 109,
}
"""Others."""
_SECONDS = 10.0
_CHORDS = {False: ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)),
           True: ((0, 3, 7), (8, 12, 15), (3, 7, 10), (10, 14, 17))}  # fmt: skip
_SCALES = {False: (0, 2, 4, 7, 9), True: (0, 3, 5, 7, 10)}


@dataclass(frozen=True)
class Stranger:
    """A clip and what is true of it."""

    name: str
    samples: Sound
    """[N] at SAMPLE_RATE."""
    bpm: float
    key: Key


def strangers(count: int = 24, *, held_out: bool = True) -> Iterator[Stranger]:
    """Yield melodies, strummed chords and hummed tunes in many keys and tempos.

    What is learned from has other tunes than what is held out, and all instruments but humming.
    """
    programs = _HELD_OUT if held_out else _TO_LEARN
    names = [*programs, "humming"]
    for number in range(count):
        rng = Random(f"stranger {1 if held_out else 2} {number}")  # noqa: S311
        name = names[number % len(names)]
        key = Key(rng.randrange(12), rng.choice(("major", "minor")))
        bpm = rng.uniform(75, 150)
        strummed = number >= len(names) and name != "humming"
        score = list(_strummed(rng, key, bpm) if strummed else _melody(rng, key, bpm))
        samples = _hummed(score) if name == "humming" else _played(programs[name], score)
        told = f"{name}, {'chords' if strummed else 'melody'}"
        level = 0.12 / (np.sqrt(np.mean(samples**2)) + 1e-9)
        yield Stranger(told, np.clip(samples * level, -1, 1), bpm, key)


Event = tuple[float, float, int]
"""Seconds of the onset, seconds held, MIDI pitch."""


def _melody(rng: Random, key: Key, bpm: float) -> Iterator[Event]:
    beat, at = 60 / bpm, 0.0
    scale = [48 + key.tonic + 12 * octave + step
             for octave in (1, 2) for step in _SCALES[key.minor]]  # fmt: skip
    place = 0
    while at < _SECONDS - 1:
        length = rng.choice((0.5, 0.5, 1.0, 1.0, 2.0))
        yield at, length * beat * 0.95, scale[place]
        at += length * beat
        place = min(len(scale) - 1, max(0, place + rng.choice((-2, -1, 1, 1, 2))))
        if rng.random() < 0.2:
            place = rng.choice((0, 5))


def _strummed(rng: Random, key: Key, bpm: float) -> Iterator[Event]:
    beat = 60 / bpm
    rhythm = rng.choice(((0, 1, 2, 3), (0, 1.5, 2, 3), (0, 0.5, 1, 2, 2.5, 3)))
    for bar in range(int(_SECONDS / beat / 4) + 1):
        for step in rhythm:
            start = (4 * bar + step) * beat
            if start < _SECONDS - 1:
                for i, tone in enumerate(_CHORDS[key.minor][bar % 4]):
                    yield start + 0.012 * i, 0.9 * beat, 48 + key.tonic + tone


def _played(program: int, score: list[Event]) -> Sound:
    pitches = sorted({pitch for _, _, pitch in score})
    notes = dict(zip(pitches, render(program, pitches, seconds=2.0, hold=1.9), strict=True))
    out = np.zeros(int(_SECONDS * SAMPLE_RATE))
    for start, held, pitch in score:
        at, length = int(start * SAMPLE_RATE), min(int(held * SAMPLE_RATE) + 1600, 60_000)
        note = notes[pitch][:length] * np.minimum(1, np.arange(length, 0, -1) / 1600)
        end = min(len(out), at + length)
        out[at:end] += note[: end - at]
    return out


def _hummed(score: list[Event]) -> Sound:
    """A voice with closed lips: few harmonics, glides, vibrato, breath."""
    time = np.arange(int(_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    pitch, level = np.full(len(time), 60.0), np.zeros(len(time))
    for start, held, note in score:
        inside = (time >= start) & (time < start + held)
        pitch[time >= start] = note
        level[inside] = np.minimum(1, (time[inside] - start) / 0.05)
    glide = np.exp(-np.arange(3200) / 800)
    pitch = np.convolve(pitch - pitch[0], glide / glide.sum())[: len(time)] + pitch[0]
    level = np.convolve(level, np.ones(800) / 800)[: len(time)]
    vibrato = 0.25 * np.sin(2 * np.pi * 5.2 * time)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitch + vibrato - 69) / 12)) / SAMPLE_RATE
    tone = sum(np.sin(k * phase) * 0.5 ** (k - 1) for k in range(1, 6))
    breath = np.random.default_rng(5).standard_normal(len(time)) * 0.02
    return np.asarray((tone + breath) * level)
