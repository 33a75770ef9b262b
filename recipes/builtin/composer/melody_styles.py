"""How melodies move in each style: rhythm cells, scales and leaps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MelodyStyle:
    """A vocabulary of half-bar rhythms and the way pitches walk through them."""

    cells: tuple[str, ...]
    """Half bars that carry a motif: ``X`` begins a note, ``-`` holds it, ``.`` rests."""
    closings: tuple[str, ...]
    """Half bars that end a motif and leave room to breathe."""
    pentatonic: bool = False
    leaps: float = 0.25
    """How often a step is wider than a second."""
    arch: float = 0.6
    """How much phrases rise and fall rather than wander."""


MELODY_STYLES: dict[str, MelodyStyle] = {
    "hook": MelodyStyle(
        ("X-X-X-X-", "X--X--X-", "X---X-X-", "..X-X-X-", "X-X---X-", "X-X-..X-", "X--X-X--"),
        ("X---....", "X-----..", "X-X-----", "X--X----", "..X---.."),
        leaps=0.3,
    ),
    "riff": MelodyStyle(
        ("X-X-..X-", "X..X..X-", "X-XX..X-", "..XX..X-", "X-.XX-.X", "X-X-X-X-", "X-..X-XX"),
        ("X-......", "X---....", "X-.X-...", "X..X----"),
        pentatonic=True,
        leaps=0.3,
        arch=0.3,
    ),
    "bluesy": MelodyStyle(
        ("X-X-X---", "..X-X-X-", "XXX-X-X-", "X-X-..X-", "..XXX-X-", "X-X-X-X-", "X-X-XXX-"),
        ("X-------", "X---....", "X-X-X-..", "X-......"),
        pentatonic=True,
        leaps=0.25,
    ),
    "bebop": MelodyStyle(
        ("X-X-X-X-", "X-X-X-X-", "..X-X-X-", "X---X-X-", "X-X---X-", "X--.X-X-"),
        ("X-......", "X-X-....", "X---....", "X-------", "X-..X-.."),
        leaps=0.3,
        arch=0.5,
    ),
    "singing": MelodyStyle(
        ("X-----X-", "X---X---", "X---X-X-", "X-X-X---", "X-X-X-X-", "..X-X-X-"),
        ("X-------", "X-----..", "X---....", "X-X-----"),
        leaps=0.2,
        arch=0.8,
    ),
    "lazy": MelodyStyle(
        ("X--X----", "..X-X---", "X-X-....", "X---..X-", "....X-X-", "X--X--X-"),
        ("X-------", "........", "X---....", "X--X----"),
        pentatonic=True,
    ),
    "sparse": MelodyStyle(
        ("X-------", "X-----X-", "....X---", "X---....", "X--X----"),
        ("X-------", "........", "X-------", "X---...."),
        leaps=0.35,
        arch=0.5,
    ),
    "busy": MelodyStyle(
        ("X-XXX-X-", "XXX-X-X-", "X-X-X-X-", "X-X-XXX-", "X--X--X-", "XXXXX-X-"),
        ("X---X-..", "X-X-X-..", "X-----..", "X--X----"),
        leaps=0.4,
    ),
    "classical": MelodyStyle(
        ("X---X-X-", "X-X-X-X-", "X-----X-", "X---X---", "X-XXX-X-", "X-X-X---"),
        ("X-------", "X---....", "X-X-X---"),
        leaps=0.3,
        arch=0.8,
    ),
}
