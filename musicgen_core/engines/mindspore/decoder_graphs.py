"""The language model's compiled graphs and caches, kept for the batches to come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from musicgen_core.checkpoint.config import DecoderConfig
from musicgen_core.engines.mindspore.buckets import BatchShape
from musicgen_core.engines.mindspore.cache import Cache
from musicgen_core.engines.mindspore.decoder_graph import ChunkGraph, StepGraph, TextGraph
from musicgen_core.engines.mindspore.weights import Weights

CHUNK = 64
"""Columns of an audio prompt fed at once."""

_Made = TypeVar("_Made")


class DecoderGraphs:
    """Makes every graph and cache once for its sizes; compiling happens at the first call."""

    def __init__(self, config: DecoderConfig, weights: Weights) -> None:
        self.config, self._weights = config, weights
        self._made: dict[Any, Any] = {}

    def step(self, shape: BatchShape) -> StepGraph:
        """Return the graph that feeds one column to every row."""
        return self._decoder(StepGraph, shape)

    def chunk(self, shape: BatchShape) -> ChunkGraph:
        """Return the graph that feeds `CHUNK` columns to one row."""
        return self._decoder(ChunkGraph, replace(shape, columns=CHUNK))

    def text(self, shape: BatchShape) -> TextGraph:
        """Return the graph that writes one row's cross-attention keys and values."""
        key = (TextGraph, shape.rows, shape.text)
        if key not in self._made:
            self._made[key] = TextGraph(
                self.config, self._weights, shape, self.text_cache(shape.rows, shape.text)
            )
        graph: TextGraph = self._made[key]
        return graph

    def cache(self, rows: int, context: int) -> Cache:
        """Return the self-attention cache; whoever uses it allocates and releases it."""
        entries, width = rows * self.config.heads * context, self.config.hidden // self.config.heads
        return self._cache(f"own.{rows}.{context}", entries, width)

    def text_cache(self, rows: int, text: int) -> Cache:
        """Return the cross-attention cache [R, heads * S * width], one entry a row, allocated."""
        name = f"text.{rows}.{text}"
        known = name in self._made
        cache = self._cache(name, rows, text * self.config.hidden)
        if not known:
            cache.allocate()
        return cache

    def _cache(self, name: str, entries: int, width: int) -> Cache:
        if name not in self._made:
            layers, dtype = self.config.layers, self._weights.dtype
            self._made[name] = Cache(name, layers, entries, width, dtype)
        cache: Cache = self._made[name]
        return cache

    def _decoder(self, kind: type[_Made], shape: BatchShape) -> _Made:
        if (kind, shape) not in self._made:
            own = self.cache(shape.rows, shape.context)
            text = self.text_cache(shape.rows, shape.text)
            make: Any = kind
            self._made[kind, shape] = make(self.config, self._weights, shape, own, text)
        graph: _Made = self._made[kind, shape]
        return graph
