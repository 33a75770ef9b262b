"""What the host tells of itself: how busy it is, and how much memory a process has."""

from __future__ import annotations

import os
from pathlib import Path


def load() -> float | None:
    """Return the processes that wanted to compute, on average of the last minute; None: unknown."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def resident_bytes(pid: int | None, proc: Path = Path("/proc")) -> int | None:
    """Return the memory that a process has in use; None: there is no process, or none is told."""
    if pid is None:
        return None
    try:
        lines = (proc / str(pid) / "status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(sizes[0]) << 10 if sizes else None
