import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_core import FakeCore

from bot.cli import main
from musicgen_core.musicgen import MusicGen


@pytest.fixture(autouse=True)
def _fake_core(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(MusicGen, "load", lambda *args, **kwargs: FakeCore())
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    path = tmp_path / "hum.wav"
    soundfile.write(path, 0.3 * np.sin(np.arange(8000) / 20), 16000)
    return path


def composed(capsys: pytest.CaptureFixture[str], *argv: str) -> dict:
    assert main(["compose", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_one_prompt_makes_the_file_that_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compose", "80s pop", "--seconds", "5.12", "--seed", "7", "--out", "out.wav"]) == 0
    assert capsys.readouterr().out == "out.wav\n"
    assert soundfile.info("out.wav").frames == 256 * 640


def test_json_says_how_the_clip_came_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    said = composed(
        capsys, "80s pop", "--seconds", "2", "--seed", "7", "--out", "a/b.flac", "--greedy",
        "--guidance", "4", "--temperature", "1.5", "--top-k", "20", "--top-p", "0.9",
    )  # fmt: skip
    assert (said["path"], said["seconds"], said["seed"]) == ("a/b.flac", 2.0, 7)
    assert said["sample_rate"] == 32000
    assert said["rtf"] > 0
    assert said["provenance"]["sampling"] == {
        "do_sample": False, "guidance_scale": 4.0, "temperature": 1.5, "top_k": 20, "top_p": 0.9,
    }  # fmt: skip
    assert soundfile.info("a/b.flac").format == "FLAC"


def test_no_prompt_is_unconditional(capsys: pytest.CaptureFixture[str]) -> None:
    said = composed(capsys, "--seconds", "1", "--seed", "3")
    assert said["provenance"]["prompt"] is None
    assert said["path"] == "mindjam-3.wav"


def test_several_prompts_are_one_batch_of_files(capsys: pytest.CaptureFixture[str]) -> None:
    said = composed(capsys, "rain", "sun", "--seconds", "1", "--out", "out.wav")
    assert [clip["path"] for clip in said["clips"]] == ["out-1.wav", "out-2.wav"]
    assert [clip["provenance"]["prompt"] for clip in said["clips"]] == ["rain", "sun"]
    assert all(Path(clip["path"]).is_file() for clip in said["clips"])


def test_variations_count_up_the_seed(capsys: pytest.CaptureFixture[str]) -> None:
    said = composed(capsys, "rain", "--seconds", "1", "--variations", "3", "--seed", "5")
    assert [clip["seed"] for clip in said["clips"]] == [5, 6, 7]
    assert len({clip["path"] for clip in said["clips"]}) == 3


def test_clips_pair_with_prompts(capsys: pytest.CaptureFixture[str], hum: Path) -> None:
    said = composed(
        capsys, "a", "b", "--seconds", "1", "--clip", str(hum), "--clip", str(hum), "--out", "c/"
    )
    assert [clip["new_from"] for clip in said["clips"]] == [0.5, 0.5]
    assert [clip["seconds"] for clip in said["clips"]] == [1.5, 1.5]
    assert said["path"].startswith("c/")


def test_equal_prompts_with_one_seed_do_not_overwrite_each_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = composed(capsys, "a", "a", "--seconds", "1", "--seed", "1")
    assert len({clip["path"] for clip in said["clips"]}) == 2


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--seconds", "0"], "more than 0 seconds"),
        (["--guidance", "0.5"], "guidance must be from 1 to 20"),
        (["--seed", "-1"], "seed must be a whole number"),
        (["--variations", "0"], "--variations must be 1 or more"),
        (["a", "b", "c", "--clip", "x", "--clip", "y"], "2 clips do not pair with 3"),
        (["--clip", "nowhere.wav"], "no audio file nowhere.wav"),
        (["--clip", __file__], "not audio I can read"),
        (["--out", "out.exe"], "cannot write .exe"),
        (["--out", "/proc/nowhere/out.wav"], "cannot be made"),
    ],
)
def test_bad_input_gets_one_sentence_and_no_file(
    argv: list[str], reason: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["compose", *argv]) != 0
    said = capsys.readouterr()
    assert reason in said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_cannot_be_used_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINDJAM_MAX_QUEUE", "many")
    assert main(["compose", "rain"]) == 2
    assert "max_queue cannot be used" in capsys.readouterr().err


def test_progress_and_the_note_go_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["compose", "rain", "--seconds", "1", "--out", "x.wav"]) == 0
    said = capsys.readouterr()
    assert said.out == "x.wav\n"
    assert "100 %" in said.err


def test_a_fault_of_ours_is_one_sentence_and_its_traceback_is_in_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["compose", "boom"]) == 1
    said = capsys.readouterr().err
    (report,) = tmp_path.glob("mindjam-*.log")
    assert said.endswith(f"mindjam: Sorry, something of mine failed; {report} says what.\n")
    assert "Traceback" not in said
    assert "ValueError: a bug in the fake core" in report.read_text()
