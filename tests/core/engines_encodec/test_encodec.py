"""EnCodec in windows, on both runtimes; its values are held to the reference in tests/parity."""

import numpy as np
import pytest

from musicgen_core.engines.encodec import windows
from musicgen_core.engines.encodec.windows import consecutive, overlapping, reflected

rng = np.random.default_rng(3)
models = pytest.mark.models


@pytest.fixture
def as_one_window(monkeypatch) -> None:
    """Make every window as long as the sound, as the reference computes it."""
    monkeypatch.setattr(windows, "SIZES", (150, 150))


@models
def test_windowed_sound_equals_the_whole(codec, whole_codec, as_one_window, monkeypatch) -> None:
    codes = rng.integers(0, 64, (4, 150))
    whole = whole_codec.decode(codes)
    monkeypatch.undo()
    assert codec.decode(codes) == pytest.approx(whole, abs=1e-5)
    assert np.abs(whole).max() > 1e-2


@models
@pytest.mark.parametrize("frames", [1, 2, 5, 40, 200, 300])
@pytest.mark.parametrize("at_once", [1, 7, 131])
def test_sound_in_pieces_equals_the_whole(codec, frames, at_once) -> None:
    codes = rng.integers(0, 64, (4, frames))
    stream = codec.stream()
    pieces = [stream.feed(codes[:, at : at + at_once]) for at in range(0, frames, at_once)]
    sound = np.concatenate([*pieces, stream.finish()])
    assert sound == pytest.approx(codec.decode(codes), abs=1e-5)
    assert (sum(map(len, pieces)) > 0) == (frames >= 40)


@models
@pytest.mark.parametrize("skip", [1, 10, 190, 199])
@pytest.mark.parametrize("at_once", [7, 200])
def test_what_follows_skipped_frames_is_the_wholes(codec, skip, at_once) -> None:
    codes = rng.integers(0, 64, (4, 200))
    stream = codec.stream(skip)
    pieces = [stream.feed(codes[:, at : at + at_once]) for at in range(0, 200, at_once)]
    sound = np.concatenate([*pieces, stream.finish()])
    assert sound == pytest.approx(codec.decode(codes)[skip * codec.hop :], abs=1e-5)


@models
def test_the_first_sound_comes_with_the_first_short_window(codec) -> None:
    stream = codec.stream()
    lengths = [len(stream.feed(rng.integers(0, 64, (4, 1)))) for _ in range(200)]
    first = next(frame for frame, length in enumerate(lengths, 1) if length)
    assert first < 40
    assert sum(length > 0 for length in lengths) == 2, "a network was run for every frame"


@models
def test_windowed_codes_equal_the_whole(codec, whole_codec, as_one_window, monkeypatch) -> None:
    samples = rng.uniform(-1, 1, 150 * 60).astype(np.float32)
    whole = whole_codec.encode(samples)
    monkeypatch.undo()
    assert np.array_equal(codec.encode(samples), whole)
    assert len(np.unique(whole)) > 16


@models
@pytest.mark.parametrize("frames", [1, 9, 70])
def test_a_clip_has_its_frames_times_the_hop(codec, frames) -> None:
    samples = codec.decode(rng.integers(0, 64, (4, frames)))
    assert (samples.shape, samples.dtype) == ((frames * codec.hop,), np.float32)
    codes = codec.encode(samples)
    assert (codes.shape, codes.dtype) == ((4, frames), np.int64)


@models
def test_the_codec_knows_its_rate_and_hop(codec) -> None:
    assert (codec.sample_rate, codec.hop) == (32000, 60)


@pytest.mark.parametrize("margin", [1, 2, 3])
def test_windows_cover_every_frame_once_and_keep_off_false_edges(margin) -> None:
    for frames in range(1, 300):
        done = 0
        for window in overlapping(frames, margin):
            stop = window.start + window.size
            assert window.keep_from == done
            assert window.start == 0 or window.keep_from - window.start >= margin
            assert stop == frames or stop - window.keep_to >= margin
            done = window.keep_to
        assert done == frames


def test_consecutive_windows_reach_beyond_the_end_at_most() -> None:
    for frames in range(1, 300):
        found = list(consecutive(frames))
        assert [w.start for w in found[1:]] == [w.start + w.size for w in found[:-1]]
        assert found[-1].start < frames <= found[-1].start + found[-1].size


def test_padding_reflects_without_the_edge_itself() -> None:
    assert reflected(5, 2, 2).tolist() == [2, 1, 0, 1, 2, 3, 4, 3, 2]


def test_padding_of_too_few_values_reflects_zeros() -> None:
    assert reflected(1, 3, 3).tolist() == [-1, -1, -1, 0, -1, -1, -1]
    assert reflected(2, 3, 3).tolist() == [-1, -1, 1, 0, 1, -1, -1, -1]


@models
@pytest.mark.parametrize("frames", [1, 2, 5, 150])
def test_both_runtimes_agree(both, frames) -> None:
    codes = rng.integers(0, 64, (4, frames))
    sounds = [codec.decode(codes) for codec in both]
    assert sounds[0] == pytest.approx(sounds[1], abs=1e-5)
    assert np.array_equal(*(codec.encode(sounds[0]) for codec in both))


@models
def test_each_codebook_takes_the_nearest_to_what_is_left(codec) -> None:
    tables = codec._quantizer._tables
    frames = rng.standard_normal((20, 16)).astype(np.float32)
    codes, rest = codec._quantizer.encode(frames), frames
    for table, chosen in zip(tables, codes, strict=True):
        distances = np.linalg.norm(rest[:, None] - table[None], axis=2)
        assert np.array_equal(chosen, distances.argmin(axis=1))
        rest = rest - table[chosen]
    assert codec._quantizer.decode(codes) == pytest.approx(frames - rest, abs=1e-5)
