"""Every decision about a piece that is taken before its first note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from recipes.builtin.attributes import FASTEST, SLOWEST, TEMPO_WORDS, Attributes, frames_per_beat
from recipes.builtin.composer.band import Band, gather
from recipes.builtin.composer.genre_table import GENRES
from recipes.builtin.composer.genres import Genre
from recipes.builtin.composer.meter import Meter
from recipes.builtin.composer.progressions import Progression, progressions
from recipes.builtin.composer.theory import MODES, Key

_STRAYING = 0.12
"""How often a free piece leaves its genre's tempo range, so that any number can be asked for."""
_FOREIGN = 0.04
"""How often it takes a mode or a feel that its genre does not know."""
_POPULAR_TONICS = {0: 3, 2: 3, 4: 2, 5: 2, 7: 3, 9: 3}


@dataclass(frozen=True)
class Design:
    """A genre's choices made: tempo, key, chords, players and what they play."""

    genre: Genre
    era: str | None
    meter: Meter
    key: Key
    verse: Progression
    chorus: Progression
    band: Band


def pick(rng: Random, weights: Mapping[str, float]) -> str:
    """One of the names, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def design(rng: Random, wish: Attributes) -> Design:
    """Decide on a piece; what the wish names is kept, the rest follows the genre."""
    genre = GENRES[wish.genre or rng.choice(list(GENRES))]
    era = wish.era
    if era is None and genre.eras and rng.random() < 0.5:
        era = rng.choice(genre.eras)
    feels = {feel: w for feel, w in genre.feels.items() if _felt(wish.feel, feel)}
    feel = pick(rng, feels or {wish.feel or "straight": 1})
    if wish.feel is None and rng.random() < _FOREIGN:
        feel = "swing"
    key = _key(rng, genre, wish)
    choices = progressions(genre.progressions, key.mode)
    verse = rng.choice(choices)
    chorus = rng.choice([p for p in choices if len(p) == len(verse)])
    return Design(
        genre=genre,
        era=era,
        meter=Meter(_beat(rng, genre, wish), feel),
        key=key,
        verse=verse,
        chorus=chorus if rng.random() < 0.5 else verse,
        band=gather(rng, genre, era, wish),
    )


def _felt(wanted: str | None, feel: str) -> bool:
    return wanted is None or (wanted == "swing") == (feel == "swing")


def _beat(rng: Random, genre: Genre, wish: Attributes) -> int:
    """Frames per beat: as asked, else within the word and the genre, else anything now and then."""
    if wish.bpm is not None:
        return frames_per_beat(wish.bpm)
    low, high = map(float, genre.bpm)
    if wish.tempo is not None:
        slowest, fastest = TEMPO_WORDS[wish.tempo]
        low, high = max(low, slowest), min(high, fastest)
        if low >= high:
            low, high = slowest, fastest
    elif rng.random() < _STRAYING:
        return rng.randint(FASTEST, SLOWEST)
    fewest, most = frames_per_beat(high), frames_per_beat(low)
    inside = [n for n in range(fewest, most + 1) if low <= 3000 / n <= high]
    return rng.choice(inside or [fewest])


def _key(rng: Random, genre: Genre, wish: Attributes) -> Key:
    tonics = [wish.tonic] if wish.tonic is not None else range(12)
    tonic = rng.choices(list(tonics), [_POPULAR_TONICS.get(t, 1.5) for t in tonics])[0]
    if wish.mode is not None:
        return Key(tonic, wish.mode)
    known: Mapping[str, float] = genre.modes
    if rng.random() < _FOREIGN:
        known = {mode: 1.0 for mode in MODES if mode != "blues"}
    modes = {m: w for m, w in known.items() if _third(wish.minor, m)}
    return Key(tonic, pick(rng, modes or {"minor" if wish.minor else "major": 1}))


def _third(minor: bool | None, mode: str) -> bool:
    return minor is None or minor == (4 not in MODES[mode])
