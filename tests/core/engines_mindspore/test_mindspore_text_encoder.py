"""T5 in buckets; its values are held to the reference in tests/parity."""

from math import erf

import numpy as np
import pytest

pytestmark = pytest.mark.models


def test_padding_up_to_a_bucket_changes_nothing(text_encoder, monkeypatch) -> None:
    from musicgen_core.engines.mindspore import text_encoder as module

    ids = [7, 8, 9, 3, 1]
    exact = text_encoder.encode(ids)
    monkeypatch.setattr(module, "bucket_of", lambda _: 64)
    assert text_encoder.encode(ids) == pytest.approx(exact, abs=1e-5)


def test_states_depend_on_the_order_of_tokens(text_encoder) -> None:
    forward, backward = text_encoder.encode([7, 8, 9, 1]), text_encoder.encode([9, 8, 7, 1])
    assert np.abs(forward[3] - backward[3]).max() > 1e-3


def test_a_gated_feed_forward_multiplies_by_its_gate(tensors) -> None:
    import mindspore as ms

    from musicgen_core.checkpoint.config import TextConfig
    from musicgen_core.engines.mindspore.text_encoder import FeedForward
    from musicgen_core.engines.mindspore.weights import Weights

    config = TextConfig(50, 4, 1, 4, 6, 1, 32, 128, 1e-6, "gelu_new", gated=True)
    rng = np.random.default_rng(0)
    inner, gate = rng.standard_normal((2, 6, 4)).astype(np.float32)
    outer, states = (rng.standard_normal(s).astype(np.float32) for s in ((4, 6), (3, 4)))
    named = {"wi_0.weight": inner, "wi_1.weight": gate, "wo.weight": outer}
    made = FeedForward(config, Weights(named, ms.float32)).run(ms.Tensor(states)).asnumpy()
    hidden = states @ inner.T
    gelu = hidden * 0.5 * (1 + np.vectorize(erf)(hidden / np.sqrt(2)))
    # gelu_new approximates gelu to 5e-4.
    assert made == pytest.approx((gelu * (states @ gate.T)) @ outer.T, abs=1e-2)
