"""Who plays: instruments for the eight voices, by genre, decade and wish."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from recipes.builtin.attributes import Attributes
from recipes.builtin.composer.basslines import ARPEGGIOS, BASSLINES, COMPS
from recipes.builtin.composer.genres import ERA_KITS, ERA_TASTE, Choice, Genre
from recipes.builtin.composer.grooves import GROOVES, Groove
from recipes.builtin.composer.instruments import BASSES, CHORDS, GENERIC, LEADS, SECONDS
from recipes.builtin.composer.kits import KITS, PERCUSSION_LINES

_TASTE = 3.0
_GUEST = 0.06
"""How often a part is played by an instrument of any genre, so that any can be asked for."""
_HELD = frozenset({"organ", "strings", "synth pad"})


@dataclass(frozen=True)
class Band:
    """The players of a piece and their patterns; None where nobody plays the part."""

    kit: str | None = None
    grooves: tuple[Groove, Groove] | None = None
    """For verses and choruses."""
    percussion: tuple[str, ...] = ()
    bass: str | None = None
    bassline: str = ""
    """A pattern of a bar; so are the next two."""
    chords: str | None = None
    comp: str = ""
    upper: str | None = None
    """A second chord instrument that holds the high voice."""
    leads: tuple[str, ...] = ()
    """One, or two that take turns."""
    second: str | None = None
    figure: str = ""

    @property
    def players(self) -> tuple[str, ...]:
        """The pitched instruments."""
        parts = (self.bass, self.chords, self.upper, *self.leads, self.second)
        return tuple(part for part in parts if part)


class _Casting:
    """Fills the parts one by one, first with whom the wish names."""

    def __init__(self, rng: Random, genre: Genre, era: str | None, wish: Attributes) -> None:
        self.rng, self.genre, self.era, self.wish = rng, genre, era, wish
        self.barred = _barred(wish.absent)
        self.wanted = self._specific(wish)

    def _specific(self, wish: Attributes) -> list[str]:
        """The wished instruments, generic names settled on one the genre likes."""
        named = [*([wish.lead] if wish.lead else []), *wish.present]
        settled: list[str] = []
        for name in dict.fromkeys(named):
            members = GENERIC.get(name)
            if members is None:
                settled.append(name)
            elif not set(members) & {*named, *settled}:
                settled.append(self._member(name, members))
        return settled

    def _member(self, name: str, members: tuple[str, ...]) -> str:
        genre = self.genre
        liked = {**dict.fromkeys(genre.chords, 3.0), **genre.leads, **genre.seconds, **genre.basses}
        if name == "percussion":
            liked = dict(genre.percussion)
        weights = {m: liked.get(m, 0.0) for m in members if m not in self.barred}
        if not any(weights.values()):
            weights = dict.fromkeys(weights, 1.0)
        return self.pick(weights or {members[0]: 1.0})

    def pick(self, weights: Choice) -> str:
        """One of the names by weight, the decade's taste counted in."""
        taste = ERA_TASTE.get(self.era or "", frozenset())
        scaled = [w * (_TASTE if name in taste else 1) for name, w in weights.items()]
        return self.rng.choices(list(weights), scaled)[0]

    def cast(
        self, own: Choice, everyone: Iterable[str], chance: float, *, count: int = 1
    ) -> list[str]:
        """Up to `count` players: those wished for, else one of the genre's own by chance."""
        asked = [name for name in self.wanted if name in set(everyone)][:count]
        if asked:
            return asked
        if self.rng.random() >= chance:
            return []
        weights = {n: w for n, w in own.items() if n not in self.barred and w > 0}
        if self.rng.random() < _GUEST or not weights:
            weights = {n: 1.0 for n in everyone if n not in self.barred}
        return [self.pick(weights)] if weights and own else []

    def take(self, names: Iterable[str]) -> None:
        """Strike players off the wish: they have a part."""
        taken = set(names)
        self.wanted = [name for name in self.wanted if name not in taken]


def _barred(absent: Iterable[str]) -> set[str]:
    names = set(absent)
    for name in absent:
        names |= set(GENERIC.get(name, ()))
    if "distorted guitar" in names:
        names.add("guitar solo")
    return names


def gather(rng: Random, genre: Genre, era: str | None, wish: Attributes) -> Band:
    """Cast a band: everyone the wish names has a part, nobody it bars."""
    casting = _Casting(rng, genre, era, wish)
    band = _melodists(casting, _harmony(casting, Band()))
    band = _drummers(casting, _bassist(casting, band))
    return band if band.players else replace(band, chords="synth pad", comp="X---------------")


