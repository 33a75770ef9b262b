"""Who is next: equal shares for servers, and within each for its people.

Start-time fair queueing (Goyal et al. 1996), in seconds of audio, on two levels; plain data
without asyncio. One owner's jobs keep their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from musicgen_core.jobs import Job


@dataclass(slots=True)
class Shares:
    """How much each of several has had so far, by name."""

    served: dict[str, float] = field(default_factory=dict)
    """Up to where a share of the virtual time is used, in seconds of audio."""
    now: float = 0.0
    """The virtual time: the start of what was taken last."""

    def start(self, name: str) -> float:
        """The virtual time at which something of theirs would begin."""
        return max(self.now, self.served.get(name, 0.0))

    def use(self, name: str, seconds: float, waiting: Collection[str]) -> None:
        """Charge what is taken; `waiting` are those who had something waiting."""
        start = self.start(name)
        self.now = max(self.now, start)
        self.served[name] = start + seconds
        # Who is behind the virtual time has no claim on what they did not ask for.
        self.served = {n: at for n, at in self.served.items() if at > self.now or n in waiting}

    def copy(self) -> Shares:
        """An independent copy."""
        return Shares(dict(self.served), self.now)


@dataclass(slots=True)
class _Group:
    """A server's people."""

    lanes: dict[str, deque[Job]] = field(default_factory=dict)
    """Each owner's waiting jobs; who came first comes first."""
    shares: Shares = field(default_factory=Shares)

    def first(self) -> Job:
        """The job whose start is earliest; of equals the shortest, of those the first to come."""
        return _earliest((lane[0] for lane in self.lanes.values()),
                         lambda job: self.shares.start(job.owner))  # fmt: skip

    def take(self, job: Job) -> None:
        self.shares.use(job.owner, extent(job), self.lanes)
        lane = self.lanes.pop(job.owner)
        lane.popleft()
        if lane:  # behind everybody whose start is the same
            self.lanes[job.owner] = lane

    def copy(self) -> _Group:
        lanes = {owner: deque(lane) for owner, lane in self.lanes.items()}
        return _Group(lanes, self.shares.copy())


@dataclass(slots=True)
class FairQueue:
    """The waiting jobs and everybody's share so far."""

    groups: dict[str, _Group] = field(default_factory=dict)
    """Those with waiting jobs, and those whose people are ahead of others of them."""
    shares: Shares = field(default_factory=Shares)

    def __len__(self) -> int:
        return sum(len(lane) for g in self.groups.values() for lane in g.lanes.values())

    def add(self, job: Job) -> None:
        """Queue a job behind its owner's others."""
        group = self.groups.setdefault(job.group, _Group())
        group.lanes.setdefault(job.owner, deque()).append(job)

    def remove(self, job: Job) -> bool:
        """Take a job out of the queue; False: it is not in it."""
        group = self.groups.get(job.group, _Group())
        lane = group.lanes.get(job.owner, deque())
        if job not in lane:
            return False
        lane.remove(job)
        if not lane:
            del group.lanes[job.owner]
        return True

    def first(self) -> Job | None:
        """The next job of the group whose turn it is; None: nobody waits."""
        heads = [group.first() for group in self.groups.values() if group.lanes]
        return _earliest(heads, lambda job: self.shares.start(job.group)) if heads else None

    def take(self, job: Job) -> None:
        """Take what `first` returned."""
        self.shares.use(job.group, extent(job), [n for n, g in self.groups.items() if g.lanes])
        group = self.groups.pop(job.group)
        group.take(job)
        if group.lanes or group.shares.served:
            self.groups[job.group] = group

    def copy(self) -> FairQueue:
        """An independent copy."""
        groups = {name: group.copy() for name, group in self.groups.items()}
        return FairQueue(groups, self.shares.copy())


def extent(job: Job) -> float:
    """Seconds of audio that a job is charged: what is made and what is heard before."""
    audio = job.request.audio
    return job.request.seconds + (audio.seconds if audio else 0.0)


def _earliest(jobs: Iterable[Job], start: Callable[[Job], float]) -> Job:
    return min(jobs, key=lambda job: (start(job), extent(job)))
