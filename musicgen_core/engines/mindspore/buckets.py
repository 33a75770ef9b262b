"""Sizes that graphs are compiled for: few enough to compile, fine enough not to waste."""

from __future__ import annotations

from dataclasses import dataclass

MASKED = -1e9
"""Added to scores that attention must not see; exp of it is 0 in float32."""

ROWS_AT_ONCE = 8
"""Rows up to which MindSpore's CPU kernel gives a row the same bits whatever their number."""

_SMALLEST_TEXT = 16
_FIRST_CONTEXT = 256
_CONTEXT_STEP = 512


@dataclass(frozen=True, slots=True)
class BatchShape:
    """The sizes that a graph of the decoder is compiled for."""

    rows: int
    """R, rows that the caches hold."""
    text: int
    """S, cross-attention states of a row."""
    context: int
    """T, columns that self-attention can hold."""
    columns: int = 1
    """Q: 1 feeds one column to every row, more feed Q columns to one row."""


def bucket_of(tokens: int) -> int:
    """Return the text length to compile for: a power of two, 16 at least."""
    return max(_SMALLEST_TEXT, 1 << (tokens - 1).bit_length())


def rows_of(rows: int) -> int:
    """Return the batch size to compile for: 2, 4, 8, or a multiple of 8.

    Never 1: one row goes through another kernel (a vector product), whose last bits differ, and a
    row must not change with its company.
    """
    if rows > ROWS_AT_ONCE:
        return -(-rows // ROWS_AT_ONCE) * ROWS_AT_ONCE
    return max(2, 1 << (rows - 1).bit_length())


def context_of(positions: int) -> int:
    """Return the cache length to compile for: 256, then multiples of 512."""
    if positions <= _FIRST_CONTEXT:
        return _FIRST_CONTEXT
    return -(-positions // _CONTEXT_STEP) * _CONTEXT_STEP
