"""What a caption can say about a piece: asked for, composed, and measured in the same words."""

from __future__ import annotations

from dataclasses import dataclass

from recipes.builtin.voices import FRAME_RATE

TEMPO_WORDS: dict[str, tuple[float, float]] = {
    "very slow": (40, 69),
    "slow": (62, 88),
    "medium": (85, 118),
    "fast": (116, 152),
    "very fast": (148, 400),
}
"""Beats per minute that a word may stand for; neighbors overlap as people's words do."""

TOLERANCE = 0.03
"""How far a tempo may be from the one said: beats are whole frames."""
ENDING_SLACK = 3.0
"""Seconds between the end said and the end."""

SLOWEST, FASTEST = 50, 16
"""Frames a beat takes."""


def frames_per_beat(bpm: float) -> int:
    """The whole number of frames nearest to a beat, within what the composer plays."""
    return min(SLOWEST, max(FASTEST, round(60 * FRAME_RATE / bpm)))


def beats_per_minute(frames: float) -> float:
    """The tempo whose beat takes so many frames."""
    return 60 * FRAME_RATE / frames


@dataclass(frozen=True)
class Attributes:
    """A piece's qualities; None or empty where nothing is said, so that anything goes."""

    genre: str | None = None
    """A name in GENRES."""
    era: str | None = None
    """A decade such as 80s."""
    bpm: float | None = None
    tempo: str | None = None
    """A name in TEMPO_WORDS."""
    tonic: int | None = None
    """Pitch class of the key."""
    minor: bool | None = None
    mode: str | None = None
    """A name in MODES, where more than major or minor is said."""
    moods: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    """Names in INSTRUMENTS that are heard."""
    absent: tuple[str, ...] = ()
    """Names in INSTRUMENTS that are not heard."""
    lead: str | None = None
    """The instrument that has the melody, also in `present`."""
    kit: str | None = None
    """A name in KITS."""
    density: str | None = None
    """sparse or busy."""
    feel: str | None = None
    """swing where it swings audibly, else straight."""
    seconds: float | None = None
    """Where the piece comes to its end, if it does."""


def unmet(said: Attributes, truth: Attributes) -> tuple[str, ...]:
    """What is said but not true, as `field` or `field:name`; tempos may differ by TOLERANCE."""
    wrong = [
        field
        for field in ("genre", "era", "tonic", "minor", "mode", "lead", "kit", "density", "feel")
        if getattr(said, field) not in {None, getattr(truth, field)}
    ]
    bpm = truth.bpm or 0.0
    if said.bpm is not None and abs(bpm / said.bpm - 1) > TOLERANCE:
        wrong.append("bpm")
    if said.tempo is not None:
        low, high = TEMPO_WORDS[said.tempo]
        wrong += ["tempo"] * (not low <= bpm <= high)
    if said.seconds is not None and abs((truth.seconds or 1e9) - said.seconds) > ENDING_SLACK:
        wrong.append("seconds")
    for field in ("moods", "present", "absent"):
        missing = [name for name in getattr(said, field) if name not in getattr(truth, field)]
        wrong += [f"{field}:{name}" for name in missing]
    return tuple(wrong)
