"""What a genre is made of, and how to look one up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Choice = Mapping[str, float]
"""Names with weights."""


@dataclass(frozen=True)
class Genre:
    """One genre's tempo, harmony, grooves and instruments, as choices with weights."""

    name: str
    bpm: tuple[int, int]
    modes: Choice
    progressions: str
    """A style in PROGRESSIONS."""
    kits: Choice
    basses: Choice
    """Instruments in BASSES, with weights."""
    basslines: tuple[str, ...]
    """Styles in BASSLINES."""
    chords: Mapping[str, tuple[str, ...]]
    """Instruments in CHORDS -> styles in COMPS."""
    leads: Choice
    """Instruments in LEADS or SECONDS."""
    melody: str
    """A name in MELODY_STYLES."""
    grooves: str = ""
    """A style in GROOVES; the genre's own name when empty."""
    fills: str = "toms"
    feels: Choice = field(default_factory=lambda: {"straight": 1})
    seconds: Choice = field(default_factory=dict)
    """Instruments in SECONDS that play figures or pads."""
    arpeggios: tuple[str, ...] = ("eighths",)
    percussion: Choice = field(default_factory=dict)
    eras: tuple[str, ...] = ()
    drums: float = 1.0
    """How often there are drums; likewise below."""
    bass: float = 0.97
    chord: float = 0.95
    lead: float = 0.7
    second: float = 0.35
    crash: bool = False
    """Whether sections begin with a crash."""
    bars: int = 4
    """Bars between changes in the drums."""

    @property
    def drum_style(self) -> str:
        """The style in GROOVES."""
        return self.grooves or self.name


ERA_KITS: dict[str, tuple[str, ...]] = {
    "50s": ("acoustic", "jazz"),
    "60s": ("acoustic", "jazz"),
    "70s": ("acoustic", "rock", "house"),
    "80s": ("80s", "chip"),
    "90s": ("rock", "acoustic", "lofi", "house", "808", "dnb", "techno"),
    "2000s": ("acoustic", "rock", "808", "house"),
}
"""Kits that sound like a decade; a genre's own kits are narrowed to them where they meet."""

ERA_TASTE: dict[str, frozenset[str]] = {
    "50s": frozenset({"double bass", "piano", "saxophone", "trumpet", "clean guitar"}),
    "60s": frozenset({"organ", "clean guitar", "trumpet", "double bass", "tambourine"}),
    "70s": frozenset({"electric piano", "organ", "strings", "bass guitar", "guitar solo"}),
    "80s": frozenset({"synth pad", "synth bass", "synth lead", "saxophone", "pluck"}),
    "90s": frozenset({"distorted guitar", "piano", "bass guitar", "guitar solo", "organ"}),
    "2000s": frozenset({"piano", "distorted guitar", "synth lead", "808 bass"}),
}
"""Instruments that a decade likes; their weights are raised."""
