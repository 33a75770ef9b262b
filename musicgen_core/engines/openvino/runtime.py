"""OpenVINO, set up for this host's cores."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import openvino

from musicgen_core.host import usable_cores

if TYPE_CHECKING:
    from musicgen_core.engines.openvino.graphs import Graph


@cache
def core() -> Any:
    """Return the process's one openvino.Core."""
    return openvino.Core()


class Compiled:
    """A graph that runs, and the memory that its constants may lie in."""

    def __init__(self, network: Any, graph: Graph) -> None:
        self.network, self._graph = network, graph
        """The openvino.CompiledModel and what it was compiled from."""

    def request(self) -> Any:
        """Return a new inference request with a state of its own."""
        return self.network.create_infer_request()

    def outputs(self) -> list[str]:
        """Return the names of what comes out."""
        return [output.get_any_name() for output in self.network.outputs]

    def release(self) -> None:
        """Give back what only the packing of weights needed; after a first inference."""
        self._graph.release()


def compiled(graph: Graph, **properties: Any) -> Compiled:
    """Compile a graph for the CPU and one batch at a time.

    Raises:
        RuntimeError: OpenVINO cannot compile it.
    """
    network = core().compile_model(
        graph.model,
        "CPU",
        {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": usable_cores(),
            # Processors with bfloat16 would compute in it unasked.
            "INFERENCE_PRECISION_HINT": "f32",
            **properties,
        },
    )
    graph.release()  # what it needs again it reads again, here for constants that were folded
    return Compiled(network, graph)
