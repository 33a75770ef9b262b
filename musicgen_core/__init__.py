"""mindjam's generation core: MusicGen on MindSpore, with jobs and a service around it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from musicgen_core.errors import (
        BackendError,
        InvalidRequest,
        JobCancelled,
        ModelUnavailable,
        MusicGenError,
        QueueFull,
        StorageUnavailable,
        WorkerLost,
    )
    from musicgen_core.musicgen import MusicGen
    from musicgen_core.requests import (
        AudioPrompt,
        Clip,
        GenerationDefaults,
        GenerationRequest,
        ModelInfo,
        Progress,
        Provenance,
        SamplingParams,
    )

__all__ = [
    "AudioPrompt",
    "BackendError",
    "Clip",
    "GenerationDefaults",
    "GenerationRequest",
    "InvalidRequest",
    "JobCancelled",
    "ModelInfo",
    "ModelUnavailable",
    "MusicGen",
    "MusicGenError",
    "Progress",
    "Provenance",
    "QueueFull",
    "SamplingParams",
    "StorageUnavailable",
    "WorkerLost",
]

_HOMES = {
    "musicgen_core.errors": (
        "BackendError",
        "InvalidRequest",
        "JobCancelled",
        "ModelUnavailable",
        "MusicGenError",
        "QueueFull",
        "StorageUnavailable",
        "WorkerLost",
    ),
    "musicgen_core.musicgen": ("MusicGen",),
    "musicgen_core.requests": (
        "AudioPrompt",
        "Clip",
        "GenerationDefaults",
        "GenerationRequest",
        "ModelInfo",
        "Progress",
        "Provenance",
        "SamplingParams",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that importing the package stays quick."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
