"""Where the sixteenths of a beat fall, in whole frames."""

from __future__ import annotations

from dataclasses import dataclass

FEELS: dict[str, tuple[float, float, float, float]] = {
    "straight": (0, 1 / 4, 1 / 2, 3 / 4),
    "laid back": (0, 7 / 24, 1 / 2, 19 / 24),
    "swing": (0, 1 / 3, 2 / 3, 5 / 6),
}
"""Fractions of a beat at which its four sixteenths sound.

Laid back delays the second and fourth; swing puts the eighths on the triplet.
"""


@dataclass(frozen=True)
class Meter:
    """Bars of four beats of `beat` frames in one of FEELS."""

    beat: int
    feel: str = "straight"

    @property
    def bar(self) -> int:
        """Frames in a bar."""
        return 4 * self.beat

    @property
    def steps(self) -> tuple[int, ...]:
        """Frames from the beat at which its sixteenths fall."""
        return tuple(round(self.beat * share) for share in FEELS[self.feel])

    def frame(self, sixteenth: int) -> int:
        """The frame of a sixteenth counted from the piece's start; negative ones count back."""
        beat, step = divmod(sixteenth, 4)
        return beat * self.beat + self.steps[step]
