"""A checkpoint's graphs: built from its tensors, or taken from disk where they are kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from musicgen_core.checkpoint.fingerprint import fingerprint
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.engines.openvino.graph_cache import GraphCache, StoredGraph
from musicgen_core.engines.openvino.runtime import core
from musicgen_core.engines.sources import digest_of
from musicgen_core.host import user_cache

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Graph:
    """An openvino.Model and the memory that its constants may lie in, to be held with it."""

    model: Any
    memory: StoredGraph | None = None

    def release(self) -> None:
        """Give back the memory of constants that lie in a file, once what runs has its own copy."""
        if self.memory is not None:
            self.memory.release()


class GraphStore:
    """Makes a checkpoint's graphs, and keeps those in 8 bits on disk."""

    def __init__(self, checkpoint: Checkpoint, precision: str, cache: GraphCache | None) -> None:
        self.precision = precision
        known = fingerprint(checkpoint)
        # In float32 a graph is as large as the checkpoint, and as quickly made as read.
        self._cache = cache if known is not None and precision == "int8" else None
        self._key = {
            "checkpoint": str(known),
            "precision": precision,
            "openvino": openvino.get_version(),
            "code": _code(),
        }

    def graph(self, name: str, build: Callable[[], Any]) -> Graph:
        """Return the graph `name` from disk, or else what `build` makes, to be kept."""
        key = self._key | {"graph": name}
        if (graph := self._from_disk(key)) is not None:
            return graph
        begun = time.perf_counter()
        model = build()
        log.info("The graph %s took %.1f s to build.", name, time.perf_counter() - begun)
        if self._cache is None or not self._keep(self._cache, key, model):
            return Graph(model)
        # From the file on, too: there its constants take no memory once they are packed.
        del model
        return self._from_disk(key) or Graph(build())

    def _from_disk(self, key: dict[str, str]) -> Graph | None:
        stored = self._cache.read(key) if self._cache else None
        return None if stored is None else _opened(stored)

    def _keep(self, cache: GraphCache, key: dict[str, str], model: Any) -> bool:
        """Write a graph to disk; False: it could not be."""
        try:
            with cache.workplace() as folder:
                description, weights = Path(folder) / "graph.xml", Path(folder) / "graph.bin"
                openvino.serialize(model, description, weights)
                mapped = np.memmap(weights, np.uint8, "r")
                cache.write(key, description.read_bytes(), mapped.data)
        except (OSError, RuntimeError) as exc:  # serialize raises RuntimeError for a full disk
            log.warning("The graph is not kept, so the next start builds it again: %s", exc)
            return False
        return True


def default_cache() -> GraphCache | None:
    """Return the user's cache of graphs; None where there is no place for one."""
    folder = user_cache()
    return GraphCache(folder / "graphs") if folder else None


def _opened(stored: StoredGraph) -> Graph | None:
    weights = openvino.Tensor(stored.weights, shared_memory=True)
    try:
        model = core().read_model(stored.description, weights)
    except RuntimeError as exc:
        log.warning("The kept graph cannot be read, so it is built again: %s", exc)
        return None
    return Graph(model, stored)


def _code() -> str:
    """Return a digest of what builds the graphs: a changed builder's graphs are others."""
    here = Path(__file__).parent
    return digest_of(here, here.parent / "arrays.py", here.parent / "positions.py")
