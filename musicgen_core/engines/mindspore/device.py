"""Where MindSpore computes here, with how many threads, and in which numbers."""

from __future__ import annotations

from typing import Any

import mindspore as ms

from musicgen_core.errors import ModelUnavailable
from musicgen_core.host import usable_cores

_CALL_DEPTH = 4000
"""MindSpore allows 1000 nested calls while it unrolls a network; 48 layers need more."""


def target() -> str:
    """Return the device MindSpore computes on here: Ascend, GPU or CPU, the first it has."""
    device: str = ms.get_context("device_target")
    return device


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
