"""OpenVINO's rows share a time axis, which may not grow for ever."""

import numpy as np
import pytest
from decoder_rows import COLUMNS, SHORT, Player, Stage, logits_of

pytestmark = pytest.mark.models


def test_the_time_axis_is_cut_when_most_of_it_is_waste(lm, monkeypatch) -> None:
    monkeypatch.setattr("musicgen_core.engines.openvino.decoder.LEAST_WASTE", 20)
    stage, lengths = Stage(lm("fp32"), Player(0)), []
    for number in (1, 2, 3, 4):
        stage.play(25)
        stage.change(leave=(number - 1,), join=(Player(number),)) if number % 2 else stage.change(
            join=(Player(number),)
        )
        stage.play(1)
        lengths.append(stage.decoder._timeline.length)
    assert stage.worst() < 1e-4
    stage.change(leave=(1, 2, 3))
    stage.play(60)
    assert stage.decoder._timeline.length < 26 + 60 + 20
    assert stage.worst() < 1e-4


def test_a_row_that_is_done_stands_at_the_models_last_position(lm) -> None:
    decoder = lm().begin([SHORT, None], 1024)
    decoder.prefill(0, np.tile(COLUMNS, 4)[:, :1022])
    logits_of(decoder, 2, 0, 6)
    assert decoder._timeline.step()[0].tolist() == [[1023], [6]]
