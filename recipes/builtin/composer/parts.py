"""What each player plays: bars of the plan become notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from recipes.builtin.composer.design import Design
from recipes.builtin.composer.form import Bar
from recipes.builtin.composer.grooves import BAR, FILLS
from recipes.builtin.composer.instruments import BASSES, CHORDS, LEADS, SECONDS
from recipes.builtin.composer.kits import KITS, PERCUSSION_LINES, weave
from recipes.builtin.composer.melody import PHRASE_BARS, Melodist
from recipes.builtin.composer.melody_styles import MELODY_STYLES
from recipes.builtin.composer.theory import Chord, melody_scale
from recipes.builtin.composer.voicing import Range, Voicing, nearest, pitches, voice
from recipes.builtin.voices import PATCH, Note

_HALF = BAR // 2
_RING_OUT = 75
"""Frames that a final chord may ring."""
_CHORD_VOICES = ("low", "mid", "high")
_BASS_ROOTS: Range = (28, 39)


class Score:
    """Collects notes given in sixteenths of a design's meter."""

    def __init__(self, design: Design) -> None:
        self.meter = design.meter
        self.notes: list[Note] = []

    def add(self, patch: str, pitch: int, start: int, length: int) -> None:
        """Write a note from one sixteenth on, for so many."""
        first = self.meter.frame(start)
        self.notes.append(Note(patch, pitch, first, self.meter.frame(start + length) - first))

    def ring(self, patch: str, pitch: int, start: int) -> None:
        """Write a note that ends by itself, held ones after the ring-out."""
        sound = PATCH[patch]
        frames = _RING_OUT if sound.loop else sound.ages
        self.notes.append(Note(patch, pitch, self.meter.frame(start), frames))


def pitch_range(patch: str) -> Range:
    """The lowest and the highest pitch of a patch."""
    sound = PATCH[patch]
    return sound.lowest, sound.lowest + sound.notes - 1


def spans(pattern: str) -> Iterator[tuple[int, int, str]]:
    """(start, length, letter) of every note in a pattern; ``-`` holds, ``.`` rests."""
    start = None
    for place, letter in enumerate(f"{pattern}."):
        if letter == "-":
            continue
        if start is not None:
            yield start, place - start, pattern[start]
        start = None if letter == "." else place


def drums(rng: Random, design: Design, bars: Sequence[Bar], score: Score) -> None:
    """Play the groove, a variation every fourth bar, a fill where a section ends."""
    band, genre = design.band, design.genre
    if band.kit is None or band.grooves is None:
        return
    kit = KITS[band.kit]
    fills = FILLS[genre.fills]
    for number, bar in enumerate(bars):
        if "drums" not in bar.parts:
            continue
        if bar.final:
            for letter in ("k", "x" if genre.crash else "o"):
                score.ring(kit[letter], 0, number * BAR)
            continue
        groove = band.grooves[bar.chorus]
        at = bar.place * BAR % len(groove.low)
        low, high = groove.low[at : at + BAR], groove.high[at : at + BAR]
        for name in band.percussion:
            high = weave(high, PERCUSSION_LINES[name])
        if bar.fill and fills and rng.random() < (0.35 if bar.fill == 1 else 0.8):
            fill = rng.choice(fills)
            keep = _HALF if bar.fill == 2 else BAR - 4
            low = low[:keep] + fill[keep - BAR :]
        if genre.crash and bar.place == 0 and not band.percussion:
            high = "x" + "." * (_HALF - 1) + high[_HALF:]
        for letters in (low, high):
            for place, letter in enumerate(letters):
                if letter != ".":
                    score.ring(kit[letter], 0, number * BAR + place)


