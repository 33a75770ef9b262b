"""What a conversation with the bot must keep to, and what a run of it missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FAIREST = 0.95
LONGEST_STALL = 0.1
"""Seconds."""
GROWTH = 1.1
"""Memory at the end over that after a third of the time: what is held for fifty jobs comes and
goes, what leaks adds up."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a run showed.

    Args:
        lost: clips that were promised and not posted.
        twice: clips that were posted more than once.
        fairness: Jain's index, 1 where everybody got their fair share.
        soon: edits of a message less than a second after the one before.
        stall: the longest that the event loop was held up once the bot was up, in seconds.
        memory: resident bytes, a reading a second.
    """

    lost: int
    twice: int
    fairness: float
    soon: int
    stall: float
    memory: Sequence[int]

    @property
    def settled(self) -> int:
        """Return the bytes after a third of the time, 0 where nothing was read."""
        return self.memory[len(self.memory) // 3] if self.memory else 0

    @property
    def last(self) -> int:
        """Return the bytes at the end, 0 where nothing was read."""
        return self.memory[-1] if self.memory else 0


def missed(found: Found) -> Iterator[str]:
    """Yield a sentence for each bound that was not kept."""
    if found.lost:
        yield f"{found.lost} clips were lost."
    if found.twice:
        yield f"{found.twice} clips were posted twice."
    if not found.fairness > FAIREST:
        yield f"Jain's index is {found.fairness:.3f}, not over {FAIREST:g}."
    if found.stall > LONGEST_STALL:
        yield f"The event loop stood still for {found.stall * 1000:.0f} ms, over 100."
    if found.soon:
        yield f"{found.soon} edits came less than a second after the one before."
    if found.last > GROWTH * found.settled:
        yield f"Memory grew from {found.settled / 1e6:.0f} to {found.last / 1e6:.0f} MB."
