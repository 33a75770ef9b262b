import json

import pytest

from bot.cli import main

KEYS = [
    "engine",
    "precision",
    "batch",
    "seconds",
    "ms_per_step",
    "rtf",
    "aggregate_rtf",
    "first_sound_s",
    "cold_start_s",
    "peak_rss_mb",
]


@pytest.mark.models
@pytest.mark.parametrize(
    ("engine", "precision"),
    [("mindspore", "fp32"), ("openvino", "int8"), ("openvino", "fp32"), ("numba", "int8")],
)
def test_bench_measures_a_model_in_a_process_of_its_own(
    engine: str, precision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [
        "bench",
        "--size",
        "tiny",
        "--engine",
        engine,
        "--precision",
        precision,
        "--batch",
        "2",
        "--seconds",
        "0.2",
        "--json",
    ]
    assert main(argv) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == KEYS
    assert (figures["engine"], figures["precision"], figures["batch"]) == (engine, precision, 2)
    assert figures["aggregate_rtf"] == pytest.approx(2 * figures["rtf"], rel=0.01)
    # A clip of ten frames reaches none of the usual contexts, so the steps stand at its own.
    assert list(figures["ms_per_step"]) == ["10"]
    # Thirteen steps make the clip's 0.2 s, and sound and text come on top. Both were measured at
    # times of their own: only another unit would be so far off.
    assert 0 < 13 * figures["ms_per_step"]["10"] / 1000 < 20 * 0.2 / figures["rtf"]
    assert figures["cold_start_s"] > 0.2
    assert figures["peak_rss_mb"] > 100


@pytest.mark.parametrize(
    "wrong", [["--batch", "0"], ["--repeat", "0"], ["--seconds", "0"], ["--seconds", "301"]]
)
def test_bench_refuses_what_it_cannot_measure(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *wrong]) == 2
    assert (
        "--batch and --repeat must be 1 or more, --seconds from 0.06 to 300."
        in capsys.readouterr().err
    )
