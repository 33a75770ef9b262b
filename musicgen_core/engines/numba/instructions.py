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
    """Make the function that multiplies so many columns by so many rows of weights at once."""

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
            builder.call(_kernel(builder.module, columns, rows, kind), [row, column, chunks, found])
            return context.get_dummy_value()

        return types.void(*given), generate

    return intrinsic(products)


def _kernel(module: Any, columns: int, rows: int, kind: Any) -> Any:
    """Find or make the loop over chunks, which is one function for all that call it."""
    pointers = [element.as_pointer() for element in (kind, _BITS_16, _FLOAT)]
    numbers, heard, found = pointers
    shape = ir.FunctionType(ir.VoidType(), [numbers, heard, _BITS_64, found])
    name = f"mindjam_products_{columns}x{rows}_{kind.width}"
    kernel = cgutils.get_or_insert_function(module, shape, name)
    if not kernel.is_declaration:
        return kernel
    kernel.linkage = "linkonce_odr"
    kernel.attributes.add("noinline")
    builder = ir.IRBuilder(kernel.append_basic_block())
    weights, states, chunks, sums = kernel.args
    nothing = ir.Constant(ir.VectorType(_BITS_32, LANES // 2), None)
    totals = [
        [cgutils.alloca_once_value(builder, nothing) for _ in range(rows)] for _ in range(columns)
    ]
    with cgutils.for_range(builder, chunks, intp=_BITS_64) as loop:
        at = builder.mul(loop.index, _BITS_64(PACKED * LANES))
        wide = [
            _vector(builder, weights, builder.add(at, _BITS_64(r * LANES)), kind)
            for r in range(rows)
        ]
        at = builder.mul(loop.index, _BITS_64(columns * LANES))
        for c in range(columns):
            column = _vector(builder, states, builder.add(at, _BITS_64(c * LANES)), _BITS_16)
            for r in range(rows):
                more = _pairs(builder, builder.mul(wide[r], column, flags=["nsw"]))
                builder.store(builder.add(builder.load(totals[c][r]), more), totals[c][r])
    total = _totals(builder, [builder.load(each) for column in totals for each in column])
    builder.store(total, builder.bitcast(sums, total.type.as_pointer()), align=4)
    builder.ret_void()
    return kernel


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
