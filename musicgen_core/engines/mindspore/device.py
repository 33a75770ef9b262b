"""Where MindSpore computes here, with how many threads, and in which numbers."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from musicgen_core.errors import ModelUnavailable

# Level 3 keeps errors and drops warnings; it is read once, when mindspore is imported.
os.environ.setdefault("GLOG_v", "3")

import mindspore as ms
from mindspore import device_context

_CALL_DEPTH = 4000
"""MindSpore allows 1000 calls while it unrolls a network; 48 layers need more."""


@cache
def target() -> str:
    """Return the device MindSpore can use here: Ascend, GPU or CPU."""
    if device_context.ascend.is_available():
        return "Ascend"
    return "GPU" if device_context.gpu.is_available() else "CPU"


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
    """Set MindSpore up for graph mode on this host and return the dtype of `precision`.

    Raises:
        ModelUnavailable: this device does not compute in `precision`.
    """
    device = target()
    if precision not in {"fp32", "fp16"}:
        raise ModelUnavailable(f"The engine mindspore runs in fp32 or fp16, not in {precision}.")
    if precision == "fp16" and device == "CPU":
        raise ModelUnavailable("fp16 needs an Ascend device; on this CPU use fp32.")
    ms.set_context(
        mode=ms.GRAPH_MODE,
        device_target=device,
        max_call_depth=_CALL_DEPTH,
        runtime_num_threads=usable_cores(),
    )
    return ms.float16 if precision == "fp16" else ms.float32
