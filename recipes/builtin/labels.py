"""What a caption says as ones and zeros: a lesson of its own for the text encoder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from recipes.builtin.attributes import FASTEST, SLOWEST, TEMPO_WORDS, Attributes, frames_per_beat
from recipes.builtin.captions import english_words as words
from recipes.builtin.captions.saying import MODES_BY_NAME
from recipes.builtin.composer.instruments import INSTRUMENTS


def _told(said: Attributes) -> Iterator[str]:
    for field in ("genre", "era", "tempo", "tonic", "minor", "mode", "lead", "kit"):
        value = getattr(said, field)
        if value is not None:
            yield f"{field} {value}"
    if said.bpm is not None:
        yield f"beat {frames_per_beat(said.bpm)}"
    for field in ("density", "feel"):
        if getattr(said, field) is not None:
            yield f"{field} {getattr(said, field)}"
    for field in ("moods", "present", "absent"):
        yield from (f"{field} {name}" for name in getattr(said, field))


@cache
def label_numbers() -> dict[str, int]:
    """Every label's place in a row of labels_of."""
    names = [f"genre {name}" for name in words.GENRES]
    names += [f"era {name}" for name in words.ERAS]
    names += [f"tempo {name}" for name in TEMPO_WORDS]
    names += [f"tonic {tonic}" for tonic in range(12)] + ["minor True", "minor False"]
    names += [f"mode {name}" for name in sorted(MODES_BY_NAME)]
    names += [f"kit {name}" for name in words.KITS]
    names += [f"beat {frames}" for frames in range(FASTEST, SLOWEST + 1)]
    names += ["density sparse", "density busy", "feel swing"]
    names += [f"moods {name}" for name in words.MOODS]
    for field in ("present", "absent", "lead"):
        names += [f"{field} {name}" for name in INSTRUMENTS]
    return {name: number for number, name in enumerate(names)}


def labels_of(said: Attributes) -> npt.NDArray[np.float32]:
    """What is said -> 1 for every label that is meant, 0 for all others."""
    numbers = label_numbers()
    row = np.zeros(len(numbers), dtype=np.float32)
    row[[numbers[name] for name in _told(said)]] = 1.0
    return row
