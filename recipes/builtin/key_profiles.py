"""Fit the profiles by which musicgen_core.hearing tells keys, on composed pieces.

    python -m recipes.builtin.key_profiles [--pieces 400]

Prints both profiles, and how often they and Krumhansl's are right on pieces that were held out and
on clips that none of our voices play.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musicgen_core import audio
from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.hearing import RATE, key_scores, pitch_classes
from recipes.builtin.composer.composing import compose
from recipes.builtin.soundfont import SAMPLE_RATE
from recipes.builtin.strangers import strangers

Floats = npt.NDArray[np.float64]
KRUMHANSL = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
"""Carol Krumhansl and Edward Kessler, 1982: major and minor."""
_LENGTHS = (500, 600, 750)
"""Frames."""
_HELD_OUT = 4
"""Every so manieth piece is."""
_STEPS, _RATE, _WEIGHT = 400, 0.03, 0.01


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip's share of each pitch class from C on [12], and its key: 12 more where it is minor."""

    classes: Floats
    key: int


def of_sound(samples: Floats, rate: int, tonic: int, *, minor: bool) -> Heard:
    """Listen to mono sound [N]."""
    sound = audio.resample(np.asarray(samples, np.float32)[None], rate, RATE)[0]
    classes = pitch_classes(sound)
    return Heard(classes / max(classes.sum(), 1e-9), tonic + 12 * minor)


def composed(count: int) -> Iterator[Heard]:
    """Yield pieces as the built-in codec plays them."""
    codec = choose_engine().create(load_checkpoint("builtin")).codec
    for number in range(count):
        piece = compose(f"ear {number}", _LENGTHS[number % len(_LENGTHS)])
        sound = codec.decode(piece.codes)
        yield of_sound(sound, codec.sample_rate, piece.key.tonic, minor=piece.key.minor)


def fit(heard: list[Heard]) -> Floats:
    """Return profiles [2, 12] of mean 0 and deviation 1: softmax regression over 24 keys (Adam)."""
    turned = np.array([[np.roll(h.classes, -tonic) for tonic in range(12)] for h in heard])
    turned = (turned - turned.mean((0, 1))) / turned.std((0, 1))
    spread = np.array([h.classes for h in heard]).std()
    truth = np.eye(24)[[h.key for h in heard]].reshape(-1, 2, 12)
    weights = np.zeros((2, 13))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    seen = np.concatenate([turned, np.ones((*turned.shape[:2], 1))], axis=2)
    for step in range(1, _STEPS + 1):
        scores = np.einsum("ntp,mp->nmt", seen, weights)
        chance = np.exp(scores - scores.max((1, 2), keepdims=True))
        wrong = chance / chance.sum((1, 2), keepdims=True) - truth
        slope = np.einsum("nmt,ntp->mp", wrong, seen) / len(heard)
        slope[:, :12] += _WEIGHT * weights[:, :12]
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        move = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        weights -= _RATE * move
    profiles = weights[:, :12] / spread
    centered: Floats = profiles - profiles.mean(axis=1, keepdims=True)
    return centered / centered.std(axis=1, keepdims=True)


def right(heard: list[Heard], profiles: Floats) -> float:
    """Return the share whose key fits best."""
    return float(np.mean([key_scores(h.classes, profiles).argmax() == h.key for h in heard]))


def main() -> None:
    """Read the command line, fit and tell."""
    parser = argparse.ArgumentParser(description="Fit the profiles of keys.")
    parser.add_argument("--pieces", type=int, default=400)
    pieces = list(composed(parser.parse_args().pieces))
    others = [of_sound(s.samples, SAMPLE_RATE, s.key.tonic, minor=s.key.minor)
              for s in strangers(72, seed=3)]  # fmt: skip
    held = pieces[::_HELD_OUT]
    known = [piece for number, piece in enumerate(pieces) if number % _HELD_OUT]
    for name, profiles in (("Krumhansl", np.array(KRUMHANSL)), ("fitted", fit(known))):
        told = f"{right(held, profiles):.3f} of pieces, {right(others, profiles):.3f} of others"
        sys.stdout.write(f"{name}: right on {told}\n")
    for name, profile in zip(("MAJOR", "MINOR"), fit(pieces), strict=True):
        sys.stdout.write(f"{name} = ({', '.join(f'{value:.2f}' for value in profile)})\n")


if __name__ == "__main__":
    main()
