import re
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import soundfile
from fake_core import FakeCore

from bot.cli import main

SCRIPT = """
import signal
import sys
from functools import partial
from fake_core import FakeCore
import bot.app
from bot.cli import main

if __name__ == "__main__":
    # Whoever runs the tests in the background has Ctrl+C ignored, and so would this.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    bot.app.core_factory = lambda settings, model: partial(FakeCore)
    sys.exit(main(["rehearse", "--port", "0"]))
"""


@pytest.fixture(autouse=True)
def _fake_core(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    factory = partial(FakeCore, frames_per_second=500)
    monkeypatch.setattr("bot.app.core_factory", lambda settings, model: factory)
    monkeypatch.chdir(tmp_path)


def test_once_saves_the_clip_that_the_bot_posted_and_prints_its_path(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rehearse", "--once", "80s pop", "--seconds", "2"]) == 0
    printed = capsys.readouterr().out
    assert re.fullmatch(r"rehearsals/80s-pop-\d+\.wav\n", printed)
    info = soundfile.info(printed.strip())
    assert (info.samplerate, info.frames) == (32000, 64000)


def test_once_continues_a_clip_and_shows_progress_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    soundfile.write("hum.wav", [0.5, -0.5] * 8000, 16000)
    argv = ["rehearse", "--once", "more", "--seconds", "1", "--clip", "hum.wav", "--out", "x/y.wav"]
    assert main(argv) == 0
    said = capsys.readouterr()
    assert said.out == "x/y.wav\n"
    assert "Next in line." in said.err
    assert "s of 1 s" in said.err
    assert soundfile.info("x/y.wav").frames == 64000


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--once", "refuse", "--seconds", "1"], "Not made: The fake core refuses this prompt."),
        (["--once", "boom", "--seconds", "1"], "Sorry, something of mine failed"),
        (["--once", "x", "--clip", "empty.wav"], "The file is empty (0 bytes)"),
        (["--once", "x", "--seconds", "31"], "must be at most 30"),
        (["--once", "x", "--seconds", "30", "--timeout", "0.5"], "no clip within 0.5 s"),
        (["--once", "x", "--clip", "nowhere.wav"], "nowhere.wav cannot be read"),
        (["--once", "x", "--seconds", "1", "--out", "/proc/x/y.wav"], "cannot be written"),
    ],
)
def test_once_fails_with_the_reason(
    argv: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.wav").touch()
    assert main(["rehearse", *argv]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert reason in said.err.splitlines()[-1]


def test_the_demo_prints_where_the_mix_and_the_tree_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rehearse", "--demo", "jam", "--seconds", "2", "--out", "jam/"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["jam/rain-over-the-harbor-mix.wav", "jam/tree.png"]
    assert abs(soundfile.info(printed[0]).duration - 3 * 2.0) < 0.05, "four turns, one taken back"
    assert Path(printed[1]).read_bytes().startswith(b"\x89PNG")


def test_a_demo_that_takes_too_long_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--demo", "jam", "--timeout", "0.5"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "The jam was not over within 0.5 s." in said.err.splitlines()[-1]


def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["rehearse", "--port", str(port)]) == 1
    assert f"Port {port} cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_room_is_open_until_it_is_stopped(tmp_path: Path, number: int) -> None:
    script = tmp_path / "room.py"
    script.write_text(SCRIPT)
    path = ":".join(filter(None, sys.path))
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert "http://127.0.0.1:" in line
    assert "/room/" in line
    assert process.returncode == 0
    assert "Traceback" not in errors
