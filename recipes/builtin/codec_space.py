"""The codec's latent space: what every token adds to the waveform, and a mark that names it.

A latent is [wave, mark]. The wave part are coordinates of one frame's samples in a basis common to
all tokens, so latents add up as sounds do. Which eight tokens a sum was made of cannot be told from
it, so each token also carries a point on a small sphere of its voice's own. The decoder writes
these points into the highest kilohertz, far below anything audible; the encoder reads them back,
and a clip of the codec's own is encoded exactly. In other sound it finds no marks and goes by the
waves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recipes.builtin.conductor import USED
from recipes.builtin.frames import SUPPORT, Tables, window
from recipes.builtin.soundfont import SAMPLE_RATE
from recipes.builtin.voices import CODEBOOK_SIZE, CODEBOOKS, CONDUCTOR, PATCHES, SILENCE, describe

WAVE = 156
"""Dimensions of the wave part."""
MARKS = (5, 4, 4, 5, 5, 5, 5, 5, 5)
"""Dimensions of every voice's sphere."""
MARK = sum(MARKS)
LATENT = WAVE + MARK

_BAND = (14_500.0, 15_900.0)
"""Hz that marks live in."""
MARK_LEVEL = 10 ** (-76 / 20)
"""Amplitude of a voice's mark, RMS over its frame."""
_WHITENING = 0.5
"""0 compares waves by energy, 1 as if every direction were equally common."""
_QUIET_WEIGHT = 0.7
"""Tokens count in the basis by their energy to this power."""
_EMPHASIS = {"hat": 2.0, "cymbal": 1.5}
"""Noises need many dimensions and get few by their energy."""
_EDGE, _STEEPNESS = 0.25, 1.5
"""How much a frame's ends count in the basis: as if their level were the window's to that power,
and at least this. Of noises, the basis holds a part, another one in every frame. Where two frames
fade into each other their sounds add up as amplitudes, but such parts as powers: noises would dip
by a fifth, fifty times a second, if the ends did not count more than the rest."""
MARK_RADIUS = 40.0
"""A sphere's radius in the latent space, where a mixture's waves are of size 1: marks decide."""

_RELUCTANCE = (6.0, 6.0, 3.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5)
"""How much of a mixture's squared wave a voice must explain to sound at all where marks are
missing; the
conductor and drums most, or every foreign tone would set them off."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Space:
    """The latent space over one set of sound tables."""

    basis: Array
    """[SUPPORT, WAVE]: latent wave coordinates -> samples."""
    waves: Array
    """[CODEBOOKS, CODEBOOK_SIZE, WAVE]."""
    marks: Array
    """[CODEBOOKS, CODEBOOK_SIZE, MARK]: a voice's sphere in its own dimensions, zero elsewhere."""

    @cached_property
    def carriers(self) -> Array:
        """[SUPPORT, MARK + 1]: orthonormal waveforms in the marks' band; the last is the pilot."""
        return carriers(MARK + 1)

    @property
    def codebooks(self) -> Array:
        """[CODEBOOKS, CODEBOOK_SIZE, LATENT]."""
        return np.concatenate([self.waves, MARK_RADIUS * self.marks], axis=2)

    @cached_property
    def resting(self) -> Array:
        """The latent [LATENT] of silence in every voice: all waves zero, all marks at rest."""
        rest: Array = self.codebooks[:, SILENCE].sum(axis=0)
        return rest

    @property
    def synthesis(self) -> Array:
        """[SUPPORT, LATENT]: a latent less the resting one -> samples of its frame."""
        amplitude = MARK_LEVEL * np.sqrt(SUPPORT) / MARK_RADIUS
        return np.concatenate([self.basis, amplitude * self.carriers[:, :MARK]], axis=1)

    @property
    def pilot(self) -> Array:
        """[SUPPORT]: what every frame holds, whatever its tokens: the sign that marks are there."""
        return MARK_LEVEL * np.sqrt(SUPPORT) * self.carriers[:, MARK]


def save_space(space: Space, path: Path) -> None:
    """Write a space to an .npz file."""
    np.savez(path, basis=space.basis, waves=space.waves, marks=space.marks)


def load_space(path: Path) -> Space:
    """Read what save_space wrote."""
    with np.load(path) as arrays:
        return Space(arrays["basis"], arrays["waves"], arrays["marks"])


def build_space(tables: Tables, sample: npt.NDArray[np.int64], steps: int = 300) -> Space:
    """Fit the space to tables and to codes [CODEBOOKS, F] that show how voices sound together.

    `steps` of repulsion spread the marks.
    """
    clean = np.asarray(tables, dtype=np.float64)
    band = carriers(MARK + 1)
    clean = clean - clean @ band @ band.T
    basis, dual = fit_basis(clean)
    coordinates = restored_energy(clean, clean @ dual, basis)
    mixed = sum(coordinates[k][sample[k]] for k in range(CODEBOOKS))
    unwhitened = _unwhitening(np.asarray(mixed))
    waves = coordinates @ np.linalg.inv(unwhitened).T
    return Space(basis @ unwhitened, waves, _spheres(steps))


