"""What threads within compiled functions need, told to the compiler in its own terms.

Threads that meet need a counter that all of them see, and functions that stay functions.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from musicgen_core.engines.numba.vectors import BITS_32, BITS_64, data_of


def _arrive(_typing: Any, counter: Any) -> Any:
    """Add one to the first element of an int64 array, for all threads to see."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = data_of(context, builder, signature, values, 0)
        builder.atomic_rmw("add", place, BITS_64(1), "seq_cst")
        return context.get_dummy_value()

    return types.void(counter), generate


def _seen(_typing: Any, counter: Any, which: Any) -> Any:
    """Return an element of an int64 array as it is now, whoever changed it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = builder.gep(data_of(context, builder, signature, values, 0), [values[1]])
        return builder.load_atomic(place, "seq_cst", align=8)

    return types.int64(counter, which), generate


def _give_way(_typing: Any) -> Any:
    """Let another thread have the core, where one waits for it (POSIX: sched_yield)."""

    def generate(_context: Any, builder: Any, _signature: Any, _values: Any) -> Any:
        kind = ir.FunctionType(BITS_32, [])
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
