"""Melodies in phrases: a motif, its repetition over new chords, a question and an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from recipes.builtin.composer.grooves import BAR
from recipes.builtin.composer.melody_styles import MelodyStyle
from recipes.builtin.composer.theory import Chord, Key, melody_scale, pentatonic
from recipes.builtin.composer.voicing import Range, nearest

_HALF = BAR // 2
MOTIF_BARS = 2
PHRASE_BARS = 8


@dataclass(frozen=True)
class Tone:
    """A melody note in sixteenths from the melody's start."""

    start: int
    length: int
    pitch: int


@dataclass(frozen=True)
class _Gesture:
    """A note of a motif: when, how long, and how many scale steps from the one before."""

    start: int
    length: int
    step: int


Motif = tuple[_Gesture, ...]


class Melodist:
    """Writes one instrument's melody over given chords; every choice comes from its `rng`."""

    def __init__(self, rng: Random, style: MelodyStyle, key: Key, within: Range) -> None:
        self.rng, self.style, self.key, self.within = rng, style, key, within
        self.center = (within[0] + within[1]) / 2 + 1
        self.motif = self._motif()
        self.other = self._motif()

    def phrase(self, chords: Sequence[Sequence[Chord]], contrast: bool = False) -> Iterator[Tone]:
        """Yield the tones of up to PHRASE_BARS bars, each given as its two half-bar chords.

        The first half asks and stops away from home, the second answers and comes to rest;
        `contrast` builds it from another motif.
        """
        motif = self.other if contrast else self.motif
        shapes = (motif, self._varied(motif), motif, self._closing(motif))
        anchor = self.center + self.rng.choice((-4, -1, 1, 3))
        rise = self.rng.choice((-2, 0, 2, 4))
        for place, bar in enumerate(range(0, len(chords), MOTIF_BARS)):
            over = [half for each in chords[bar : bar + MOTIF_BARS] for half in each]
            ends = {1: self._open_tones(over[-1]), 3: self._home_tones(over[-1])}.get(place)
            # Each repetition sets out from the same height, so that the motif is recognized.
            height = anchor + (rise if place % 4 == 1 else 0)
            start = nearest(over[0].tones, height, self.within)
            for tone in self._over(shapes[place % 4], over, start, ends):
                yield replace(tone, start=tone.start + bar * BAR)

    def _motif(self) -> Motif:
        """Invent two bars: cells that partly repeat, a closing one, steps that make a shape."""
        first, second = self.rng.choice(self.style.cells), self.rng.choice(self.style.cells)
        third = first if self.rng.random() < 0.5 else self.rng.choice(self.style.cells)
        rhythm = first + second + third + self.rng.choice(self.style.closings)
        rising = self.rng.choice((1, -1))
        gestures = []
        for start, length in _spans(rhythm):
            turned = rising if start < BAR else -rising
            follows = self.rng.random() < self.style.arch
            direction = turned if follows else self.rng.choice((1, -1))
            wide = self.rng.random() < self.style.leaps
            size = self.rng.choice((2, 2, 3, 4)) if wide else self.rng.choice((0, 1, 1, 1))
            gestures.append(_Gesture(start, length, direction * size))
        return tuple(gestures)

    def _varied(self, motif: Motif) -> Motif:
        """Keep the first bar, give the second new steps or a new ending."""
        head = [g for g in motif if g.start < BAR]
        if self.rng.random() < 0.5:
            tail = [
                replace(g, step=self.rng.choice((-2, -1, -1, 1, 1, 2)))
                for g in motif
                if g.start >= BAR
            ]
        else:
            rhythm = self.rng.choice(self.style.cells) + self.rng.choice(self.style.closings)
            tail = [
                _Gesture(BAR + start, length, self.rng.choice((-2, -1, -1, 1, 1)))
                for start, length in _spans(rhythm)
            ]
        return tuple(head + tail)

    def _closing(self, motif: Motif) -> Motif:
        """Keep the first bar, then come down to a long last note."""
        head = [g for g in motif if g.start < BAR]
        rhythm = self.rng.choice(("X-X-X---", "X---X---", "X-X-X-X-", "X-----X-")) + "X-------"
        if self.rng.random() < 0.4:
            rhythm = self.rng.choice(("X-------........", "X---X-------....", "X-X-X-----......"))
        tail = [_Gesture(BAR + start, length, -1) for start, length in _spans(rhythm)]
        return tuple(head + tail)

    def _open_tones(self, over: Chord) -> tuple[int, ...]:
        return tuple(tone for tone in over.tones if tone != self.key.tonic) or over.tones

    def _home_tones(self, over: Chord) -> tuple[int, ...]:
        home = {self.key.tonic, self.key.scale[2] if self.key.mode != "blues" else -1}
        return tuple(tone for tone in over.tones if tone in home) or over.tones

    def _over(
        self, motif: Motif, halves: Sequence[Chord], pitch: int, ends: tuple[int, ...] | None
    ) -> Iterator[Tone]:
        """Lay a motif over half-bar chords from a pitch on, its last tone among `ends`."""
        for index, gesture in enumerate(motif):
            if gesture.start // _HALF >= len(halves):
                return
            over = halves[gesture.start // _HALF]
            ladder = self._ladder(over)
            before = pitch
            pitch = _climb(ladder, pitch, self._bounded(pitch, gesture.step))
            if index == len(motif) - 1 and ends:
                pitch = nearest(ends, pitch, self.within)
            elif gesture.start % _HALF == 0 or gesture.length >= 4:
                pitch = self._settled(over, pitch, before, gesture.step)
            yield Tone(gesture.start, gesture.length, pitch)

    def _settled(self, over: Chord, pitch: int, before: int, step: int) -> int:
        """The chord tone to land on; on the way somewhere it is not the note just left."""
        landed = nearest(over.tones, pitch, self.within)
        if landed != before or step == 0:
            return landed
        ahead = nearest(over.tones, before + (3 if step > 0 else -3), self.within)
        return ahead if abs(ahead - before) <= 5 else landed

    def _bounded(self, pitch: int, step: int) -> int:
        """Turn steps back towards the middle near the edges of the range."""
        far = pitch - self.center
        return -step if far * step > 0 and abs(far) > 6 else step

    def _ladder(self, over: Chord) -> list[int]:
        scale = set(melody_scale(self.key, over))
        if self.style.pentatonic:
            scale = set(pentatonic(self.key)) | set(over.tones[:3])
        low, high = self.within
        return [pitch for pitch in range(low, high + 1) if pitch % 12 in scale]


def _spans(rhythm: str) -> list[tuple[int, int]]:
    """(start, length) of every note in a line of ``X``, ``-`` and ``.``."""
    starts = [i for i, letter in enumerate(rhythm) if letter == "X"]
    spans = []
    for start, limit in pairwise([*starts, len(rhythm)]):
        rest = rhythm.find(".", start, limit)
        spans.append((start, (limit if rest < 0 else rest) - start))
    return spans


def _climb(ladder: Sequence[int], pitch: int, steps: int) -> int:
    """Move along a ladder of pitches from the rung nearest to a pitch, staying on it."""
    rung = min(range(len(ladder)), key=lambda i: abs(ladder[i] - pitch))
    return ladder[min(len(ladder) - 1, max(0, rung + steps))]
