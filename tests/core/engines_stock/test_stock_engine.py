"""The stock engine's own part: batches, lengths, progress, cancelling, seeds, weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from eager_mindspore import in_one_thread

from musicgen_core.checkpoint.random_weights import SIZES, random_checkpoint
from musicgen_core.engines import stock
from musicgen_core.engines.stock.model import as_stored, musicgen_config
from musicgen_core.errors import JobCancelled, ModelUnavailable
from musicgen_core.model.protocols import Engine, Row
from musicgen_core.requests import Progress, SamplingParams

pytestmark = pytest.mark.models

TEXT, OTHER = (17, 42, 99, 1), (5, 200, 31, 77, 64, 8, 1)
SAMPLED = SamplingParams(True, 3.0, 1.0, 20, 1.0)
PROMPT = np.arange(4 * 5).reshape(4, 5) % 64


def row(frames: int = 4, seed: int = 0, text: tuple[int, ...] | None = TEXT, prompt=None) -> Row:
    return Row(frames, seed, SAMPLED, text, prompt)


def ignore(progress: Progress) -> None:
    pass


@pytest.fixture(scope="module")
def engine() -> Engine:
    in_one_thread()
    return stock.create(random_checkpoint("tiny"))


@pytest.fixture(scope="module")
def batch() -> list[Row]:
    """Rows of every kind: two that share a batch, an audio prompt, an unconditional one."""
    return [row(seed=1), row(seed=2, text=OTHER), row(3, 3, prompt=PROMPT), row(1, 4, text=None)]


@pytest.fixture(scope="module")
def made(engine, batch) -> list[np.ndarray]:
    return engine.generate(batch, ignore)


def test_it_is_named_and_computes_in_fp32(engine) -> None:
    assert (engine.name, engine.precision) == ("mindnlp", "fp32")
    assert (engine.codec.sample_rate, engine.codec.hop) == (32000, 640)


def test_every_row_gets_exactly_its_frames_of_codes(batch, made) -> None:
    assert [codes.shape for codes in made] == [(4, row.frames) for row in batch]
    assert all(codes.dtype == np.int64 for codes in made)
    assert all((codes >= 0).all() and (codes < 64).all() for codes in made)


@pytest.mark.parametrize("index", range(4))
def test_a_row_in_a_batch_gives_what_it_gives_alone(engine, batch, made, index: int) -> None:
    (alone,) = engine.generate([batch[index]], ignore)
    assert np.array_equal(alone, made[index])


def test_another_seed_gives_another_clip(engine, made) -> None:
    (other,) = engine.generate([row(seed=7)], ignore)
    assert not np.array_equal(other, made[0])


def test_an_audio_prompt_is_heard(engine, made) -> None:
    (unprompted,) = engine.generate([row(3, 3)], ignore)
    assert not np.array_equal(unprompted, made[2])


def test_rows_share_a_batch_only_if_nothing_in_it_needs_padding() -> None:
    key = stock.BatchKey.of
    assert key(row(seed=1)) == key(row(seed=2, text=OTHER))
    assert key(row(text=None)) == key(
        replace(row(text=None), sampling=replace(SAMPLED, guidance_scale=1.0))
    )
    apart = [row(), row(5), row(text=None), row(prompt=PROMPT), row(prompt=PROMPT[:, :3])]
    unguided = replace(row(), sampling=replace(SAMPLED, guidance_scale=1.0))
    assert len({key(r) for r in [*apart, unguided]}) == 6


def test_progress_goes_through_all_batches_to_the_end(engine) -> None:
    seen: list[Progress] = []
    engine.generate([row(2), row(1, text=None)], seen.append)
    assert [p.done for p in seen] == [0, 0, 0, 1, 2, 2, 2, 2, 2, 3, 3, 3]
    assert {p.total for p in seen} == {3}


def test_cancelling_takes_effect_within_the_step(engine) -> None:
    steps = 0

    def cancel(progress: Progress) -> None:
        nonlocal steps
        steps += 1
        raise JobCancelled

    with pytest.raises(JobCancelled):
        engine.generate([row(50)], cancel)
    assert steps == 1


def test_the_codec_makes_a_hop_of_samples_of_every_frame_and_back(engine) -> None:
    codec = engine.codec
    samples = codec.decode(PROMPT)
    assert (samples.shape, samples.dtype) == ((5 * 640,), np.float32)
    assert codec.encode(samples).shape == (4, 5)


def test_a_checkpoint_that_lacks_a_tensor_is_refused_by_name() -> None:
    whole = random_checkpoint("tiny")
    tensors = {n: v for n, v in whole.tensors.items() if n != "decoder.lm_heads.2.weight"}
    with pytest.raises(ModelUnavailable, match=r"decoder\.lm_heads\.2\.weight"):
        stock.create(replace(whole, tensors=tensors))


def test_weight_norm_restores_every_row_a_row_of_zeros_too() -> None:
    weight = np.random.default_rng(0).standard_normal((6, 3, 5)).astype(np.float32)
    weight[2] = 0
    stored = as_stored({"audio_encoder.encoder.layers.0.conv.weight": weight})
    length, direction = (
        stored[f"audio_encoder.encoder.layers.0.conv.parametrizations.weight.original{i}"]
        for i in (0, 1)
    )
    norm = np.sqrt((direction**2).sum(axis=(1, 2), keepdims=True))
    assert np.allclose(length * direction / norm, weight, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "gated", "told"),
    [("relu", False, "relu"), ("relu", True, "gated-relu"), ("gelu_new", True, "gated-gelu")],
)
def test_t5s_feed_forward_is_told_in_one_word(activation: str, gated: bool, told: str) -> None:
    tiny = SIZES["tiny"]
    config = replace(tiny, text=replace(tiny.text, activation=activation, gated=gated))
    assert musicgen_config(config)["text_encoder"]["feed_forward_proj"] == told


def test_generation_works_while_mindspore_is_in_graph_mode(engine, batch, made) -> None:
    mindspore = pytest.importorskip("mindspore")
    before = mindspore.get_context("mode")
    mindspore.set_context(mode=mindspore.GRAPH_MODE)
    try:
        (again,) = engine.generate([batch[3]], ignore)
        assert mindspore.get_context("mode") == mindspore.GRAPH_MODE
    finally:
        mindspore.set_context(mode=before)
    assert np.array_equal(again, made[3])
