"""Where MindSpore computes here, with how many threads, and in which numbers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import mindspore as ms

from musicgen_core.errors import ModelUnavailable

_CALL_DEPTH = 4000
"""MindSpore allows 1000 nested calls while it unrolls a network; 48 layers need more."""


def target() -> str:
    """Return the device MindSpore computes on here: Ascend, GPU or CPU, the first it has."""
    device: str = ms.get_context("device_target")
    return device


def usable_cores(quota_file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many cores the process may really use: its affinity, within its cgroup's share."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        quota, period = quota_file.read_text(encoding="ascii").split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup v2, or "max": no limit
        return cores


def prepare(precision: str) -> Any:
    """Set MindSpore up for this host and return the dtype of `precision`.

    Raises:
        ModelUnavailable: this device does not compute in `precision`.
    """
    if precision not in {"fp32", "fp16"}:
        raise ModelUnavailable(f"The engine mindspore runs in fp32 or fp16, not in {precision}.")
    if precision == "fp16" and target() == "CPU":
        raise ModelUnavailable("fp16 needs an Ascend device; use fp32 on a CPU.")
    ms.set_recursion_limit(_CALL_DEPTH)
    # MindSpore counts the machine's cores, not those of a container.
    ms.set_context(runtime_num_threads=usable_cores())
    return ms.float16 if precision == "fp16" else ms.float32
