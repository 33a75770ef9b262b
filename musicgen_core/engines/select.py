"""`auto` -> the fastest engine this host can run, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.errors import ModelUnavailable
from musicgen_core.host import processor_features
from musicgen_core.model.protocols import Engine

MODULES = {
    "mindspore": "musicgen_core.engines.mindspore",
    "openvino": "musicgen_core.engines.openvino",
    "numba": "musicgen_core.engines.numba",
    "mindnlp": "musicgen_core.engines.stock",
}
PACKAGES = {
    "mindspore": ("mindspore",),
    "openvino": ("openvino",),
    "numba": ("numba", "openvino"),
    "mindnlp": ("mindspore", "mindnlp"),
}
PRECISIONS = {
    "mindspore": ("fp32", "fp16"),
    "openvino": ("int8", "fp32"),
    "numba": ("int8", "fp32"),
    "mindnlp": ("fp32",),
}
"""The first is what `auto` comes down to, but for MindSpore on an Ascend."""
DEVICES = Path("/dev")
_ACCELERATORS = ("davinci*", "nvidia*")
"""What the drivers of Ascend and NVIDIA put there."""
CACHES = ("auto", "u8", "f16", "f32")
_BYTES = {"avx512f", "avx512_vnni", "avx_vnni"}
"""What lets OpenVINO's kernels multiply at the speed of memory."""
NARROW = 512
"""The hidden size up to which a step is done before a runtime has gone through its graph."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine, a precision, and one sentence on why."""

    engine: str
    precision: str
    why: str
    attention_cache: str = "auto"
    """How openvino keeps its self-attention cache: auto, u8, f16 or f32."""
    automatic: bool = False
    """Whether it is what `auto` came down to, before the model was known."""

    def fitted(self, config: ModelConfig) -> EngineChoice:
        """Return what `auto` comes down to for a model of this shape."""
        asked = not self.automatic or self.engine != "openvino" or self.attention_cache != "auto"
        if asked or _missing("numba"):
            return self
        if config.decoder.hidden <= NARROW:
            why = "the fastest engine on a CPU for a model as narrow as this one"
        elif self.precision == "int8" and _multiplies_widened_bytes():
            why = "the fastest engine on a CPU that has neither AVX-512 nor VNNI"
        else:
            return self
        return replace(self, engine="numba", why=why)

    def create(self, checkpoint: Checkpoint) -> Engine:
        """Build the fitting engine's networks from the checkpoint's tensors."""
        fitted = self.fitted(checkpoint.config)
        create = cast("Callable[..., Engine]", import_module(MODULES[fitted.engine]).create)
        if fitted.engine == "openvino":
            return create(checkpoint, fitted.precision, fitted.attention_cache)
        return create(checkpoint, fitted.precision)


def choose_engine(
    engine: str = "auto", precision: str = "auto", attention_cache: str = "auto"
) -> EngineChoice:
    """Resolve `auto` and check what was asked for against what is installed.

    Raises:
        ModelUnavailable: the engine or precision is unknown or cannot run here.
    """
    if engine == "auto":
        name, why = _fastest(precision)
    elif engine in MODULES:
        name, why = engine, "asked for"
    else:
        raise ModelUnavailable(
            f"There is no engine {engine!r}; choose auto, {' or '.join(MODULES)}."
        )
    if missing := _missing(name):
        raise ModelUnavailable(
            f"The engine {name} needs the package {missing}, which is not installed; "
            "run ./mindjam doctor."
        )
    if precision == "auto":
        # fp16 pays where the device computes in it (Ascend); a CPU converts back and forth.
        half = name == "mindspore" and _device() == "Ascend"
        precision = "fp16" if half else PRECISIONS[name][0]
    if precision not in PRECISIONS[name]:
        known = " or ".join(PRECISIONS[name])
        raise ModelUnavailable(f"The engine {name} runs in {known}, not in {precision!r}.")
    if attention_cache not in CACHES:
        raise ModelUnavailable(
            f"The cache of attention is kept in {', '.join(CACHES[1:])}, not in "
            f"{attention_cache!r}; auto chooses."
        )
    return EngineChoice(name, precision, why, attention_cache, automatic=engine == "auto")


def _fastest(precision: str) -> tuple[str, str]:
    """Return the fastest engine that computes in `precision`, and why it is that."""
    device = _device()
    if precision == "fp16" or (device != "CPU" and precision != "int8"):
        return "mindspore", f"MindSpore computes on this host's {device}"
    if _missing("openvino"):
        return "mindspore", "OpenVINO, which is faster on a CPU, is not installed here"
    try:
        import_module("musicgen_core.engines.openvino.runtime")
    except (ImportError, OSError) as exc:
        return "mindspore", f"OpenVINO, which is faster on a CPU, does not run here ({exc})"
    return "openvino", "OpenVINO is the fastest engine on a CPU"


def _multiplies_widened_bytes() -> bool:
    """Tell whether the processor has to widen 8-bit weights before it multiplies them.

    OpenVINO makes floats of them there, which takes longer than reading them from memory.
    """
    features = processor_features()
    return "avx2" in features and not features & _BYTES


def _missing(engine: str) -> str:
    """Return a package that the engine needs and that is not installed, or nothing."""
    return next((name for name in PACKAGES[engine] if find_spec(name) is None), "")


def _device() -> str:
    """Return the device that MindSpore computes on here: Ascend, GPU or CPU.

    It is imported, which takes seconds, only where there is anything else than a CPU.
    """
    accelerators = (path for pattern in _ACCELERATORS for path in DEVICES.glob(pattern))
    if next(accelerators, None) is None or find_spec("mindspore") is None:
        return "CPU"
    from musicgen_core.engines.mindspore.device import target

    return target()
