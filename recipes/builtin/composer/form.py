"""The order of events: sections, who plays in them, where phrases turn and how a piece ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from recipes.builtin.composer.design import Design
from recipes.builtin.composer.progressions import CADENCES
from recipes.builtin.composer.theory import Chord, chord

EVERYONE = frozenset({"drums", "bass", "chords", "lead", "second"})
_INTRO = 0.08
_BREAK = 0.12
_SLOW_BAR = 110
"""Frames."""
_SINGING = 0.85
"""How often a verse has its lead."""


@dataclass(frozen=True)
class Bar:
    """One bar of the plan."""

    chords: tuple[Chord, Chord]
    """One for each half."""
    section: int
    """Counts sections; bars of one section are neighbors."""
    place: int
    """0-based in its section."""
    length: int
    """Bars in the section."""
    chorus: bool = False
    parts: frozenset[str] = EVERYONE
    final: bool = False
    """The last bar: everybody strikes once and rings out."""

    @property
    def fill(self) -> int:
        """0 none, 1 a small variation (every fourth bar), 2 a fill (a section's end)."""
        return 2 if self.place == self.length - 1 else int(self.place % 4 == 3)


def plan(rng: Random, design: Design, bars: int, *, ending: bool) -> list[Bar]:
    """Lay out so many bars; with an ending, the last is the final chord."""
    laid: list[Bar] = []
    for number, (kind, parts) in enumerate(_sections(rng, design)):
        progression = design.chorus if kind == "chorus" else design.verse
        length = _length(kind, len(progression), design.meter.bar)
        for place in range(length):
            halves = _halves(progression[place % len(progression)], design.key.tonic)
            laid.append(Bar(halves, number, place, length, kind == "chorus", parts))
            if len(laid) >= bars:
                return _ended(laid, design) if ending else laid
    raise AssertionError("sections never end")


def _sections(rng: Random, design: Design) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield (kind, parts) for ever: sometimes an intro, verses and choruses, a break in between."""
    if rng.random() < _INTRO:
        yield "intro", rng.choice(_intros(design))
    while True:
        sung = design.band.second is None or rng.random() < _SINGING
        yield "verse", EVERYONE if sung else EVERYONE - {"lead"}
        yield "chorus", EVERYONE
        if rng.random() < _BREAK:
            yield "break", EVERYONE - {rng.choice(("drums", "bass", "lead"))}


def _intros(design: Design) -> Sequence[frozenset[str]]:
    intros = [EVERYONE - {"lead"}]
    if design.band.chords:
        intros += [frozenset({"chords", "second"}), frozenset({"chords", "drums"})]
    if design.band.kit:
        intros += [frozenset({"drums", "bass"})]
    return [i for i in intros if _plays(design, i)] or [EVERYONE]


def _plays(design: Design, parts: frozenset[str]) -> bool:
    band = design.band
    present = {"drums": band.kit, "bass": band.bass, "chords": band.chords, "second": band.second}
    return any(present.get(part) for part in parts)


def _length(kind: str, progression: int, bar: int) -> int:
    """Bars of a section; short intros, so that the first seconds are what was asked for."""
    if kind == "intro":
        return 2 if bar < _SLOW_BAR else 1
    return 4 if kind == "break" else max(8, progression)


def _halves(bar: str, tonic: int) -> tuple[Chord, Chord]:
    numerals = bar.split(",")
    return chord(numerals[0], tonic), chord(numerals[-1], tonic)


def _ended(laid: list[Bar], design: Design) -> list[Bar]:
    """Turn the last bars into a cadence and a final chord."""
    tonic, minor = design.key.tonic, design.key.minor
    home = chord(CADENCES[minor], tonic)
    last = laid[-1]
    laid[-1] = Bar((home, home), last.section + 1, 0, 1, last.chorus, final=True)
    if len(laid) > 1:
        before = laid[-2]
        turn = chord("V", tonic)
        laid[-2] = Bar(
            (before.chords[0], turn),
            before.section,
            before.length - 1,
            before.length,
            before.chorus,
            EVERYONE,
        )
    return laid
