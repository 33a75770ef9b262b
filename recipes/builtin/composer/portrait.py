"""Everything that can truly be said of a composed window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from recipes.builtin.attributes import TEMPO_WORDS, Attributes, beats_per_minute
from recipes.builtin.composer.design import Design
from recipes.builtin.composer.instruments import BEATS, INSTRUMENTS, heard
from recipes.builtin.composer.moods import moods_of
from recipes.builtin.voices import PATCH, Note

_SPARSE, _BUSY = 5.0, 12.0
"""Onsets per beat, all voices together."""


def density_of(notes: Sequence[Note], beat: float, frames: int) -> str | None:
    """Say sparse or busy by the onsets per beat; None in between."""
    rate = sum(note.start >= 0 for note in notes) * beat / max(1, frames)
    return "sparse" if rate < _SPARSE else "busy" if rate > _BUSY else None


def portrait(design: Design, notes: Sequence[Note], frames: int, end: float | None) -> Attributes:
    """Describe what sounds in a window of frames, which ends at `end` seconds if at all."""
    counts = Counter(note.patch for note in notes if note.start >= 0)
    beat = design.meter.beat
    bpm = beats_per_minute(beat)
    sounding = frozenset(note.patch for note in notes)
    fits = [word for word, (low, high) in TEMPO_WORDS.items() if low <= bpm <= high]
    told = Attributes(
        genre=design.genre.name,
        era=design.era,
        bpm=bpm,
        tempo=fits[0] if fits else None,
        tonic=design.key.tonic,
        minor=design.key.minor,
        mode=design.key.mode,
        present=heard(patch for patch in sounding if audible(patch, counts)),
        absent=absent_from(sounding),
        lead=_lead(design, counts),
        kit=design.band.kit if sounding & BEATS else None,
        density=density_of(notes, beat, frames),
        feel="swing" if design.meter.feel == "swing" else "straight",
        seconds=end,
    )
    return moods_of(told)


def audible(patch: str, counts: Counter[str]) -> bool:
    """Whether a listener would notice it: pads by one note, everything else by two."""
    return counts[patch] >= (1 if PATCH[patch].role in {"pad", "chord"} else 2)


def _lead(design: Design, counts: Counter[str]) -> str | None:
    by_name = {n: sum(counts[p] for p in INSTRUMENTS[n]) for n in design.band.leads}
    return max(by_name, key=lambda n: by_name[n]) if any(by_name.values()) else None


def absent_from(sounding: frozenset[str]) -> tuple[str, ...]:
    """Every name that is not heard; drums only where nothing of a kit or percussion is."""
    silent = [name for name, members in INSTRUMENTS.items() if not members & sounding]
    silent = [name for name in silent if name != "drums"]
    if not sounding & BEATS:
        silent.append("drums")
    return tuple(silent)
