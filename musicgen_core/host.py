"""What this process may use of its host: cores and memory, as its cgroups (v1 and v2) allow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

ROOT = Path("/")
_NO_LIMIT = 1 << 60
"""cgroup v1 says "no limit" with a number near 2**63."""
_THREAD_COUNTS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

_SLEEPING = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
"""Idle threads must not spin: several pools take turns on the same cores."""
_FRUGAL = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(8 << 20),
}
"""glibc keeps what was freed in pieces of a weight's size, unless it is told to give it back."""


def usable_cores(root: Path = ROOT) -> int:
    """Return how many cores the process may really use: its affinity, within its cgroups' quotas.

    Runtimes count the machine's cores, not those of a container. `root` is where /proc and /sys
    are looked for.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    shares = [share for group in _groups(root, "cpu") if (share := _quota(group)) is not None]
    return max(1, round(min([cores, *shares])))


def available_memory(root: Path = ROOT) -> int | None:
    """Return how many bytes the process may yet take before its cgroups or the host run out.

    None where the system does not tell.
    """
    rooms = [room for group in _groups(root, "memory") if (room := _room(group)) is not None]
    try:
        lines = (root / "proc/meminfo").read_text("ascii").splitlines()
        rooms += [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        pass
    return min(rooms, default=None)


def processor_features(root: Path = ROOT) -> frozenset[str]:
    """Return the names of what the processor can do beside the usual, as Linux on x86 tells them.

    Elsewhere there are none.
    """
    try:
        lines = (root / "proc/cpuinfo").read_text("ascii", "replace").splitlines()
    except OSError:
        return frozenset()
    flags = (line.partition(":")[2] for line in lines if line.startswith("flags"))
    return frozenset(next(flags, "").split())


def user_cache() -> Path | None:
    """Return where what is made once for this host is kept; None where there is no home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        folder = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "mindjam"


def child_environment(threads: int) -> dict[str, str]:
    """Return the environment of a child whose libraries shall keep to so many threads.

    They read it when they are imported.
    """
    return {**dict.fromkeys(_THREAD_COUNTS, str(threads)), **_SLEEPING, **_FRUGAL}


@contextmanager
def inherited(more: Mapping[str, str]) -> Iterator[None]:
    """Have variables in what a child inherits; what somebody has set already stays."""
    new = {name: value for name, value in more.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the process's cgroup for a controller and of all above it."""
    base = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    yield base  # in a container its own group is the root
    for line in lines:
        _, controllers, path = line.split(":", 2)
        below = PurePosixPath(path).relative_to("/") if path.startswith("/") else PurePosixPath()
        if not controllers:
            mount = base
        elif controller in controllers.split(","):
            mount = next((base / n for n in (controllers, controller) if (base / n).is_dir()), base)
        else:
            continue
        yield from (mount / part for part in (below, *below.parents))


def _quota(group: Path) -> float | None:
    """Return a group's share of the cores; None: no limit."""
    if (both := _words(group / "cpu.max")) and len(both) == 2:
        quota, period = both
    else:
        (quota,) = _words(group / "cpu.cfs_quota_us") or ["max"]
        (period,) = _words(group / "cpu.cfs_period_us") or ["100000"]
    if not quota.isdecimal() or not period.isdecimal() or int(period) == 0:  # "max", "-1"
        return None
    return int(quota) / int(period)


def _room(group: Path) -> int | None:
    """Return the bytes that a group may yet take; None: no limit."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        most, now = _words(group / limit), _words(group / used)
        if len(most) == len(now) == 1 and most[0].isdecimal() and int(most[0]) < _NO_LIMIT:
            return max(0, int(most[0]) - int(now[0]))
    return None


def _words(path: Path) -> list[str]:
    try:
        return path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
