"""What a caption says: some of what is true of a piece, in the same form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from recipes.builtin.attributes import Attributes, frames_per_beat
from recipes.builtin.composer.genre_table import GENRES
from recipes.builtin.composer.instruments import BASSES, CHORDS, INSTRUMENTS, LEADS, SECONDS
from recipes.builtin.composer.kits import PERCUSSION_LINES

MODES_BY_NAME = frozenset({"dorian", "mixolydian", "phrygian", "lydian"})
_UNNAMED = frozenset({"percussion", "brushes"})
MISSABLE = ("bass", "guitar", "synth", "piano", "strings", "saxophone", "synth pad", "percussion")
"""What captions may say is missing, besides drums."""
_UNUSUAL = 0.75
"""How likely something is said that its genre does not bring along."""


@dataclass(frozen=True)
class Habits:
    """How likely each kind of attribute is said."""

    genre: float = 0.86
    era: float = 0.5
    bpm: float = 0.3
    tempo: float = 0.3
    key: float = 0.4
    family: float = 0.08
    mood: float = 0.45
    kit: float = 0.25
    absent: float = 0.2
    no_drums: float = 0.75
    density: float = 0.2
    feel: float = 0.25
    seconds: float = 1.0
    """Always: nobody wants a piece to end who did not say so."""
    instruments: tuple[float, ...] = (0.18, 0.27, 0.28, 0.17, 0.1)
    """Weights of naming none, one, two..."""
    wanted: tuple[str, ...] = ()
    """Instruments that are always said if they are heard."""


def choose(rng: Random, truth: Attributes, habits: Habits | None = None) -> Attributes:
    """Pick what to say of a piece; never nothing."""
    habits = habits or Habits()
    said = _chosen(rng, truth, habits)
    while said == Attributes():
        said = _chosen(rng, truth, habits)
    return said


def _chosen(rng: Random, truth: Attributes, usual: Habits) -> Attributes:
    habits = _provoked(truth, usual)

    def says(chance: float) -> bool:
        return rng.random() < chance

    genre = truth.genre if says(habits.genre) else None
    bpm = asked_bpm(rng, truth.bpm) if truth.bpm and says(habits.bpm) else None
    kit = truth.kit if says(habits.kit) else None
    present, lead = _instruments(rng, truth, habits, drums=kit is None)
    tonic, minor, mode = _key(rng, truth, habits)
    return Attributes(
        genre=genre,
        era=truth.era if genre and says(habits.era) else None,
        bpm=bpm,
        tempo=truth.tempo if bpm is None and says(habits.tempo) else None,
        tonic=tonic,
        minor=minor,
        mode=mode,
        moods=_moods(rng, truth, habits),
        present=present,
        absent=_absent(rng, truth, habits),
        lead=lead,
        kit=kit,
        density=truth.density if says(habits.density) else None,
        feel=truth.feel if truth.feel == "swing" and says(habits.feel) else None,
        seconds=truth.seconds if says(habits.seconds) else None,
    )


def _provoked(truth: Attributes, habits: Habits) -> Habits:
    """People say what they want to be unusual: raise the chances of what the genre is not."""
    if truth.genre is None:
        return habits
    genre = GENRES[truth.genre]
    low, high = genre.bpm
    if truth.bpm and not low * 0.97 <= truth.bpm <= high * 1.03:
        habits = replace(habits, bpm=max(0.55, habits.bpm), tempo=0.75)
    if truth.mode not in genre.modes:
        habits = replace(habits, key=max(0.5, habits.key), family=0.3)
    if truth.kit not in genre.kits:
        habits = replace(habits, kit=_UNUSUAL)
    if truth.feel == "swing" and "swing" not in genre.feels:
        habits = replace(habits, feel=_UNUSUAL)
    if genre.drums >= 0.5:
        habits = replace(habits, no_drums=0.95)
    return habits


def strangers(truth: Attributes) -> list[str]:
    """The instruments heard that the genre does not bring along."""
    if truth.genre is None:
        return []
    genre = GENRES[truth.genre]
    known = {*genre.chords, *genre.leads, *genre.seconds, *genre.basses, *genre.percussion}
    if genre.drums >= 0.5:
        known.add("drums")
    known |= {name for name in INSTRUMENTS if any(_same(name, each) for each in known)}
    players = {*CHORDS, *LEADS, *SECONDS, *BASSES, *PERCUSSION_LINES, "drums"}
    return [name for name in truth.present if name in players - known]


def asked_bpm(rng: Random, bpm: float) -> float:
    """A whole number of bpm that the piece's beat is the nearest to; round ones more often."""
    beat = frames_per_beat(bpm)
    near = range(int(bpm * 0.96), int(bpm * 1.04) + 2)
    fitting = [number for number in near if frames_per_beat(number) == beat]
    fitting = [number for number in fitting if abs(number / bpm - 1) < 0.03]
    weights = [4 if number % 10 == 0 else 2 if number % 5 == 0 else 1 for number in fitting]
    return float(rng.choices(fitting, weights)[0]) if fitting else float(round(bpm))


def _key(
    rng: Random, truth: Attributes, habits: Habits
) -> tuple[int | None, bool | None, str | None]:
    """(tonic, minor, mode) as far as they are said."""
    chance = rng.random()
    if chance < habits.key:
        return truth.tonic, truth.minor, truth.mode if truth.mode in MODES_BY_NAME else None
    return None, truth.minor if chance < habits.key + habits.family else None, None


def _moods(rng: Random, truth: Attributes, habits: Habits) -> tuple[str, ...]:
    if not truth.moods or rng.random() >= habits.mood:
        return ()
    count = 2 if len(truth.moods) > 1 and rng.random() < 0.2 else 1
    return tuple(rng.sample(truth.moods, count))


def _instruments(
    rng: Random, truth: Attributes, habits: Habits, *, drums: bool
) -> tuple[tuple[str, ...], str | None]:
    """Names to say, at most one for each thing heard, and which of them has the melody."""
    count = rng.choices(range(len(habits.instruments)), habits.instruments)[0]
    named = [name for name in truth.present if name not in _UNNAMED or rng.random() < 0.1]
    named = [name for name in named if drums or name != "drums"]
    rng.shuffle(named)
    if truth.lead in named and rng.random() < 0.6:
        named.remove(truth.lead)
        named.insert(0, truth.lead)
    strange = [name for name in strangers(truth) if name in named and rng.random() < _UNUSUAL]
    wanted = [name for name in habits.wanted if name in truth.present]
    count = max(count, len(dict.fromkeys([*wanted, *strange])))
    chosen: list[str] = []
    for name in dict.fromkeys([*wanted, *strange, *named]):
        if len(chosen) < count and not any(_same(name, other) for other in chosen):
            chosen.append(name)
    leads = truth.lead in chosen and rng.random() < 0.6
    rng.shuffle(chosen)
    return tuple(chosen), truth.lead if leads else None


def _same(one: str, other: str) -> bool:
    """Whether one name only repeats the other: what answers to it answers to both."""
    mine, theirs = INSTRUMENTS[one], INSTRUMENTS[other]
    return mine <= theirs or theirs <= mine


def _absent(rng: Random, truth: Attributes, habits: Habits) -> tuple[str, ...]:
    said = []
    if "drums" in truth.absent and rng.random() < habits.no_drums:
        said.append("drums")
    missing = [name for name in MISSABLE if name in truth.absent]
    if missing and rng.random() < habits.absent:
        said.append(rng.choice(missing))
    return tuple(said)