def _harmony(casting: _Casting, band: Band) -> Band:
    """Chord players; an instrument that also leads is left to lead when the wish says so."""
    rng, genre, wish = casting.rng, casting.genre, casting.wish
    everyone = [name for name in CHORDS if name != wish.lead or name not in LEADS]
    weights = {name: 1.0 for name in genre.chords if name != wish.lead}
    cast = casting.cast(weights, everyone, genre.chord, count=2)
    if not cast:
        return band
    chords, *others = sorted(cast, key=lambda name: name in _HELD)
    casting.take(cast)
    if not others and rng.random() < 0.12:
        others = [n for n in ("strings", "organ", "synth pad") if n in genre.chords and n != chords]
        others = [n for n in others if n not in casting.barred]
    styles = genre.chords.get(chords) or _manner(chords)
    return replace(
        band,
        chords=chords,
        comp=rng.choice(COMPS[rng.choice(styles)]),
        upper=rng.choice(others) if others else None,
    )


def _manner(chords: str) -> tuple[str, ...]:
    """How an instrument plays chords in a genre that does not know it."""
    if chords in _HELD:
        return ("hold", "halves")
    return ("power", "chugs") if chords == "distorted guitar" else ("push", "broken", "halves")


def _melodists(casting: _Casting, band: Band) -> Band:
    """Leads and the second voice, which share codebooks 7 and 8."""
    rng, genre, wish = casting.rng, casting.genre, casting.wish
    able = {**LEADS, **{name: patch for name, patch in SECONDS.items() if name != "choir"}}
    leads = [wish.lead] if wish.lead in able else []
    casting.take(leads)
    own = {n: w for n, w in genre.leads.items() if n not in {band.chords, band.upper}}
    chance = 0.0 if leads else genre.lead
    leads += casting.cast(own, [n for n in able if n not in SECONDS], chance, count=2 - len(leads))
    casting.take(leads)
    seconds = casting.cast(genre.seconds, SECONDS, genre.second, count=2)
    free = not set(leads) & set(SECONDS)
    second = next((name for name in seconds if free), None)
    extra = [n for n in seconds if n != second and n in casting.wanted and n != "choir"]
    leads = [*leads, *extra][:2]
    figure = ""
    if second and second != "choir":
        figure = rng.choice(ARPEGGIOS[rng.choice(genre.arpeggios)])
    if not (band.chords or leads or second):
        leads = casting.cast(own, LEADS, 1.0)
    return replace(band, leads=tuple(leads), second=second, figure=figure)


def _tempered(chance: float) -> float:
    """Never quite never and never quite always, so that prompts can ask for the exception."""
    return min(1 - _GUEST, max(_GUEST, chance))


def _bassist(casting: _Casting, band: Band) -> Band:
    genre = casting.genre
    cast = casting.cast(genre.basses, BASSES, _tempered(genre.bass))
    casting.take(cast)
    styles = [style for style in genre.basslines if style != "none"]
    line = casting.rng.choice(BASSLINES[casting.rng.choice(styles)])
    return replace(band, bass=cast[0] if cast else None, bassline=line)


def _drummers(casting: _Casting, band: Band) -> Band:
    """A kit that fits genre and decade, a groove for each section, percussion by wish or chance."""
    rng, genre, wish = casting.rng, casting.genre, casting.wish
    lines = [name for name in casting.wanted if name in PERCUSSION_LINES]
    drums = wish.kit is not None or bool({"drums", "brushes"} & set(wish.present)) or bool(lines)
    if "drums" in wish.absent or not (drums or rng.random() < _tempered(genre.drums)):
        return band
    narrowed = {k: w for k, w in genre.kits.items() if k in ERA_KITS.get(casting.era or "", KITS)}
    kit = wish.kit or casting.pick(narrowed or genre.kits)
    grooves = GROOVES[genre.drum_style]
    verse = rng.choice(grooves)
    if "brushes" in wish.present:
        kit = "jazz"
    elif wish.kit is None and rng.random() < _GUEST:
        kit = rng.choice(list(KITS))
    if not lines and genre.percussion and rng.random() < 0.3:
        lines = [casting.pick(genre.percussion)]
    elif not lines and rng.random() < _GUEST:
        lines = [rng.choice(list(PERCUSSION_LINES))]
    lines = [n for n in lines if n not in casting.barred and "percussion" not in wish.absent]
    return replace(
        band,
        kit=kit,
        grooves=(verse, rng.choice(grooves) if rng.random() < 0.5 else verse),
        percussion=tuple(lines[:2]),
    )
