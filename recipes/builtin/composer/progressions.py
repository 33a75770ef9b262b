"""Chord progressions as numerals; a bar each, two chords in a bar joined by a comma."""

from __future__ import annotations

Progression = tuple[str, ...]


def _progressions(rows: str) -> tuple[Progression, ...]:
    """Read lines of bars."""
    return tuple(tuple(row.split()) for row in rows.strip().splitlines())


PROGRESSIONS: dict[str, dict[str, tuple[Progression, ...]]] = {
    "pop": {
        "major": _progressions("""
            I V vi IV
            I vi IV V
            I IV vi V
            I V IV V
            I V IV I
            I IV I V"""),
        "minor": _progressions("""
            i bVI bIII bVII
            i bVII bVI bVII
            i iv bVI bVII
            i bIII bVII iv"""),
    },
    "synth": {
        "major": _progressions("""
            I V vi IV
            Iadd9 IV vi V
            I I IV V
            I IV ii V"""),
        "minor": _progressions("""
            i bVI bVII i
            i bVI bIII bVII
            i bVII bVI bVI
            i i bVI bVII"""),
    },
    "rock": {
        "major": _progressions("""
            I5 bVII5 IV5 I5
            I5 IV5 I5 V5
            I5 V5 vi IV5
            I5 IV5 V5 IV5"""),
        "minor": _progressions("""
            i5 bVI5 bIII5 bVII5
            i5 bVII5 bVI5 bVII5
            i5 i5 bVI5 bVII5
            i5 iv5 bVI5 v5"""),
    },
    "metal": {
        "minor": _progressions("""
            i5 i5 bVI5 bVII5
            i5 bVII5 i5 bVI5
            i5 bVI5 bVII5 i5
            i5 i5 bIII5 bVII5"""),
        "phrygian": _progressions("""
            i5 bII5 i5 bVII5
            i5 i5 bII5 bIII5
            i5 bII5 bIII5 bII5"""),
    },
    "blues": {
        "major": _progressions("""
            I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7
            I7 IV7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7
            I7 I7 I7 I7 IV7 IV7 I7 I7 V7 V7 I7 I7"""),
        "minor": _progressions("""
            i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7
            i7 iv7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 i7"""),
    },
    "jazz": {
        "major": _progressions("""
            Imaj7 vi7 ii7 V7
            Imaj7 Imaj7 ii7 V7
            Imaj7 vi7 ii7 V7 Imaj7,I7 IVmaj7,iv6 Imaj7 ii7,V7"""),
        "minor": _progressions("""
            i7 iim7b5,V7 i7 i7
            i7 iv7 iim7b5 V7
            i6 bVImaj7 iim7b5 V7
            i7 i7 bVImaj7 V7"""),
    },
    "bossa": {
        "major": _progressions("""
            Imaj7 Imaj7 II7 II7 ii7 V7 Imaj7 V7
            Imaj7 vi7 ii9 V7
            Imaj9 Imaj9 ii7 V7"""),
        "minor": _progressions("""
            i7 i7 iv7 iv7 iim7b5 V7 i7 i7
            i9 iv7 bVImaj7 V7
            i6 bVImaj7 iim7b5 V7"""),
    },
    "lofi": {
        "major": _progressions("""
            Imaj7 vi7 ii9 V7
            Imaj9 IVmaj7 Imaj9 iv6
            Imaj7 iii7 IVmaj7 V7sus4"""),
        "minor": _progressions("""
            i9 bVImaj7 iv7 bVII7
            i7 iv7 bVII7 i7
            i9 iv9 i7 v7
            i7 bVImaj7 i7 v7"""),
    },
    "soul": {
        "major": _progressions("""
            Imaj7 iii7 IVmaj7 V7sus4
            Imaj7 vi7 IVmaj7 ii7
            I IV I V7sus4
            Imaj7 I7 IVmaj7 iv6"""),
        "minor": _progressions("""
            i7 iv7 i7 iv7
            i7 bVImaj7 iv7 v7
            i9 i9 bVImaj7 v7"""),
    },
    "house": {
        "major": _progressions("""
            I V vi IV
            Imaj7 vi7 IVmaj7 V
            I IV I V"""),
        "minor": _progressions("""
            i7 bVImaj7 i7 bVII
            i7 i7 iv7 iv7
            i bVI bIII bVII
            i9 i9 bVImaj7 v7"""),
    },
    "techno": {
        "minor": _progressions("""
            i i i i
            i i bVI bVI
            i i i bVII
            i i bVII i"""),
    },
    "funk": {
        "major": _progressions("""
            I9 I9 I9 I9
            I9 I9 IV9 I9
            I7 I7 bVII7 IV7"""),
        "minor": _progressions("""
            i7 i7 i7 IV7
            i9 i9 i9 i9
            i7 IV7 i7 IV7
            i7 i7 bVI7 V7"""),
    },
    "reggae": {
        "major": _progressions("""
            I IV I V
            I V IV IV
            I vi IV V
            I I IV IV"""),
        "minor": _progressions("""
            i iv i iv
            i bVII i bVII
            i i iv v
            i bVI bVII i"""),
    },
    "hiphop": {
        "major": _progressions("""
            Imaj7 vi7 Imaj7 IVmaj7
            I vi IV IV"""),
        "minor": _progressions("""
            i7 i7 bVI bVII
            i bVI i bVII
            i i iv iv
            i9 iv7 i9 bVImaj7"""),
    },
    "trap": {
        "minor": _progressions("""
            i i bVI bVII
            i bVI i v
            i iv i bVI
            i i iv bVI"""),
    },
    "ambient": {
        "major": _progressions("""
            Iadd9 Iadd9 IVmaj7 IVmaj7
            Imaj9 Imaj9 vi7 vi7
            Iadd9 IVmaj7 Iadd9 Vsus4
            Isus2 Isus2 IV IV"""),
        "minor": _progressions("""
            i9 i9 bVImaj7 bVImaj7
            iadd9 bVImaj7 iadd9 bVII
            i i iv7 iv7"""),
    },
    "ballad": {
        "major": _progressions("""
            I V vi IV
            I iii IV V
            Imaj7 vi7 IVmaj7 Vsus4,V
            I vi ii V
            I V vi iii IV I IV V"""),
        "minor": _progressions("""
            i bVI bIII bVII
            i iv bVII bIII
            i bVII bVI V
            i bVI iv V"""),
    },
    "country": {
        "major": _progressions("""
            I IV I V
            I I IV I I I V I
            I V I V
            I IV V I"""),
        "minor": _progressions("""
            i bVII i bVII
            i iv i V"""),
    },
    "folk": {
        "major": _progressions("""
            I IV I V
            I V vi IV
            I vi IV V
            I I IV V"""),
        "minor": _progressions("""
            i bVII bVI bVII
            i bVII i v
            i bIII bVII i"""),
        "dorian": _progressions("""
            i bVII i IV
            i IV i bVII"""),
    },
    "latin": {
        "major": _progressions("""
            I IV V IV
            I I V7 I"""),
        "minor": _progressions("""
            i iv V7 iv
            i V7 i V7
            i bVII bVI V7"""),
    },
    "cinematic": {
        "major": _progressions("""
            I V vi IV
            I bVII IV I
            I vi IV V"""),
        "minor": _progressions("""
            i bVI bIII bVII
            i bVI iv V
            i i bVI bVII
            i iv bVI V"""),
    },
    "classical": {
        "major": _progressions("""
            I V vi iii IV I IV V
            I IV V7 I
            I vi ii V7
            I I V7 I"""),
        "minor": _progressions("""
            i iv V7 i
            i bVI iv V7
            i bVII bVI V7
            i V7 i V7"""),
    },
    "modal": {
        "dorian": _progressions("""
            i7 IV7 i7 IV7
            i7 i7 ii7 i7
            i bVII IV i"""),
        "mixolydian": _progressions("""
            I bVII IV I
            I I bVII IV
            I bVII I bVII"""),
        "phrygian": _progressions("""
            i bII i bVII
            i i bII bII
            i bII bIII bII"""),
        "lydian": _progressions("""
            Imaj7 II Imaj7 II
            I I II I"""),
    },
}

_FAMILY = {"mixolydian": "major", "lydian": "major", "blues": "major"}


def progressions(style: str, mode: str) -> tuple[Progression, ...]:
    """What a style plays in a mode: its own, else the modal ones; never empty for a MODES name."""
    own = PROGRESSIONS[style]
    if mode in own:
        return own[mode]
    if mode in PROGRESSIONS["modal"]:
        return PROGRESSIONS["modal"][mode]
    family = _FAMILY.get(mode, mode)
    return own.get(family) or PROGRESSIONS["pop"][family]


CADENCES: dict[bool, str] = {False: "I", True: "i"}
"""The chord a piece ends on, by whether its key is minor."""
