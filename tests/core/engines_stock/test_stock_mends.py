"""Each fault of the installed MindNLP: it is there, and the mend takes it away.

When a test of the first kind fails, a newer MindNLP no longer has the fault: remove the mend.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.models

PROBE = Path(__file__).with_name("stock_probe.py")
DELAYED = [
    [16, -1, -1, -1, -1, -1, 16, 16, 16],
    [16, 16, -1, -1, -1, -1, -1, 16, 16],
    [16, 16, 16, -1, -1, -1, -1, -1, 16],
    [16, 16, 16, 16, -1, -1, -1, -1, -1],
]
# Raffel et al. 2020: 8 exact distances, then 8 buckets that grow by the square root of two.
BUCKETS = [d if d < 8 else min(15, 7 + (d * d // 64).bit_length()) for d in range(128)]


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    """What the probe finds in the library as it comes (`plain`) and `mended`."""
    environment = {name: value for name, value in os.environ.items() if name != "HF_ENDPOINT"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    running = {
        how: subprocess.Popen(
            [sys.executable, str(PROBE), how],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for how in ("plain", "mended")
    }
    said = {}
    for how, process in running.items():
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        said[how] = json.loads(out.splitlines()[-1])
    return said


def test_bool_times_a_whole_number_still_ruins_the_delay_pattern(found) -> None:
    assert found["plain"]["delay_pattern"] == "bool", (
        "MindNLP builds the delay pattern of whole numbers now: if the encoder works as well, "
        "the mend of multiplication can go"
    )


def test_bool_times_a_sample_still_stops_encodecs_encoder(found) -> None:
    assert "Bool" in str(found["plain"]["encoded_frames"]), (
        "MindNLP's EnCodec encodes now: if the delay pattern is right as well, "
        "the mend of multiplication can go"
    )


def test_a_loaded_lstm_still_computes_with_other_weights(found) -> None:
    assert found["plain"]["lstm_error"] > 1e-3, (
        "MindNLP's LSTM computes with its loaded weights now: rebind_lstms can go"
    )


def test_an_inexact_logarithm_still_misplaces_t5s_distances(found) -> None:
    assert found["plain"]["t5_buckets"] != BUCKETS, (
        "MindSpore's log is exact enough for T5 now: if the positions are right as well, "
        "the mend of precision can go"
    )


def test_an_inexact_exponential_still_bends_the_positions(found) -> None:
    assert found["plain"]["positions_error"] > 1e-3, (
        "MindSpore's exp is exact enough for 2048 positions now: if T5's buckets are right as "
        "well, the mend of precision can go"
    )


def test_mended_the_delay_pattern_is_the_papers(found) -> None:
    assert found["mended"]["delay_pattern"] == DELAYED


def test_mended_encodecs_encoder_encodes(found) -> None:
    assert found["mended"]["encoded_frames"] == 64 // 8


def test_mended_a_loaded_lstm_is_an_lstm(found) -> None:
    assert found["mended"]["lstm_error"] < 1e-5


def test_mended_t5s_distances_are_in_their_buckets(found) -> None:
    assert found["mended"]["t5_buckets"] == BUCKETS


def test_mended_the_positions_are_as_good_as_float32_allows(found) -> None:
    assert found["mended"]["positions_error"] < 2e-4
