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


def test_mindnlp_still_sets_hf_endpoint(found) -> None:
    assert found["plain"]["hf_endpoint"] is not None, (
        "MindNLP leaves HF_ENDPOINT alone now: restoring it can go"
    )


def test_mended_the_delay_pattern_is_the_papers(found) -> None:
    assert found["mended"]["delay_pattern"] == DELAYED


def test_mended_encodecs_encoder_encodes(found) -> None:
    assert found["mended"]["encoded_frames"] == 64 // 8


def test_mended_a_loaded_lstm_is_an_lstm(found) -> None:
    assert found["mended"]["lstm_error"] < 1e-5


def test_the_hubs_address_stays_what_it_was(found) -> None:
    assert found["mended"]["hf_endpoint"] is None
    assert found["mended"]["endpoint_is_default"]
