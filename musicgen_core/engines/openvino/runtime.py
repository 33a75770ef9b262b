"""OpenVINO, set up for this host's cores."""

from __future__ import annotations

from functools import cache
from typing import Any

import openvino

from musicgen_core.engines.cores import usable_cores


@cache
def core() -> Any:
    """Return the process's one openvino.Core."""
    return openvino.Core()


def compiled(model: Any, **properties: Any) -> Any:
    """Compile an openvino.Model for the CPU and one batch at a time.

    Raises:
        RuntimeError: OpenVINO cannot compile it.
    """
    return core().compile_model(
        model,
        "CPU",
        {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": usable_cores(),
            # Processors with bfloat16 would compute in it unasked.
            "INFERENCE_PRECISION_HINT": "f32",
            **properties,
        },
    )
