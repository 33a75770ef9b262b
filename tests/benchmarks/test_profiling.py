"""What the profiles and the memory's bound are reckoned from."""

import pytest

from benchmarks.memory_probe import bound_ms, cache_read, weights_read
from benchmarks.profile_step import import_times, show
from musicgen_core.checkpoint.random_weights import SIZES

IMPORTS = """import time: self [us] | cumulative | imported package
import time:       100 |        100 |   numpy.core
import time:       200 |        300 | numpy
a library's warning
import time:        50 |         50 | mindspore.ops"""


def test_imports_are_summed_by_package() -> None:
    found = import_times(IMPORTS)
    assert found == pytest.approx({"import numpy": 300e-6, "import mindspore": 50e-6})


def test_a_step_of_small_reads_361_million_weights() -> None:
    assert round(weights_read(SIZES["small"]) / 1e6) == 361


def test_the_bound_is_weights_and_cache_by_the_memory_s_speed() -> None:
    small = SIZES["small"]
    assert cache_read(small.decoder, 500) == 2 * 24 * 2 * 500 * 1024
    bytes_read = weights_read(small) + cache_read(small.decoder, 500)
    assert bound_ms(small, "int8", 500, 1e9) == pytest.approx(bytes_read / 1e6)
    assert bound_ms(small, "fp32", 500, 1e9) == pytest.approx(4 * bytes_read / 1e6)


def test_a_table_sums_what_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    show("A clip", {"steps": 0.9, "text": 0.098, "a": 0.001, "b": 0.001})
    *_, steps, text, others = capsys.readouterr().out.splitlines()
    assert steps == "| steps | 900.000 | 90.0 % |"
    assert text == "| text | 98.000 | 9.8 % |"
    assert others == "| others | 2.000 | 0.2 % |"
