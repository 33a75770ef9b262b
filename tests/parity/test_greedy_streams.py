"""Every engine makes, token for token, the streams that the reference makes."""

import numpy as np
import pytest
from made_codes import made_codes

from musicgen_core.model.prompts import encode_prompt
from musicgen_core.model.protocols import Row
from musicgen_core.requests import GenerationRequest, SamplingParams

pytestmark = pytest.mark.models

ENGINES = ("mindspore", "openvino", "numba", "mindnlp")
PROMPTED = ("audio_only-1", "audio-1", "audio-3", "audios-1", "audios-3")
STREAMS = (
    *("unconditional-1", "text-1", "text-3", "texts-1", "texts-3"),
    *PROMPTED,
)


def rows_of(case: dict, checkpoint, codec, audio: dict) -> list[Row]:
    def row(asked: dict) -> Row:
        text, wave = asked["text"], asked["audio"]
        return Row(
            frames=64,
            seed=0,
            sampling=SamplingParams(False, case["guidance"], 1.0, 0, 1.0),
            text_ids=None if text is None else checkpoint.processor.tokenize(text),
            prompt=None if wave is None else encode_prompt(codec, audio[wave], 1000),
        )

    return [row(asked) for asked in case["rows"]]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo", "builtin"])
@pytest.mark.parametrize("which", ["mindspore", "openvino", "numba"])
def test_greedy_streams_equal_the_references(
    which, name, stream, engine, checkpoint, golden, golden_cases
) -> None:
    machine = engine(which, name)
    rows = rows_of(
        golden_cases(name)[stream], checkpoint(name), machine.codec, golden(name, "audio")
    )
    made = made_codes(machine, rows)
    assert np.array_equal(np.stack(made), golden(name, "streams")[stream])


@pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo", "builtin"])
@pytest.mark.parametrize("which", ENGINES)
def test_all_cases_in_one_call_equal_the_references(
    which, name, engine, checkpoint, golden, golden_cases
) -> None:
    # The only test of every stream for mindnlp: in one call its 14 rows need 8 batches, not 12.
    machine = engine(which, name)
    cases = golden_cases(name)
    rows = [
        row
        for stream in STREAMS
        for row in rows_of(cases[stream], checkpoint(name), machine.codec, golden(name, "audio"))
    ]
    expected = np.concatenate([golden(name, "streams")[stream] for stream in STREAMS])
    assert np.array_equal(np.stack(made_codes(machine, rows)), expected)


@pytest.mark.parametrize("name", ["tiny-mono", "tiny-stereo", "builtin"])
@pytest.mark.parametrize("which", ENGINES)
def test_the_whole_way_from_text_to_sound_equals_the_references(
    which, name, core, golden, golden_cases
) -> None:
    given = golden(name, "waveform")
    text = golden_cases(name)["text-3"]["rows"][0]["text"]
    frames = given["codes"].shape[1]
    request = GenerationRequest(text, frames / 50, sampling=SamplingParams(False, 3.0))
    (clip,) = core(which, name).generate([request])
    expected = np.clip(given["samples"], -1, 1)
    assert np.abs(given["samples"]).max() <= 1.0, "the golden waveform must not need the limiter"
    assert clip.samples.shape == expected.shape
    assert np.abs(clip.samples - expected).max() < 1e-4


def test_every_stream_of_the_golden_files_is_held_to(golden_cases, golden) -> None:
    for name in ("tiny-mono", "tiny-stereo", "builtin"):
        assert set(golden_cases(name)) == set(STREAMS)
        assert set(golden(name, "streams")) == set(STREAMS)
