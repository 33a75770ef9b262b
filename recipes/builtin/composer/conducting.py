"""What the conductor says while a piece is played."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recipes.builtin.composer.design import Design
from recipes.builtin.composer.form import Bar
from recipes.builtin.composer.genre_table import GENRES
from recipes.builtin.composer.instruments import BASSES, CHORDS, LEADS, SECONDS
from recipes.builtin.composer.kits import KITS
from recipes.builtin.composer.meter import FEELS
from recipes.builtin.composer.theory import Chord
from recipes.builtin.conductor import END, PHRASE, PLAYERS, SIGNS, counted, token

_PHASES = {sign.name: sign.phase for sign in SIGNS}


def conducted(
    design: Design, laid: Sequence[Bar], offset: int, frames: int
) -> npt.NDArray[np.int64]:
    """The conductor's tokens [frames] from a frame of the piece on; END behind its last bar."""
    beat = design.meter.beat
    row = np.full(frames + 2 * beat, END, dtype=np.int64)
    lasting = _lasting(design)
    first = offset // beat
    for number in range(first, min(4 * len(laid), (offset + frames) // beat + 1)):
        at = (number - first) * beat
        row[at : at + beat] = counted(beat)
        said = {**lasting, **_passing(design, laid[number // 4], number % 4)}
        for name, value in said.items():
            row[at + _PHASES[name]] = value
    return row[offset % beat :][:frames]


def _lasting(design: Design) -> dict[str, int]:
    """What is the same in every beat."""
    band = design.band
    lead = band.leads[0] if band.leads else None
    return {
        "style": token("style", list(GENRES).index(design.genre.name),
                       list(FEELS).index(design.meter.feel)),
        "rhythm": token("rhythm", _number(KITS, band.kit), _number(BASSES, band.bass)),
        "harmony": token("harmony", _number(CHORDS, band.chords), _number(CHORDS, band.upper)),
        "melody": token("melody", _number(LEADS, lead), _number(SECONDS, band.second)),
    }  # fmt: skip


def _passing(design: Design, bar: Bar, beat: int) -> dict[str, int]:
    """What changes from beat to beat."""
    band, key = design.band, design.key
    there = {"drums": band.kit, "percussion": band.percussion, "bass": band.bass,
             "chords": band.chords, "lead": band.leads, "second": band.second}  # fmt: skip
    parts = {*bar.parts, *({"percussion"} if "drums" in bar.parts else ())}
    playing = sum(1 << i for i, name in enumerate(PLAYERS) if there[name] and name in parts)
    over = bar.chords[beat // 2]
    return {
        "place": token("place", 2 * key.tonic + key.minor, (4 * bar.place + beat) % PHRASE),
        "chord": token("chord", over.root, _third(over)),
        "playing": token("playing", playing),
    }


def _third(chord: Chord) -> int:
    return 0 if 3 in chord.intervals else 1 if 4 in chord.intervals else 2


def _number(names: Sequence[str] | dict[str, object], name: str | None) -> int:
    """1-based, 0 for None and for names that are of another part."""
    known = list(names)
    return known.index(name) + 1 if name in known else 0
