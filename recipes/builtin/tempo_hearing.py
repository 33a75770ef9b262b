"""Hearing the beat in notes: which whole number of frames, in which feel, from which frame on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recipes.builtin.calibration import TEMPO_WEIGHTS
from recipes.builtin.composer.meter import FEELS, Meter
from recipes.builtin.voices import PATCH, Note

Frames = npt.NDArray[np.int64]
Features = npt.NDArray[np.float64]

_BEATS = range(15, 53)
_LEAST_FIT = 0.85
"""Candidates must explain this share of what the best one explains."""
_CENTER_BPM = 110.0


@dataclass(frozen=True)
class Pulse:
    """A meter, the frame of a beat modulo the beat, and the share of onsets on its grid."""

    meter: Meter
    phase: int
    fit: float


@dataclass(frozen=True)
class Onsets:
    """Frames [N] at which things begin."""

    everything: Frames
    changes: Frames
    """Where a chord voice takes another pitch class."""
    snares: Frames
    kicks: Frames


def onsets_of(notes: Sequence[Note]) -> Onsets:
    """Collect the onsets inside the window; notes that began before it are not onsets."""
    inside = [note for note in notes if note.start >= 0]
    changes: set[int] = set()
    for voice in (4, 5, 6):
        line = [note for note in inside if PATCH[note.patch].codebook == voice]
        changes |= {b.start for a, b in pairwise(line) if (a.pitch - b.pitch) % 12}

    def frames_of(role: str) -> Frames:
        return np.array([n.start for n in inside if PATCH[n.patch].role == role], dtype=np.int64)

    return Onsets(
        np.array([note.start for note in inside], dtype=np.int64),
        np.array(sorted(changes), dtype=np.int64),
        frames_of("snare"),
        frames_of("kick"),
    )


def pulses(onsets: Onsets) -> list[Pulse]:
    """Every beat and feel on whose grid most onsets fall; empty only without onsets."""
    if not len(onsets.everything):
        return []
    found = [_best_phase(onsets.everything, Meter(b, feel)) for b in _BEATS for feel in FEELS]
    enough = _LEAST_FIT * max(pulse.fit for pulse in found)
    return [pulse for pulse in found if pulse.fit >= enough]


def _best_phase(starts: Frames, meter: Meter) -> Pulse:
    folded = np.bincount(starts % meter.beat, minlength=meter.beat)
    hits = np.sum([np.roll(folded, -step) for step in set(meter.steps)], axis=0)
    phase = int(np.lexsort((folded, hits))[-1])
    return Pulse(meter, phase, float(hits[phase] / len(starts)))


def pulse_features(onsets: Onsets, pulse: Pulse) -> Features:
    """What speaks for a pulse: fit, places in the beat, harmony's and drums' periods, [F]."""
    beat, phase = pulse.meter.beat, pulse.phase
    steps = pulse.meter.steps
    folded = np.bincount((onsets.everything - phase) % beat, minlength=beat)
    shares = [folded[step] / len(onsets.everything) for step in steps]
    octave = np.log2(3000 / beat / _CENTER_BPM)
    return np.array(
        [
            10 * pulse.fit,
            *(shares[0], shares[2], shares[1] + shares[3]),
            *(octave, octave * octave),
            *(_peak(onsets.changes, beats * beat) for beats in (1, 2, 4, 8)),
            *(_period(onsets.snares, beats * beat) for beats in (1, 2, 4)),
            *(_period(onsets.kicks, beats * beat) for beats in (1, 2, 4)),
            *(_peak(onsets.snares, 2 * beat), _peak(onsets.kicks, 4 * beat)),
            *(pulse.meter.feel == feel for feel in ("swing", "laid back")),
        ]
    )


def _peak(frames: Frames, period: int) -> float:
    """The largest share of frames that agree modulo a period."""
    return float(np.bincount(frames % period).max() / len(frames)) if len(frames) else 0.0


def _period(frames: Frames, period: int) -> float:
    """The share of steps from one to the next that are a period, give or take a frame."""
    return float(np.mean(np.abs(np.diff(frames) - period) <= 1)) if len(frames) > 1 else 0.0


def hear_pulse(notes: Sequence[Note]) -> Pulse | None:
    """The likeliest pulse; None without onsets."""
    onsets = onsets_of(notes)
    weights = np.array(TEMPO_WEIGHTS)
    found = pulses(onsets)
    return max(found, key=lambda p: float(pulse_features(onsets, p) @ weights), default=None)


def on_grid(notes: Sequence[Note], pulse: Pulse) -> Iterator[bool]:
    """Whether each onset falls on the pulse's grid."""
    steps = set(pulse.meter.steps)
    for note in notes:
        if note.start >= 0:
            yield (note.start - pulse.phase) % pulse.meter.beat in steps
