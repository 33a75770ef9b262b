"""What neither Python nor Numba can say, told to the compiler in its own terms.

Numba multiplies whole numbers in 64 bits; processors multiply sixteen pairs of 16 bits and add
neighbors in one instruction (x86: vpmaddwd).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from musicgen_core.engines.numba.vectors import (
    BITS_16,
    BITS_32,
    BITS_64,
    COMPARED,
    FLOAT,
    LANES,
    MIXED,
    PACKED,
    add_products,
    data_of,
    dots,
    few,
    function_of,
    nothing,
    numbers_of,
    opened,
    shape_of,
    vector,
)


def _products(columns: int, rows: int, *, quarters: bool = False) -> Any:
    """Make the function that multiplies so many columns by so many rows of packed weights.

    Where weights are multiplied four times and more, each fetches a quarter of the next: did the
    first fetch them all, it would wait for memory, and memory for the others.
    """

    def products(
        _typing: Any,
        weights: Any,
        first: Any,
        states: Any,
        start: Any,
        scales: Any,
        output: Any,
        column_scales: Any,
        column: Any,
        found: Any,
        to: Any,
        place: Any,
        quarter: Any,
    ) -> Any:
        """Weights [chunks, PACKED, LANES] from row `first` by int16 states -> found, float32.

        States [chunks, columns, LANES] begin at `start`; scales are those of outputs from `output`
        on and of columns from `column` on. Found [N, out] is written from [to, place] on. The
        weights behind are fetched meanwhile, or one quarter of them, 0 to 3.
        """
        given = (
            *(weights, first, states, start, scales, output),
            *(column_scales, column, found, to, place, quarter),
        )
        kind = ir.IntType(weights.dtype.bitwidth)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            numbers, heard, factors, column_factors, out = (
                data_of(context, builder, signature, values, which) for which in (0, 2, 4, 6, 8)
            )
            chunks = shape_of(context, builder, signature, values, 0)[0]
            width = shape_of(context, builder, signature, values, 8)[1]
            at = builder.add(builder.mul(values[9], width), values[10])
            places = (
                (numbers, builder.mul(values[1], BITS_64(LANES))),
                *((heard, values[3]), (factors, values[5]), (column_factors, values[7])),
                (out, at),
            )
            starts = [builder.gep(array, [offset]) for array, offset in places]
            kernel = _kernel(builder.module, columns, rows, kind, quarters=quarters)
            builder.call(kernel, [*starts, chunks, width, values[11]])
            return context.get_dummy_value()

        return types.void(*given), generate

    return intrinsic(products)


def _kernel(module: Any, columns: int, rows: int, kind: Any, *, quarters: bool) -> Any:
    """Find or make the loop over chunks, which is one function for all that call it."""
    name = f"mindjam_products_{columns}x{rows}_{kind.width}_{quarters}"
    kernel = function_of(module, name, [kind, BITS_16, FLOAT, FLOAT, FLOAT], 3)
    if not kernel.is_declaration:
        return kernel
    builder = opened(kernel)
    weights, states, scales, column_scales, found, chunks, width, quarter = kernel.args
    each = [BITS_64(r * LANES) for r in range(rows)]
    total = dots(builder, weights, states, chunks, columns, each, PACKED, kind,
                 quarter if quarters else None)  # fmt: skip
    for factors, which in (
        (column_scales, [c for c in range(columns) for _ in range(rows)]),
        (scales, [r for _ in range(columns) for r in range(rows)]),
    ):
        known = few(builder, factors, max(which) + 1)
        total = builder.fmul(total, builder.shuffle_vector(known, known, numbers_of(which)))
    for c in range(columns):
        part = builder.shuffle_vector(total, total, numbers_of([*range(c * rows, (c + 1) * rows)]))
        place = builder.gep(found, [builder.mul(width, BITS_64(c))])
        builder.store(part, builder.bitcast(place, part.type.as_pointer()), align=4)
    builder.ret_void()
    return kernel


products_1x4, products_2x4, products_4x2 = _products(1, 4), _products(2, 4), _products(4, 2)
quarters_2x4 = _products(2, 4, quarters=True)


def _compare(_typing: Any, keys: Any, first: Any, query: Any, scores: Any) -> Any:
    """COMPARED keys [T, chunks, LANES] from `first` on by an int16 query -> scores [T], there."""
    given, kind = (keys, first, query, scores), ir.IntType(keys.dtype.bitwidth)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        numbers, heard, found = (
            data_of(context, builder, signature, values, which) for which in (0, 2, 3)
        )
        chunks = shape_of(context, builder, signature, values, 0)[1]
        start = builder.mul(values[1], builder.mul(chunks, BITS_64(LANES)))
        places = builder.gep(numbers, [start]), heard, builder.gep(found, [values[1]])
        builder.call(_comparing(builder.module, kind), [*places, chunks])
        return context.get_dummy_value()

    return types.void(*given), generate


def _comparing(module: Any, kind: Any) -> Any:
    """Find or make the loop over a query's chunks."""
    kernel = function_of(module, f"mindjam_compare_{kind.width}", [kind, BITS_16, FLOAT], 1)
    if not kernel.is_declaration:
        return kernel
    builder = opened(kernel)
    keys, query, scores, chunks = kernel.args
    each = [builder.mul(chunks, BITS_64(key * LANES)) for key in range(COMPARED)]
    total = dots(builder, keys, query, chunks, 1, each, 1, kind)
    builder.store(total, builder.bitcast(scores, total.type.as_pointer()), align=4)
    builder.ret_void()
    return kernel


