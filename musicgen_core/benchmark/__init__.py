"""How fast a model of a size is on this host, measured in fresh processes."""

from musicgen_core.benchmark.measuring import measure
from musicgen_core.benchmark.workload import Figures, Workload

__all__ = ["Figures", "Workload", "measure"]
