"""`auto` -> the fastest engine this host can run, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.errors import ModelUnavailable
from musicgen_core.model.protocols import Engine

MODULES = {
    "mindspore": "musicgen_core.engines.mindspore",
    "mindnlp": "musicgen_core.engines.stock",
}
PACKAGES = {"mindspore": ("mindspore",), "mindnlp": ("mindspore", "mindnlp")}
PRECISIONS = {"mindspore": ("fp32", "fp16"), "mindnlp": ("fp32",)}


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine, a precision, and one sentence on why."""

    engine: str
    precision: str
    why: str

    def create(self, checkpoint: Checkpoint) -> Engine:
        """Build the engine's networks from the checkpoint's tensors."""
        module = import_module(MODULES[self.engine])
        create = cast("Callable[[Checkpoint, str], Engine]", module.create)
        return create(checkpoint, self.precision)


def choose_engine(engine: str = "auto", precision: str = "auto") -> EngineChoice:
    """Resolve `auto` and check what was asked for against what is installed.

    Raises:
        ModelUnavailable: the engine or precision is unknown or cannot run here.
    """
    if engine == "auto":
        name, why = "mindspore", "MindSpore's graph mode is the fastest engine installed"
    elif engine in MODULES:
        name, why = engine, "asked for"
    else:
        raise ModelUnavailable(
            f"There is no engine {engine!r}; choose auto, {' or '.join(MODULES)}."
        )
    missing = [package for package in PACKAGES[name] if find_spec(package) is None]
    if missing:
        raise ModelUnavailable(
            f"The engine {name} needs the package {missing[0]}, which is not installed; "
            "run ./mindjam doctor."
        )
    if precision == "auto":
        # fp16 pays where the device computes in it (Ascend); a CPU converts back and forth.
        precision = "fp16" if name == "mindspore" and _device() == "Ascend" else "fp32"
    if precision not in PRECISIONS[name]:
        known = " or ".join(PRECISIONS[name])
        raise ModelUnavailable(f"The engine {name} runs in {known}, not in {precision!r}.")
    return EngineChoice(name, precision, why)


def _device() -> str:
    from musicgen_core.engines.mindspore.device import target

    return target()