def _mix(_typing: Any, values: Any, first: Any, count: Any, chances: Any, sums: Any) -> Any:
    """`count` pairs of values [pairs, D, 2] from `first` on by int16 chances -> float32 sums [D].

    Chances [2 * count] are those of the pairs' values, one behind the other.
    """
    given = (values, first, count, chances, sums)
    kind = ir.IntType(values.dtype.bitwidth)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        numbers, heard, found = (
            data_of(context, builder, signature, given, which) for which in (0, 3, 4)
        )
        width = shape_of(context, builder, signature, given, 0)[1]
        begun = builder.mul(given[1], builder.mul(width, BITS_64(2)))
        kernel = _mixing(builder.module, kind)
        builder.call(kernel, [builder.gep(numbers, [begun]), heard, found, given[2], width])
        return context.get_dummy_value()

    return types.void(*given), generate


def _mixing(module: Any, kind: Any) -> Any:
    """Find or make the loop over pairs of values, MIXED numbers of them at a time."""
    kernel = function_of(module, f"mindjam_mix_{kind.width}", [kind, BITS_16, FLOAT], 2)
    if not kernel.is_declaration:
        return kernel
    builder, each = opened(kernel), LANES // 2
    values, chances, sums, count, width = kernel.args
    both = builder.bitcast(chances, BITS_32.as_pointer())
    lanes = ir.Constant(ir.VectorType(BITS_32, each), None)
    halves = ir.VectorType(BITS_16, LANES)
    with cgutils.for_range(builder, builder.udiv(width, BITS_64(MIXED)), intp=BITS_64) as part:
        at = builder.mul(part.index, BITS_64(MIXED))
        totals = [nothing(builder) for _ in range(MIXED // each)]
        with cgutils.for_range(builder, count, intp=BITS_64) as loop:
            pair = builder.load(builder.gep(both, [loop.index]), align=2)
            spread = builder.insert_element(lanes, pair, BITS_32(0))
            spread = builder.shuffle_vector(spread, spread, lanes)
            weights = builder.sext(builder.bitcast(spread, halves), ir.VectorType(BITS_32, LANES))
            row = builder.mul(builder.add(builder.mul(loop.index, width), at), BITS_64(2))
            for n, total in enumerate(totals):
                place = builder.add(row, BITS_64(n * LANES))
                add_products(builder, vector(builder, values, place, kind), weights, total)
        for n, total in enumerate(totals):
            found = builder.sitofp(builder.load(total), ir.VectorType(FLOAT, each))
            place = builder.gep(sums, [builder.add(at, BITS_64(n * each))])
            builder.store(found, builder.bitcast(place, found.type.as_pointer()), align=4)
    builder.ret_void()
    return kernel


compare: Any = intrinsic(_compare)
mix: Any = intrinsic(_mix)


def _power_of_two(_typing: Any, exponent: Any) -> Any:
    """2 to a whole exponent from -126 to 127, float32 both."""

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        whole = builder.fptosi(values[0], BITS_32)
        return builder.bitcast(builder.shl(builder.add(whole, BITS_32(127)), BITS_32(23)), FLOAT)

    return types.float32(exponent), generate


power_of_two: Callable[[np.float32], np.float32] = intrinsic(_power_of_two)
