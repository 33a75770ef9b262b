"""Floats a register at a time, where the compiler would take one after the other."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from musicgen_core.engines.numba.vectors import (
    BITS_32,
    BITS_64,
    FLOAT,
    LANES,
    data_of,
    function_of,
    numbers_of,
    opened,
    shape_of,
)

_WIDE = 8
"""Floats of a register."""
_REGISTER = ir.VectorType(FLOAT, _WIDE)
_BITS = ir.VectorType(BITS_32, _WIDE)


def _largest(name: str, least: float, *, signed: bool) -> Any:
    """Make the function that finds the largest of floats, or of what they are without a sign."""

    def largest(_typing: Any, numbers: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            place = data_of(context, builder, signature, values, 0)
            (count,) = shape_of(context, builder, signature, values, 0)
            return builder.call(
                _finding(builder.module, name, least, signed=signed), [place, count]
            )

        return types.float32(numbers), generate

    return intrinsic(largest)


def _finding(module: Any, name: str, least: float, *, signed: bool) -> Any:
    """Find or make the loop over registers, and over what is left of the last."""
    kernel = function_of(module, f"mindjam_{name}", [FLOAT], 1, FLOAT)
    if not kernel.is_declaration:
        return kernel
    builder = opened(kernel)
    numbers, count = kernel.args

    def larger(one: Any, other: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", one, other), one, other)

    def taken(kind: Any, bits: Any, mask: Any, at: Any) -> Any:
        place = builder.bitcast(builder.gep(numbers, [at]), bits.as_pointer())
        found = builder.load(place, align=4)
        return builder.bitcast(found if signed else builder.and_(found, mask), kind)

    mask = ir.Constant(BITS_32, 0x7FFFFFFF)
    masks = ir.Constant(_BITS, [mask] * _WIDE)
    many = cgutils.alloca_once_value(builder, ir.Constant(_REGISTER, [FLOAT(least)] * _WIDE))
    registers = builder.udiv(count, BITS_64(_WIDE))
    with cgutils.for_range(builder, registers, intp=BITS_64) as loop:
        more = taken(_REGISTER, _BITS, masks, builder.mul(loop.index, BITS_64(_WIDE)))
        builder.store(larger(more, builder.load(many)), many)
    found, width = builder.load(many), _WIDE
    while width > 1:
        width //= 2
        halves = (numbers_of([*range(first, first + width)]) for first in (0, width))
        found = larger(*(builder.shuffle_vector(found, found, half) for half in halves))
    one = cgutils.alloca_once_value(builder, builder.extract_element(found, BITS_32(0)))
    done = builder.mul(registers, BITS_64(_WIDE))
    with cgutils.for_range(builder, builder.sub(count, done), intp=BITS_64) as loop:
        more = taken(FLOAT, BITS_32, mask, builder.add(done, loop.index))
        builder.store(larger(more, builder.load(one)), one)
    builder.ret(builder.load(one))
    return kernel


maximum: Any = _largest("maximum", float("-inf"), signed=True)
"""The largest of floats [N], as float32."""
magnitude: Any = _largest("magnitude", 1e-20, signed=False)
"""The largest of floats [N], or of what they are below zero, and never quite nothing."""


def _round_chunks(
    _typing: Any, numbers: Any, factor: Any, count: Any, found: Any, first: Any, step: Any
) -> Any:
    """Round `count` chunks of LANES floats, times a factor, to whole numbers.

    They are written from found's element `first` on, each `step` elements behind the one before.
    """
    given, kind = (numbers, factor, count, found, first, step), ir.IntType(found.dtype.bitwidth)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        floats, place = (data_of(context, builder, signature, values, which) for which in (0, 3))
        start = builder.gep(place, [values[4]])
        kernel = _rounding(builder.module, kind)
        builder.call(kernel, [floats, start, values[2], values[5], values[1]])
        return context.get_dummy_value()

    return types.void(*given), generate


def _rounding(module: Any, kind: Any) -> Any:
    """Find or make the loop over chunks."""
    kernel = function_of(module, f"mindjam_round_{kind.width}", [FLOAT, kind], 2, given=[FLOAT])
    if not kernel.is_declaration:
        return kernel
    builder = opened(kernel)
    numbers, found, count, step, factor = kernel.args
    chunk, whole = ir.VectorType(FLOAT, LANES), ir.VectorType(kind, LANES)
    factors = builder.insert_element(ir.Constant(chunk, None), factor, BITS_32(0))
    factors = builder.shuffle_vector(factors, factors, numbers_of([0] * LANES))
    rint = cgutils.get_or_insert_function(
        module, ir.FunctionType(chunk, [chunk]), f"llvm.rint.v{LANES}f32"
    )
    with cgutils.for_range(builder, count, intp=BITS_64) as loop:
        place = builder.gep(numbers, [builder.mul(loop.index, BITS_64(LANES))])
        taken = builder.load(builder.bitcast(place, chunk.as_pointer()), align=4)
        rounded = builder.fptosi(builder.call(rint, [builder.fmul(taken, factors)]), whole)
        place = builder.gep(found, [builder.mul(loop.index, step)])
        builder.store(rounded, builder.bitcast(place, whole.as_pointer()), align=kind.width // 8)
    builder.ret_void()
    return kernel


round_chunks: Any = intrinsic(_round_chunks)
