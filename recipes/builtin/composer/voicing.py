"""Chords spread over three voices that move as little as they can."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from recipes.builtin.composer.theory import Chord

Range = tuple[int, int]
"""The lowest and the highest MIDI pitch of a voice, both included."""
Voicing = tuple[int, int, int]

_WIDEST_GAP = 12
_CENTER_PULL = 0.15
_MISSING_TONE = 6.0
_PARALLEL = 1.5


def pitches(tone: int, within: Range) -> range:
    """Every pitch of a pitch class inside a range, ascending."""
    low, high = within
    return range(low + (tone - low) % 12, high + 1, 12)


def nearest(tones: Sequence[int], target: float, within: Range) -> int:
    """The pitch in a range, of one of the pitch classes, that is nearest to the target.

    Raises:
        ValueError: the range holds none of them.
    """
    return min(
        (pitch for tone in tones for pitch in pitches(tone, within)),
        key=lambda pitch: (abs(pitch - target), pitch),
    )


@lru_cache(maxsize=65536)
def voice(
    chord: Chord, ranges: tuple[Range, Range, Range], previous: Voicing | None, rooted: bool
) -> Voicing:
    """Choose ascending pitches for the low, middle and high voice.

    Close to the previous voicing, every telling tone present; ``rooted`` keeps the root in the
    lowest voice, for pieces without a bass.
    """
    wanted = chord.tones[:3] if rooted or len(chord.intervals) <= 3 else chord.color
    options = [sorted(p for tone in chord.tones for p in pitches(tone, r)) for r in ranges]
    trios = [
        trio
        for trio in product(*options)
        if trio[0] < trio[1] < trio[2] and trio[2] - trio[1] <= _WIDEST_GAP
    ]
    if rooted:
        trios = [trio for trio in trios if trio[0] % 12 == chord.root] or trios
    best = min(trios, key=lambda trio: (_cost(trio, wanted, ranges, previous), trio))
    return best[0], best[1], best[2]


def _cost(
    trio: tuple[int, ...],
    wanted: tuple[int, ...],
    ranges: tuple[Range, ...],
    previous: Voicing | None,
) -> float:
    heard = {pitch % 12 for pitch in trio}
    cost = _MISSING_TONE * sum(tone not in heard for tone in wanted)
    cost += 2.0 * (trio[1] - trio[0] > _WIDEST_GAP) + 1.0 * (trio[1] - trio[0] < 3)
    centers = [sum(r) / 2 for r in ranges]
    cost += _CENTER_PULL * sum(abs(p - c) for p, c in zip(trio, centers, strict=True))
    if previous is not None:
        moves = [now - before for now, before in zip(trio, previous, strict=True)]
        cost += 0.5 * sum(map(abs, moves))
        cost += _PARALLEL * (moves[0] == moves[1] == moves[2] != 0)
    return cost
