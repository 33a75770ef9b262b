"""A name or a path -> a Checkpoint: config, tensors, tokenizer, and what people must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from musicgen_core.checkpoint import small_files
from musicgen_core.checkpoint.config import ModelConfig
from musicgen_core.checkpoint.processor import PromptProcessor, read_config
from musicgen_core.checkpoint.source import find_folder
from musicgen_core.checkpoint.tensors import open_tensors
from musicgen_core.requests import GenerationDefaults


class Processor(Protocol):
    """Turns a prompt into what the text encoder reads."""

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return T5's ids of `text` with the end token.

        Raises:
            InvalidRequest: the text has more tokens than the model reads.
        """
        ...

    def unread(self, text: str) -> float:
        """Return the share, 0 to 1, of the text's characters that the tokenizer has no piece for.

        Spaces do not count.
        """
        ...


@dataclass(frozen=True)
class Checkpoint:
    """Everything that makes a MusicGen, before an engine computes with it."""

    name: str
    folder: Path
    config: ModelConfig
    tensors: Mapping[str, npt.NDArray[np.float32]]
    """Float32 arrays under the names of `shapes.tensor_shapes`, weight norm folded."""
    processor: Processor
    defaults: GenerationDefaults
    license: str
    note: str
    """One sentence that people must know, or empty."""
    describes: bool
    """Whether the model is told what is heard in a clip that its codec does not give back."""
    languages: tuple[str, ...]
    """ISO 639-1 codes of the languages it takes prompts in."""


def load_checkpoint(
    name: str, *, hub_endpoint: str | None = None, cache_dir: Path | None = None
) -> Checkpoint:
    """Load `builtin`, a checkpoint folder, or a model of the hub such as facebook/musicgen-small.

    Raises:
        ModelUnavailable: it cannot be used; the text names the file and the remedy.
    """
    folder = find_folder(name, hub_endpoint=hub_endpoint, cache_dir=cache_dir)
    # A folder's whole path is nobody's business, and the name is written into every clip.
    local = folder == Path(name).expanduser()
    small_files.check_kind(folder)
    config = read_config(folder)
    note, describes = small_files.read_own(folder)
    return Checkpoint(
        name=folder.resolve().name if local else name,
        folder=folder,
        config=config,
        tensors=open_tensors(folder, config),
        processor=PromptProcessor(folder, config),
        defaults=small_files.read_defaults(folder),
        license=small_files.read_license(folder),
        note=note,
        describes=describes,
        languages=small_files.read_languages(folder),
    )
