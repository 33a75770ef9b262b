"""Devices, precisions, weights, and what importing the engine costs."""

import subprocess
import sys

import numpy as np
import pytest

from musicgen_core.errors import ModelUnavailable


def test_importing_the_engine_does_not_import_mindspore() -> None:
    code = "import sys, musicgen_core.engines.mindspore; assert 'mindspore' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("precision", ["int8", "fp64"])
def test_an_unknown_precision_is_refused(precision) -> None:
    from musicgen_core.engines.mindspore.device import prepare

    with pytest.raises(ModelUnavailable, match=precision):
        prepare(precision)


def test_fp16_is_refused_on_a_cpu() -> None:
    from musicgen_core.engines.mindspore.device import prepare, target

    if target() != "CPU":
        pytest.skip("MindSpore has an accelerator here")
    with pytest.raises(ModelUnavailable, match="Ascend"):
        prepare("fp16")


def test_a_missing_tensor_is_named() -> None:
    import mindspore as ms

    from musicgen_core.engines.mindspore.weights import Weights

    with pytest.raises(ModelUnavailable, match=r"decoder\.layers\.0\.fc1\.weight"):
        Weights({}, ms.float32).below("decoder.layers.0.").take("fc1.weight")


def test_graphs_share_the_parameters_of_a_tensor() -> None:
    import mindspore as ms

    from musicgen_core.engines.mindspore.weights import Weights

    weights = Weights({"a.w": np.ones((2, 3), np.float32)}, ms.float32)
    first = weights.below("a.").take("w", lambda array: 2 * array)
    assert weights.take("a.w") is first
    assert first.asnumpy().tolist() == [[2, 2, 2], [2, 2, 2]]


def test_tensors_are_joined_on_their_first_axis() -> None:
    import mindspore as ms

    from musicgen_core.engines.mindspore.weights import Weights

    tensors = {f"head.{k}": np.full((2, 3), k, np.float32) for k in range(2)}
    joined = Weights(tensors, ms.float32).below("head.").join(["0", "1"])
    assert joined.asnumpy()[:, 0].tolist() == [0, 0, 1, 1]


def test_a_graph_leaves_the_mode_as_it_was() -> None:
    import mindspore as ms

    from musicgen_core.engines.mindspore.weights import Graph

    class Double(Graph):
        def construct(self, x):
            return x + x

    before = ms.get_context("mode")
    assert Double().run(ms.Tensor([2.0])).asnumpy().tolist() == [4.0]
    assert ms.get_context("mode") == before


@pytest.mark.models
def test_half_precision_weights_load_where_mindnlp_was_imported() -> None:
    """The worker imports mindnlp for the tokenizer, and mindnlp replaces methods of Tensor."""
    code = (
        "import mindnlp, mindspore as ms, numpy as np\n"
        "from musicgen_core.engines.mindspore.weights import fill, frozen\n"
        "half = frozen('half', ms.float16)\n"
        "fill(half, np.arange(6, dtype=np.float32).reshape(2, 3))\n"
        "print(half.dtype, half.asnumpy().tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "mindspore.float16 [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]"
