"""The seam through whole engines, on tiny checkpoints whose codec makes nothing of a prompt."""

from __future__ import annotations

import numpy as np
import pytest

from musicgen_core.requests import AudioPrompt, GenerationRequest, SamplingParams

RATE = 32_000


def riff(channels: int, gain: float = 0.6) -> AudioPrompt:
    at = np.arange(RATE // 2 + 77) / RATE
    tones = [gain * np.sin(2 * np.pi * hertz * at + 1) for hertz in (220, 331)[:channels]]
    return AudioPrompt(np.array(tones, np.float32), RATE)


@pytest.mark.parametrize(("name", "channels"), [("tiny-mono", 1), ("tiny-stereo", 2)])
@pytest.mark.parametrize("which", ["mindspore", "openvino", "numba"])
def test_every_engine_goes_on_from_the_original_without_a_click(
    which, name, channels, core
) -> None:
    given = riff(channels)
    request = GenerationRequest(
        "rain", 1.0, given, SamplingParams(do_sample=False), from_second=0.45
    )
    machine = core(which, name)
    (clip,) = machine.generate([request])
    seam = clip.new_from
    assert abs(seam - 0.45 * RATE) <= 320
    assert np.array_equal(clip.samples[:, :seam], given.samples[:, :seam])
    assert clip.samples.shape[1] == seam + RATE
    bend = np.abs(np.diff(clip.samples.astype(np.float64), 2, axis=1))
    assert bend[:, seam - 4 : seam + 3].max() < bend[:, seam + 3 :].max()
    assert np.abs(clip.samples).max() <= 1.0
    streamed = np.concatenate(list(machine.stream(request)), axis=1)
    assert np.array_equal(streamed, clip.samples[:, seam:])
