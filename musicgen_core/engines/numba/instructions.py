"""What neither Python nor Numba can say, told to the compiler in its own terms.

Numba multiplies whole numbers in 64 bits; processors multiply sixteen pairs of 16 bits and add
neighbors in one instruction (x86: vpmaddwd). And threads that meet within a compiled function need
a counter that all of them see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 16
"""Numbers that are multiplied at once; a row is a multiple of them long."""
PACKED = 4
"""Rows of weights that lie side by side, lanes by turns."""
COMPARED = 8
"""Keys that a query is compared to at once."""
MIXED = 32
"""Numbers of two values that are added up in one go; values are a multiple of them wide."""
_BITS_16, _BITS_32, _BITS_64 = (ir.IntType(bits) for bits in (16, 32, 64))
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


def _totals(builder: Any, sums: list[Any]) -> Any:
    """Add the lanes of each of 4 or 8 vectors -> one vector.

    As floats, since together they may be more than 32 bits hold; neighbors first, of two vectors
    at a time.
    """
    width = LANES // 2
    parts = [builder.sitofp(each, ir.VectorType(_FLOAT, width)) for each in sums]
    even, odd = _halves(width, [[*range(0, 2 * width, 2)], [*range(1, 2 * width, 2)]])
    while len(parts) > 1:
        parts = [
            builder.fadd(
                builder.shuffle_vector(one, other, even), builder.shuffle_vector(one, other, odd)
            )
            for one, other in zip(parts[::2], parts[1::2], strict=True)
        ]
    (total,) = parts
    if len(sums) == width:
        return total
    even, odd = _halves(width // 2, [[*range(0, width, 2)], [*range(1, width, 2)]])
    return builder.fadd(
        builder.shuffle_vector(total, total, even), builder.shuffle_vector(total, total, odd)
    )


def _products(columns: int, rows: int) -> Any:
    """Make the function that multiplies so many columns by so many rows of packed weights."""

    def products(_typing: Any, weights: Any, first: Any, states: Any, start: Any, sums: Any) -> Any:
        """Weights [chunks, PACKED, LANES] from row `first` by int16 states -> float32 sums.

        States [chunks, columns, LANES] begin at `start`; sums are [columns, rows].
        """
        given, kind = (weights, first, states, start, sums), ir.IntType(weights.dtype.bitwidth)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            numbers, heard, found = (
                _data(context, builder, signature, values, which) for which in (0, 2, 4)
            )
            array = context.make_array(signature.args[0])(context, builder, values[0])
            row = builder.gep(numbers, [builder.mul(values[1], _BITS_64(LANES))])
            chunks, column = builder.extract_value(array.shape, 0), builder.gep(heard, [values[3]])
            kernel = _kernel(builder.module, columns, rows, kind, packed=True)
            builder.call(kernel, [row, column, found, chunks])
            return context.get_dummy_value()

        return types.void(*given), generate

    return intrinsic(products)


def _kernel(module: Any, columns: int, rows: int, kind: Any, *, packed: bool) -> Any:
    """Find or make the loop over chunks, which is one function for all that call it.

    Rows are packed, or lie one behind the other, each of `chunks` times LANES.
    """
    name = f"mindjam_products_{columns}x{rows}_{kind.width}_{packed}"
    kernel = _function(module, name, [kind, _BITS_16, _FLOAT], 1)
    if not kernel.is_declaration:
        return kernel
    builder = _opened(kernel)
    weights, states, sums, chunks = kernel.args
    totals = [[_nothing(builder) for _ in range(rows)] for _ in range(columns)]
    with cgutils.for_range(builder, chunks, intp=_BITS_64) as loop:

        def vector(numbers: Any, element: Any, steps: int, which: Any) -> Any:
            at = builder.add(builder.mul(loop.index, _BITS_64(steps * LANES)), which)
            return _vector(builder, numbers, at, element)

        if packed:
            wide = [vector(weights, kind, PACKED, _BITS_64(r * LANES)) for r in range(rows)]
        else:
            starts = (builder.mul(chunks, _BITS_64(r * LANES)) for r in range(rows))
            wide = [vector(weights, kind, 1, start) for start in starts]
        for c in range(columns):
            column = vector(states, _BITS_16, columns, _BITS_64(c * LANES))
            for r in range(rows):
                _add_products(builder, wide[r], column, totals[c][r])
    total = _totals(builder, [builder.load(each) for column in totals for each in column])
    builder.store(total, builder.bitcast(sums, total.type.as_pointer()), align=4)
    builder.ret_void()
    return kernel


def _function(module: Any, name: str, arrays: list[Any], numbers: int) -> Any:
    """Find or declare a function of arrays' addresses and of so many whole numbers."""
    given = [element.as_pointer() for element in arrays] + [_BITS_64] * numbers
    return cgutils.get_or_insert_function(module, ir.FunctionType(ir.VoidType(), given), name)


def _opened(function: Any) -> Any:
    """Begin the body of a function that stays one, whoever calls it."""
    function.linkage = "linkonce_odr"
    function.attributes.add("noinline")
    return ir.IRBuilder(function.append_basic_block())


