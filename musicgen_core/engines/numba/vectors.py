"""Vectors of numbers in LLVM's terms: loaded, multiplied, added up, by functions of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils

LANES = 16
"""Numbers that are multiplied at once; a row is a multiple of them long."""
PACKED = 4
"""Rows of weights that lie side by side, lanes by turns."""
COMPARED = 8
"""Keys that a query is compared to at once."""
MIXED = 32
"""Numbers of two values that are added up in one go; values are a multiple of them wide."""
_LINE = 64
"""Bytes that come from memory at once."""
BITS_16, BITS_32, BITS_64 = (ir.IntType(bits) for bits in (16, 32, 64))
FLOAT = ir.FloatType()
_NOTHING = ir.VoidType()


def data_of(context: Any, builder: Any, signature: Any, values: Any, which: int) -> Any:
    """The address of the first element of an argument, an array that is contiguous."""
    return context.make_array(signature.args[which])(context, builder, values[which]).data


def vector(builder: Any, first: Any, offset: Any, element: Any) -> Any:
    """Load `LANES` elements from `offset` on, widened to 32 bits."""
    kind = ir.VectorType(element, LANES).as_pointer()
    loaded = builder.load(builder.bitcast(builder.gep(first, [offset]), kind), align=1)
    return builder.sext(loaded, ir.VectorType(BITS_32, LANES))


def shape_of(context: Any, builder: Any, signature: Any, values: Any, which: int) -> list[Any]:
    """The lengths of an argument's axes."""
    kind = signature.args[which]
    array = context.make_array(kind)(context, builder, values[which])
    return [builder.extract_value(array.shape, axis) for axis in range(kind.ndim)]


def numbers_of(which: list[int]) -> Any:
    """Say which lanes of two vectors make a third."""
    return ir.Constant(ir.VectorType(BITS_32, len(which)), which)


def _pairs(builder: Any, product: Any) -> Any:
    """Add neighbors: with what made the product this is one instruction."""
    even, odd = numbers_of([*range(0, LANES, 2)]), numbers_of([*range(1, LANES, 2)])
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
    parts = [builder.sitofp(each, ir.VectorType(FLOAT, width)) for each in sums]
    even, odd = numbers_of([*range(0, 2 * width, 2)]), numbers_of([*range(1, 2 * width, 2)])
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
    even, odd = numbers_of([*range(0, width, 2)]), numbers_of([*range(1, width, 2)])
    return builder.fadd(
        builder.shuffle_vector(total, total, even), builder.shuffle_vector(total, total, odd)
    )


def dots(
    builder: Any,
    weights: Any,
    states: Any,
    chunks: Any,
    columns: int,
    starts: list[Any],
    step: int,
    kind: Any,
    quarter: Any = None,
) -> Any:
    """Multiply so many columns by rows of weights that begin at starts -> one vector of sums.

    A row's next chunk is `step` chunks behind its last. Of packed weights those behind are fetched
    meanwhile, or a quarter of them.
    """
    totals = [[nothing(builder) for _ in starts] for _ in range(columns)]
    with cgutils.for_range(builder, chunks, intp=BITS_64) as loop:
        at = builder.mul(loop.index, BITS_64(step * LANES))
        wide = [vector(builder, weights, builder.add(at, start), kind) for start in starts]
        if quarter is not None:
            part = builder.add(builder.mul(quarter, chunks), loop.index)
            part = builder.mul(part, BITS_64(step * LANES // 4))
            part = builder.add(part, builder.mul(chunks, BITS_64(step * LANES)))
            _fetch(builder, weights, part, PACKED * LANES // 4)
        elif step == PACKED:
            behind = builder.mul(chunks, BITS_64(step * LANES))
            _fetch(builder, weights, builder.add(at, behind), PACKED * LANES)
        for c in range(columns):
            place = builder.mul(loop.index, BITS_64(columns * LANES))
            place = builder.add(place, BITS_64(c * LANES))
            column = vector(builder, states, place, BITS_16)
            for row, total in zip(wide, totals[c], strict=True):
                add_products(builder, row, column, total)
    return _totals(builder, [builder.load(each) for column in totals for each in column])


def _fetch(builder: Any, weights: Any, at: Any, count: int) -> None:
    """Have numbers of the next group in the cache by when they are wanted.

    Processors read ahead within a page, and a group is about one.
    """
    byte, number = ir.IntType(8).as_pointer(), weights.type.pointee.width // 8
    kind = ir.FunctionType(_NOTHING, [byte, *[BITS_32] * 3])
    prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    for line in range(0, count, _LINE // number):
        place = builder.gep(weights, [builder.add(at, BITS_64(line))])
        how = [BITS_32(number) for number in (0, 3, 1)]  # to read, to stay, data
        builder.call(prefetch, [builder.bitcast(place, byte), *how])


def few(builder: Any, numbers: Any, count: int) -> Any:
    """Load a few floats."""
    kind = ir.VectorType(FLOAT, count).as_pointer()
    return builder.load(builder.bitcast(numbers, kind), align=4)


def function_of(
    module: Any,
    name: str,
    arrays: list[Any],
    numbers: int,
    found: Any = _NOTHING,
    given: Sequence[Any] = (),
) -> Any:
    """Find or declare a function of arrays' addresses, so many whole numbers and what is given."""
    kinds = [*(element.as_pointer() for element in arrays), *[BITS_64] * numbers, *given]
    return cgutils.get_or_insert_function(module, ir.FunctionType(found, kinds), name)


def opened(function: Any) -> Any:
    """Begin the body of a function that stays one, whoever calls it."""
    function.linkage = "linkonce_odr"
    function.attributes.add("noinline")
    return ir.IRBuilder(function.append_basic_block())


def nothing(builder: Any) -> Any:
    """Make a vector of sums, all 0 from here on."""
    zeros = ir.Constant(ir.VectorType(BITS_32, LANES // 2), None)
    return cgutils.alloca_once_value(builder, zeros)


def add_products(builder: Any, one: Any, other: Any, sums: Any) -> None:
    """Multiply two vectors and add neighbors to sums."""
    more = _pairs(builder, builder.mul(one, other, flags=["nsw"]))
    builder.store(builder.add(builder.load(sums), more), sums)
