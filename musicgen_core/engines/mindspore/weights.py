"""A checkpoint's tensors as frozen Parameters, each made once and shared by every graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import Parameter, Tensor, nn

from musicgen_core.errors import ModelUnavailable
from musicgen_core.model.protocols import Floats


class Graph(nn.Cell):  # type: ignore[misc]
    """A network, or a part of one, that MindSpore compiles once for the shapes it is made for."""

    def run(self, *inputs: Any) -> Any:
        """Run compiled, and leave the mode as it was: MindNLP computes in the other one."""
        before = ms.get_context("mode")
        ms.set_context(mode=ms.GRAPH_MODE)
        try:
            return self(*inputs)
        finally:
            ms.set_context(mode=before)


class Weights:
    """Looks tensors up below a prefix of their names and makes a Parameter of each only once."""

    def __init__(self, tensors: Mapping[str, Floats], dtype: Any, prefix: str = "") -> None:
        self.dtype = dtype
        self._tensors, self._prefix = tensors, prefix
        self._made: dict[str, Any] = {}

    def below(self, prefix: str) -> Weights:
        """Return the weights whose names go on with `prefix`; what was made stays shared."""
        part = Weights(self._tensors, self.dtype, self._prefix + prefix)
        part._made = self._made
        return part

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._tensors

    def array(self, name: str) -> Floats:
        """Return one tensor as it stands in the checkpoint.

        Raises:
            ModelUnavailable: the checkpoint has no such tensor.
        """
        try:
            return self._tensors[self._prefix + name]
        except KeyError as exc:
            raise ModelUnavailable(
                f"The checkpoint has no tensor {self._prefix + name}; download it again."
            ) from exc

    def take(self, name: str, change: Callable[[Floats], Floats] | None = None) -> Any:
        """Return one tensor as a Parameter, changed once where it is made."""
        return self._make(name, lambda: self._changed(self.array(name), change))

    def join(self, names: Sequence[str]) -> Any:
        """Return several tensors as one Parameter, one behind the other on their first axis."""
        return self._make(names[0], lambda: np.concatenate([self.array(name) for name in names]))

    def constant(self, name: str, value: Callable[[], Floats]) -> Any:
        """Return a table that is computed, not stored, as a Parameter made once."""
        return self._make(name, value)

    def _changed(self, array: Floats, change: Callable[[Floats], Floats] | None) -> Floats:
        return array if change is None else change(array)

    def _make(self, name: str, value: Callable[[], Floats]) -> Any:
        key = self._prefix + name
        if key not in self._made:
            self._made[key] = frozen(key, self.dtype)
            fill(self._made[key], np.ascontiguousarray(value()))
        return self._made[key]


def frozen(name: str, dtype: Any) -> Any:
    """Return a Parameter that is not trained, to be filled."""
    return Parameter(Tensor(np.zeros(1), dtype), name=name, requires_grad=False)


def fill(parameter: Any, value: Floats) -> None:
    """Let a Parameter stand for `value` of any shape; on a CPU in float32 it copies nothing.

    Parameter's constructor would copy, and a model may have gigabytes.
    """
    tensor = Tensor.from_numpy(value)
    if parameter.dtype != tensor.dtype:
        # Not Tensor.astype: in a process that has imported mindnlp, that is mindnlp's own.
        tensor = Tensor(value, parameter.dtype)
    parameter.set_data(tensor, slice_shape=True)