def bass(rng: Random, design: Design, bars: Sequence[Bar], score: Score) -> None:
    """Play the bass pattern over each bar's chords."""
    if design.band.bass is None:
        return
    patch = BASSES[design.band.bass]
    within = pitch_range(patch)
    for number, bar in enumerate(bars):
        if "bass" not in bar.parts:
            continue
        if bar.final:
            score.ring(patch, _root(bar.chords[0]), number * BAR)
            continue
        ahead = bars[number + 1].chords[0] if number + 1 < len(bars) else bar.chords[0]
        line = design.band.bassline
        for start, length, letter in spans(line):
            over = bar.chords[start // _HALF]
            turns = start == _HALF and bar.chords[0] != bar.chords[1]
            pitch = _bass_pitch(rng, design, "R" if turns else letter, over, ahead, within)
            score.add(patch, pitch, number * BAR + start, length)


def _root(over: Chord) -> int:
    return nearest((over.root,), 33, _BASS_ROOTS)


def _bass_pitch(
    rng: Random, design: Design, letter: str, over: Chord, ahead: Chord, within: Range
) -> int:
    root = _root(over)
    low, high = within
    if letter == "8":
        return root + 12 if root + 12 <= high else root
    if letter == "a":
        goal = _root(ahead)
        steps = [p for p in (goal - 1, goal + 1, goal - 2, goal + 2) if low <= p <= high]
        scale = set(melody_scale(design.key, over))
        return next((p for p in steps if p % 12 in scale and p != root), steps[0])
    if letter == "w":
        reach = range(root + 2, min(root + 9, high) + 1)
        near = [p for p in reach if p % 12 in melody_scale(design.key, over)]
        return rng.choice(near or [root])
    tones = {
        "R": over.root,
        "5": over.fifth,
        "3": over.tones[1] if len(over.tones) > 2 else over.fifth,
        "6": (over.root + 9) % 12,
        "7": over.tones[3] if len(over.tones) > 3 else over.fifth,
    }
    return root if letter == "R" else nearest((tones[letter],), root + 5, within)


def chords(_: Random, design: Design, bars: Sequence[Bar], score: Score) -> None:
    """Voice the chords smoothly and play them in the comping pattern."""
    band = design.band
    if band.chords is None:
        return
    stems = [band.chords, band.chords, band.upper or band.chords]
    patches = [f"{CHORDS[s]}_{v}" for s, v in zip(stems, _CHORD_VOICES, strict=True)]
    low, mid, high = (pitch_range(patch) for patch in patches)
    previous: Voicing | None = None
    for number, bar in enumerate(bars):
        voicings = []
        for over in bar.chords:
            previous = voice(over, (low, mid, high), previous, band.bass is None)
            voicings.append(previous)
        if "chords" not in bar.parts:
            continue
        if bar.final:
            for patch, pitch in zip(patches, voicings[0], strict=True):
                score.ring(patch, pitch, number * BAR)
            continue
        lines = _voice_lines(band.comp, held_high=band.upper is not None)
        for index, line in enumerate(lines):
            for start, length, _letter in spans(_rechorded(line, bar)):
                pitch = voicings[start // _HALF][index]
                score.add(patches[index], pitch, number * BAR + start, length)


_WHO = {"X": "LMH", "U": "MH", "L": "L", "M": "M", "H": "H"}


def _voice_lines(comp: str, *, held_high: bool) -> list[str]:
    """A comping pattern -> a pattern of X, - and . for each voice; single hits let others ring."""
    broken = any(letter in "LMHU" for letter in comp)
    lines = []
    for voice_letter in "LMH":
        line = []
        for letter in comp:
            if letter in _WHO:
                plays = voice_letter in _WHO[letter]
                line.append("X" if plays else "-" if broken and "X" in line else ".")
            else:
                line.append("-" if letter == "-" and "X" in line else ".")
        lines.append("".join(line))
    if held_high:
        lines[2] = "X" + "-" * (BAR - 1)
    return lines


def _rechorded(line: str, bar: Bar) -> str:
    """Strike again at the half bar when the chord changes there under a held note."""
    if bar.chords[0] != bar.chords[1] and line[_HALF] == "-":
        return line[:_HALF] + "X" + line[_HALF + 1 :]
    return line


def second(_: Random, design: Design, bars: Sequence[Bar], score: Score) -> None:
    """Play the second voice: a pad that holds a chord tone, or a figure up and down the chord."""
    band = design.band
    if band.second is None:
        return
    patch = SECONDS[band.second]
    within = pitch_range(patch)
    pitch = (within[0] + within[1]) // 2
    for number, bar in enumerate(bars):
        if "second" not in bar.parts:
            continue
        if bar.final:
            score.ring(patch, nearest(bar.chords[0].tones, pitch, within), number * BAR)
            continue
        if not band.figure:
            line = _rechorded("X" + "-" * (BAR - 1), bar)
            for start, length, _letter in spans(line):
                pitch = nearest(bar.chords[start // _HALF].tones[1:3], pitch, within)
                score.add(patch, pitch, number * BAR + start, length)
            continue
        for start, _length, letter in spans(band.figure):
            rungs = _rungs(bar.chords[start // _HALF], within)
            score.add(patch, rungs[int(letter) % len(rungs)], number * BAR + start, 2)


def _rungs(over: Chord, within: Range) -> list[int]:
    """Four chord tones from the first root in range upwards."""
    low, high = within
    root = next(iter(pitches(over.root, within)))
    tones = sorted(p for tone in over.tones for p in pitches(tone, (root, high)))
    if len(tones) < 4:
        tones = sorted(p for tone in over.tones for p in pitches(tone, (low, high)))
    return tones[:4]


def leads(rng: Random, design: Design, bars: Sequence[Bar], score: Score) -> None:
    """Sing the melody, phrase by phrase; two leads take turns."""
    names = design.band.leads
    if not names:
        return
    style = MELODY_STYLES[design.genre.melody]
    patches = [{**LEADS, **SECONDS}[name] for name in names]
    singers = [Melodist(rng, style, design.key, pitch_range(patch)) for patch in patches]
    turn = rng.randrange(len(names))
    for first, phrase in _phrases(bars, PHRASE_BARS if len(names) == 1 else PHRASE_BARS // 2):
        patch, singer = patches[turn % len(names)], singers[turn % len(names)]
        turn += 1
        if phrase[0].final:
            home = nearest(phrase[0].chords[0].tones[:2], singer.center, singer.within)
            score.ring(patch, home, first * BAR)
        elif "lead" in phrase[0].parts:
            for tone in singer.phrase([bar.chords for bar in phrase], phrase[0].chorus):
                score.add(patch, tone.pitch, first * BAR + tone.start, tone.length)


def _phrases(bars: Sequence[Bar], longest: int) -> Iterator[tuple[int, Sequence[Bar]]]:
    """Cut the plan into phrases that keep to their section; twelve bars are four and eight."""
    first = 0
    while first < len(bars):
        bar = bars[first]
        length = min(bar.length - bar.place, longest)
        if bar.length - bar.place == 12:
            length = 4
        length = min(length, max(1, len(bars) - 1 - first)) if bars[-1].final else length
        yield first, bars[first : first + length]
        first += length
