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
    """Looks tensors up below a prefix of their names.

    MindSpore copies an array into a Parameter once; graphs compiled later share that copy.
    """

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
            # from_numpy wraps the array, so that Parameter's own copy is the only one.
            tensor = Tensor.from_numpy(np.ascontiguousarray(value())).astype(self.dtype)
            self._made[key] = Parameter(tensor, name=key, requires_grad=False)
        return self._made[key]
