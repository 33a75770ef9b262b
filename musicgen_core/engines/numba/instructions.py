"""What neither Python nor Numba can say, told to the compiler in its own terms.

Numba multiplies whole numbers in 64 bits; processors multiply sixteen pairs of 16 bits and add
neighbors in one instruction (x86: vpmaddwd). And threads that meet within a compiled function need
a counter that all of them see.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 16
"""Numbers that are multiplied at once; a row is a multiple of them long."""
PACKED = 4
"""Rows of weights that lie side by side, lanes by turns."""
_BITS_8, _BITS_16, _BITS_32, _BITS_64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_FLOAT = ir.FloatType()


def _data(context: Any, builder: Any, signature: Any, values: Any, which: int) -> Any:
    """The address of the first element of an argument, an array that is contiguous."""
    return context.make_array(signature.args[which])(context, builder, values[which]).data


def _vector(builder: Any, first: Any, offset: Any, element: Any) -> Any:
    """Load `LANES` elements from `offset` on, widened to 32 bits."""
    kind = ir.VectorType(element, LANES).as_pointer()
    loaded = builder.load(builder.bitcast(builder.gep(first, [offset]), kind), align=1)
    return builder.sext(loaded, ir.VectorType(_BITS_32, LANES))


def _halves(width: int, parts: list[list[int]]) -> list[Any]:
    return [ir.Constant(ir.VectorType(_BITS_32, width), part) for part in parts]


def _pairs(builder: Any, product: Any) -> Any:
    """Add neighbors: with what made the product this is one instruction."""
    width = LANES // 2
    even, odd = _halves(width, [[*range(0, LANES, 2)], [*range(1, LANES, 2)]])
    return builder.add(
        builder.shuffle_vector(product, product, even),
        builder.shuffle_vector(product, product, odd),
    )


def _total(builder: Any, sums: Any) -> Any:
    """Add all lanes, as floats: together they may be more than 32 bits hold."""
    width = LANES // 2
    total = builder.sitofp(sums, ir.VectorType(_FLOAT, width))
    while width > 1:
        width //= 2
        low, high = _halves(width, [[*range(width)], [*range(width, 2 * width)]])
        total = builder.fadd(
            builder.shuffle_vector(total, total, low), builder.shuffle_vector(total, total, high)
        )
    return builder.extract_element(total, _BITS_32(0))


def _products(columns: int, rows: int) -> Any:
    """Make the function that multiplies so many columns by so many rows of weights at once."""

    def products(_typing: Any, weights: Any, first: Any, states: Any, start: Any, sums: Any) -> Any:
        """int8 weights [chunks, PACKED, LANES] from row `first` by int16 states -> float32 sums.

        States [chunks, columns, LANES] begin at `start`; sums are [columns, rows].
        """
        given = (weights, first, states, start, sums)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            numbers, heard, found = (
                _data(context, builder, signature, values, which) for which in (0, 2, 4)
            )
            array = context.make_array(signature.args[0])(context, builder, values[0])
            chunks = builder.extract_value(array.shape, 0)
            row = builder.mul(values[1], _BITS_64(LANES))
            nothing = ir.Constant(ir.VectorType(_BITS_32, LANES // 2), None)
            totals = [
                [cgutils.alloca_once_value(builder, nothing) for _ in range(rows)]
                for _ in range(columns)
            ]
            with cgutils.for_range(builder, chunks, intp=_BITS_64) as loop:
                place = builder.add(row, builder.mul(loop.index, _BITS_64(PACKED * LANES)))
                wide = [
                    _vector(builder, numbers, builder.add(place, _BITS_64(r * LANES)), _BITS_8)
                    for r in range(rows)
                ]
                at = builder.add(values[3], builder.mul(loop.index, _BITS_64(columns * LANES)))
                for c in range(columns):
                    column = _vector(builder, heard, builder.add(at, _BITS_64(c * LANES)), _BITS_16)
                    for r in range(rows):
                        product = builder.mul(wide[r], column, flags=["nsw"])
                        total = totals[c][r]
                        more = _pairs(builder, product)
                        builder.store(builder.add(builder.load(total), more), total)
            for c in range(columns):
                for r in range(rows):
                    total = _total(builder, builder.load(totals[c][r]))
                    builder.store(total, builder.gep(found, [_BITS_64(c * rows + r)]))
            return context.get_dummy_value()

        return types.void(*given), generate

    return intrinsic(products)


products_1x4, products_2x4, products_4x2 = _products(1, 4), _products(2, 4), _products(4, 2)


def _arrive(_typing: Any, counter: Any) -> Any:
    """Add one to the first element of an int64 array, for all threads to see."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _data(context, builder, signature, values, 0)
        builder.atomic_rmw("add", place, _BITS_64(1), "seq_cst")
        return context.get_dummy_value()

    return types.void(counter), generate


def _seen(_typing: Any, counter: Any, which: Any) -> Any:
    """Return an element of an int64 array as it is now, whoever changed it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = builder.gep(_data(context, builder, signature, values, 0), [values[1]])
        return builder.load_atomic(place, "seq_cst", align=8)

    return types.int64(counter, which), generate


def _give_way(_typing: Any) -> Any:
    """Let another thread have the core, where one waits for it (POSIX: sched_yield)."""

    def generate(_context: Any, builder: Any, _signature: Any, _values: Any) -> Any:
        kind = ir.FunctionType(_BITS_32, [])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])

    return types.int32(), generate


arrive: Any = intrinsic(_arrive)
seen: Any = intrinsic(_seen)
give_way: Any = intrinsic(_give_way)