def _nothing(builder: Any) -> Any:
    """Make a vector of sums, all 0 from here on."""
    zeros = ir.Constant(ir.VectorType(_BITS_32, LANES // 2), None)
    return cgutils.alloca_once_value(builder, zeros)


def _add_products(builder: Any, one: Any, other: Any, sums: Any) -> None:
    """Multiply two vectors and add neighbors to sums."""
    more = _pairs(builder, builder.mul(one, other, flags=["nsw"]))
    builder.store(builder.add(builder.load(sums), more), sums)


products_1x4, products_2x4, products_4x2 = _products(1, 4), _products(2, 4), _products(4, 2)


def _compare(_typing: Any, keys: Any, first: Any, query: Any, scores: Any) -> Any:
    """COMPARED keys [T, chunks, LANES] from `first` on by an int16 query -> scores [T], there."""
    given, kind = (keys, first, query, scores), ir.IntType(keys.dtype.bitwidth)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        numbers, heard, found = (
            _data(context, builder, signature, values, which) for which in (0, 2, 3)
        )
        array = context.make_array(signature.args[0])(context, builder, values[0])
        chunks = builder.extract_value(array.shape, 1)
        start = builder.mul(values[1], builder.mul(chunks, _BITS_64(LANES)))
        kernel = _kernel(builder.module, 1, COMPARED, kind, packed=False)
        places = builder.gep(numbers, [start]), heard, builder.gep(found, [values[1]])
        builder.call(kernel, [*places, chunks])
        return context.get_dummy_value()

    return types.void(*given), generate


def _mix(
    _typing: Any, values: Any, first: Any, count: Any, chances: Any, start: Any, sums: Any
) -> Any:
    """Values [pairs, D, 2] by int16 chances [pairs, 2] from `start` on -> float32 sums [D].

    Of `count` pairs of values from the `first` on.
    """
    given = (values, first, count, chances, start, sums)
    kind = ir.IntType(values.dtype.bitwidth)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        numbers, heard, found = (
            _data(context, builder, signature, given, which) for which in (0, 3, 5)
        )
        array = context.make_array(signature.args[0])(context, builder, given[0])
        width = builder.extract_value(array.shape, 1)
        begun = builder.mul(given[1], builder.mul(width, _BITS_64(2)))
        chances = builder.gep(heard, [builder.mul(given[4], _BITS_64(2))])
        kernel = _mixing(builder.module, kind)
        builder.call(kernel, [builder.gep(numbers, [begun]), chances, found, given[2], width])
        return context.get_dummy_value()

    return types.void(*given), generate


def _mixing(module: Any, kind: Any) -> Any:
    """Find or make the loop over pairs of values, MIXED numbers of them at a time."""
    kernel = _function(module, f"mindjam_mix_{kind.width}", [kind, _BITS_16, _FLOAT], 2)
    if not kernel.is_declaration:
        return kernel
    builder, each = _opened(kernel), LANES // 2
    values, chances, sums, count, width = kernel.args
    both = builder.bitcast(chances, _BITS_32.as_pointer())
    lanes = ir.Constant(ir.VectorType(_BITS_32, each), None)
    halves = ir.VectorType(_BITS_16, LANES)
    with cgutils.for_range(builder, builder.udiv(width, _BITS_64(MIXED)), intp=_BITS_64) as part:
        at = builder.mul(part.index, _BITS_64(MIXED))
        totals = [_nothing(builder) for _ in range(MIXED // each)]
        with cgutils.for_range(builder, count, intp=_BITS_64) as loop:
            pair = builder.load(builder.gep(both, [loop.index]), align=2)
            spread = builder.insert_element(lanes, pair, _BITS_32(0))
            spread = builder.shuffle_vector(spread, spread, lanes)
            weights = builder.sext(builder.bitcast(spread, halves), ir.VectorType(_BITS_32, LANES))
            row = builder.mul(builder.add(builder.mul(loop.index, width), at), _BITS_64(2))
            for n, total in enumerate(totals):
                place = builder.add(row, _BITS_64(n * LANES))
                _add_products(builder, _vector(builder, values, place, kind), weights, total)
        for n, total in enumerate(totals):
            found = builder.sitofp(builder.load(total), ir.VectorType(_FLOAT, each))
            place = builder.gep(sums, [builder.add(at, _BITS_64(n * each))])
            builder.store(found, builder.bitcast(place, found.type.as_pointer()), align=4)
    builder.ret_void()
    return kernel


compare: Any = intrinsic(_compare)
mix: Any = intrinsic(_mix)


def _power_of_two(_typing: Any, exponent: Any) -> Any:
    """2 to a whole exponent from -126 to 127, float32 both."""

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        whole = builder.fptosi(values[0], _BITS_32)
        return builder.bitcast(builder.shl(builder.add(whole, _BITS_32(127)), _BITS_32(23)), _FLOAT)

    return types.float32(exponent), generate


power_of_two: Callable[[np.float32], np.float32] = intrinsic(_power_of_two)


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


def _apart(typing: Any, function: Any, arguments: Any) -> Any:
    """Call a compiled function with a tuple of arguments, and have it stay a function.

    Inlined beside others into a larger one, its loops become code that is half as fast.
    """
    inner = function.get_call_type(typing, arguments.types, {})
    name = function.dispatcher.py_func.__name__

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        given = cgutils.unpack_tuple(builder, values[1])
        found = context.get_function(function, inner)(builder, given)
        made = (each for block in builder.function.blocks for each in block.instructions)
        for call in made:
            if isinstance(call, ir.CallInstr) and name in call.callee.name:
                call.attributes.add("noinline")
        return found

    return inner.return_type(function, arguments), generate


apart: Any = intrinsic(_apart)