def fit_basis(tables: Array) -> tuple[Array, Array]:
    """[SUPPORT, WAVE] that keep most of what tokens sound like, and their dual.

    Of tokens, tokens @ dual @ basis.T is kept. A frame's ends fade into its neighbors; they count
    more than if they did not, or high tones and noises would be duller there.
    """
    level = np.maximum(window() ** _STEEPNESS, _EDGE)[:, None]
    gram = np.zeros((SUPPORT, SUPPORT))
    for k in range(CODEBOOKS):
        for patch in (p for p in PATCHES if p.codebook == k):
            rows = tables[k][_rows_of(k, patch.name)] / level.T
            power = (rows**2).sum(axis=1, keepdims=True) + 1e-9
            weighted = rows * power ** ((_QUIET_WEIGHT - 1) / 2)
            gram += _EMPHASIS.get(patch.role, 1.0) * weighted.T @ weighted / np.sqrt(len(rows))
    _, directions = np.linalg.eigh(gram)
    chosen = directions[:, ::-1][:, :WAVE]
    return level * chosen, chosen / level


def restored_energy(tables: Array, coordinates: Array, basis: Array) -> Array:
    """Coordinates scaled so that the part of a token inside the basis is as loud as the token.

    Only noises lose more than a trace; a frame is turned up by at most 5 dB.
    """
    kept = np.linalg.norm(coordinates @ basis.T, axis=2, keepdims=True)
    whole = np.linalg.norm(tables, axis=2, keepdims=True)
    ratio = np.divide(whole, kept, out=np.ones_like(whole), where=kept > 1e-6)
    return coordinates * np.minimum(ratio, 10 ** (5 / 20))


def _rows_of(codebook: int, name: str) -> npt.NDArray[np.int64]:
    described = (describe(codebook, value) for value in range(CODEBOOK_SIZE))
    return np.array([v for v, d in enumerate(described) if d is not None and d[0].name == name])


def _unwhitening(mixed: Array) -> Array:
    """[WAVE, WAVE]: latent coordinates -> orthonormal ones, for mixtures of unit size."""
    power, axes = np.linalg.eigh(mixed.T @ mixed / len(mixed))
    power = np.maximum(power, power.max() * 1e-6)
    return np.asarray(axes * power ** (_WHITENING / 2) @ axes.T)


def carriers(count: int) -> Array:
    """Orthonormal [SUPPORT, count] of frame-shaped waveforms, most concentrated in _BAND."""
    shape = window()
    frequency = np.fft.rfftfreq(8 * SUPPORT, 1 / SAMPLE_RATE)
    inside = (frequency >= _BAND[0]) & (frequency <= _BAND[1])
    waves = np.exp(-2j * np.pi * np.outer(frequency[inside], np.arange(SUPPORT)) / SAMPLE_RATE)
    within = (waves.conj().T @ waves).real
    _, directions = np.linalg.eigh(shape[:, None] * within * shape[None])
    shaped = shape[:, None] * directions[:, ::-1][:, :count]
    orthonormal, _ = np.linalg.qr(shaped)
    return np.asarray(orthonormal)


def used_tokens(codebook: int) -> list[int]:
    """The tokens of a codebook that mean something, silence left out."""
    if codebook == CONDUCTOR:
        return list(range(1, USED))
    return [v for v in range(CODEBOOK_SIZE) if describe(codebook, v) is not None]


def _spheres(steps: int) -> Array:
    """[CODEBOOKS, CODEBOOK_SIZE, MARK]: unit points, far from each other within a voice."""
    marks = np.zeros((CODEBOOKS, CODEBOOK_SIZE, MARK))
    start = 0
    for k, size in enumerate(MARKS):
        used = [SILENCE, *used_tokens(k)]
        marks[k, :, start : start + size] = 0.0
        points = spread_out(len(used), size, seed=k, steps=steps)
        # Silence is nearer to where no marks are heard.
        points[0] *= np.sqrt(1 - _RELUCTANCE[k] / MARK_RADIUS**2)
        marks[k, used, start : start + size] = points
        unused = np.setdiff1d(np.arange(CODEBOOK_SIZE), used)
        # Nothing may be nearest to a token without a sound: put those far outside.
        marks[k, unused, start] = 50.0
        start += size
    return marks


def spread_out(count: int, size: int, seed: int, steps: int = 300) -> Array:
    """Unit vectors [count, size] that repel each other, from random ones."""
    rng = np.random.default_rng([seed, 77])
    points = rng.standard_normal((count, size)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for step in range(steps):
        alike = points @ points.T
        np.fill_diagonal(alike, -1.0)
        sharpness = 20 + 400 * step / steps
        pull = np.exp(sharpness * (alike - alike.max(axis=1, keepdims=True)))
        pull /= pull.sum(axis=1, keepdims=True)
        points -= 0.02 * (1 - step / steps) * (pull @ points)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float64)
