"""Where the takes of a jam go in a picture of its tree: time to the right, branches below."""

from __future__ import annotations

from dataclasses import dataclass

from musicgen_core.jams.jam import Jam, Take
from musicgen_core.jams.tree import starts, track


@dataclass(frozen=True, slots=True)
class Node:
    """A take as a box: in `lane`, from `start` to `start + seconds`."""

    take: Take
    lane: int
    """0 is the top, where the track lies from its beginning to its end."""
    start: float
    """Second in its own line from the root."""
    in_track: bool
    is_head: bool
    forks: tuple[str, ...]
    """Jams that were forked from here."""

    @property
    def end(self) -> float:
        """The second at which it ends."""
        return self.start + self.take.seconds


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from the end of a take to the beginning of one that continues it."""

    parent: int
    child: int


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """The whole picture; boxes of one lane do not lie over each other, seams apart."""

    nodes: tuple[Node, ...]
    """By number."""
    edges: tuple[Edge, ...]
    lanes: int
    seconds: float


def layout(jam: Jam) -> TreeLayout:
    """Lay out all takes, also those that were taken back."""
    heard = {take.number for take in track(jam)}
    children = _children(jam, heard)
    lane_of: dict[int, int] = {}
    ends: list[list[tuple[float, float]]] = []
    begins = {take.number: starts(jam, track(jam, take.number))[-1] for take in jam.takes}
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        chain = _chain(waiting.pop(), children)
        first, last = chain[0], chain[-1]
        above = lane_of[first.parent] + 1 if first.parent is not None else 0
        span = begins[first.number], begins[last.number] + last.seconds
        lane = _free_lane(ends, above, span)
        lane_of |= {take.number: lane for take in chain}
        # Branches of the chain's end come first: they have the least below them to cross.
        for take in chain:
            waiting += reversed(children.get(take.number, [])[1:])
    nodes = tuple(
        Node(
            take, lane_of[take.number], begins[take.number], take.number in heard,
            take.number == jam.head, _forks(jam, take),
        )
        for take in jam.takes
    )  # fmt: skip
    edges = tuple(Edge(t.parent, t.number) for t in jam.takes if t.parent is not None)
    return TreeLayout(nodes, edges, len(ends), max((node.end for node in nodes), default=0.0))


def _children(jam: Jam, heard: set[int]) -> dict[int | None, list[Take]]:
    """Return the takes that continue each take, the one that is in the track first."""
    children: dict[int | None, list[Take]] = {}
    for take in sorted(jam.takes, key=lambda take: (take.number not in heard, take.number)):
        children.setdefault(take.parent, []).append(take)
    return children


def _chain(take: Take, children: dict[int | None, list[Take]]) -> list[Take]:
    """Return a take and what continues it first, and so on: what lies in one lane."""
    chain = [take]
    while after := children.get(chain[-1].number):
        chain.append(after[0])
    return chain


def _free_lane(
    lanes: list[list[tuple[float, float]]], lowest: int, span: tuple[float, float]
) -> int:
    """Take and return the first lane from `lowest` on in which nothing lies within a span."""
    lane = lowest
    while lane < len(lanes) and any(
        span[0] < end and start < span[1] for start, end in lanes[lane]
    ):
        lane += 1
    while len(lanes) <= lane:
        lanes.append([])
    lanes[lane].append(span)
    return lane


def _forks(jam: Jam, take: Take) -> tuple[str, ...]:
    return tuple(fork.jam for fork in jam.forks if fork.take == take.number)
