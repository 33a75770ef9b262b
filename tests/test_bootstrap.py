"""./mindjam's decisions, with a pip that is played by a shell script."""

from __future__ import annotations

import ast
import errno
import os
import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any, NoReturn

import pytest
from bootstrap_checkout import ROOT, Checkout

OTHERS = [
    python
    for python in [
        *(shutil.which(f"python3.{minor}") for minor in (6, 7, 8, 9, 10, 12, 13)),
        *map(str, Path.home().glob(".pyenv/versions/3.*/bin/python3")),
    ]
    if python
    and "/3.11" not in python
    and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
]


class Started(Exception):
    """The script would become another program now."""


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, checkout: Checkout) -> Any:
    """Return the script as a module of the checkout that becomes no other program."""
    loader = SourceFileLoader("mindjam_bootstrap", str(checkout.script))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    loader.exec_module(module)
    main, open_file, files = module.main, os.open, []

    def remembered(path: str, *arguments: Any, **options: Any) -> int:
        file = open_file(path, *arguments, **options)
        if path == str(checkout.root / ".venv.lock"):
            files.append(file)
        return file

    def caught(*arguments: Any) -> NoReturn:
        raise Started(arguments)

    def main_of_a_process(argv: list[str]) -> int:
        try:
            return int(main(argv))
        finally:
            while files:  # a process that ends closes its files
                os.close(files.pop())

    monkeypatch.setattr(module, "main", main_of_a_process)
    monkeypatch.setattr(os, "open", remembered)
    monkeypatch.setattr(os, "execv", caught)
    monkeypatch.setattr(os, "execve", caught)
    monkeypatch.setattr(subprocess, "call", play_venv)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout", tmp_path / "wheels")


def play_venv(command: list[str], **_: Any) -> int:
    """Make a "venv" whose Python notes what it is asked for and answers from a file."""
    folder = Path(command[-1])
    python = folder / "bin/python"
    python.parent.mkdir()
    python.write_text(
        '#!/bin/sh\ncd "$(dirname "$0")/../.."\necho "$@" >> pip-calls\n'
        "test -e pip-says || exit 0\ncat pip-says\nexit 1\n"
    )
    python.chmod(0o755)
    return 0


def start(bootstrap: Any, *argv: str) -> list[str]:
    """Run main and return the command that it becomes."""
    with pytest.raises(Started) as started:
        bootstrap.main(list(argv or ("doctor",)))
    command: list[str] = started.value.args[0][1]
    return command


def refusal(bootstrap: Any, capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run main, which must refuse, and return the sentence."""
    assert bootstrap.main(list(argv or ("doctor",))) == 1
    *_, sentence = capsys.readouterr().err.splitlines()
    assert sentence.startswith("mindjam: ")
    assert sentence.endswith((".", ")"))
    return str(sentence)


def pip_calls(checkout: Checkout) -> list[str]:
    calls = checkout.root / "pip-calls"
    return calls.read_text().splitlines() if calls.exists() else []


def test_the_first_start_asks_pip_for_the_lock_with_hashes_and_wheels_only(
    bootstrap: Any, checkout: Checkout
) -> None:
    command = start(bootstrap, "compose", "rain")
    assert command == [str(checkout.venv / "bin/python"), "-P", "-m", "bot", "compose", "rain"]
    (call,) = pip_calls(checkout)
    assert "--no-deps --require-hashes --only-binary=:all:" in call
    assert call.endswith(f"--requirement={checkout.root / 'requirements.lock'}")
    start(bootstrap, "compose", "rain")
    assert len(pip_calls(checkout)) == 1


@pytest.mark.parametrize(
    ("pip_says", "sentence"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk became full"),
        ("ERROR: [Errno 13] Permission denied: 'x'", "cannot be written"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "differs from what the lock"),
        ("after connection broken by\nERROR: No matching distribution found for x", "be reached"),
        ("TimeoutError\npip._vendor.urllib3.exceptions.ReadTimeoutError", "cannot be reached"),
        ("ERROR: No matching distribution found for llvmlite==1", "has no llvmlite==1"),
        ("ERROR: something new", "Installing failed: ERROR: something new"),
        ("", "Installing failed: no output"),
    ],
)  # fmt: skip
def test_every_failure_of_pip_becomes_one_sentence(
    bootstrap: Any,
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    pip_says: str,
    sentence: str,
) -> None:
    (checkout.root / "pip-says").write_text(pip_says)
    assert sentence in refusal(bootstrap, capsys)
    assert pip_says in (checkout.venv / "install.log").read_text()


def test_a_failed_first_installation_is_done_again_from_the_start(
    bootstrap: Any, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = checkout.root / "pip-says"
    answer.write_text("ERROR: whatever")
    refusal(bootstrap, capsys)
    debris = checkout.venv / "half a package"
    debris.touch()
    answer.unlink()
    start(bootstrap)
    assert not debris.exists()
    assert len(pip_calls(checkout)) == 2


def test_an_update_that_broke_off_half_way_is_made_from_the_start(
    bootstrap: Any, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    start(bootstrap)
    old = checkout.venv / "old"
    old.touch()
    checkout.lock("requirements.lock", "tinytwo")
    answer = checkout.root / "pip-says"
    answer.write_text("Installing collected packages: tinytwo\nERROR: killed")
    refusal(bootstrap, capsys)
    assert old.exists()
    answer.unlink()
    start(bootstrap)
    assert not old.exists()


def test_a_moved_checkout_gets_a_new_environment(bootstrap: Any, checkout: Checkout) -> None:
    start(bootstrap)
    stamp = checkout.venv / "mindjam.json"
    stamp.write_text(stamp.read_text().replace(str(checkout.venv), "/where/it/was"))
    start(bootstrap)
    assert len(pip_calls(checkout)) == 2


def test_a_venv_that_somebody_else_made_is_left_alone(
    bootstrap: Any, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    precious = checkout.venv / "precious"
    checkout.venv.mkdir()
    precious.touch()
    assert "was not made by mindjam; move it away" in refusal(bootstrap, capsys)
    assert precious.exists()


def test_a_disk_without_room_is_refused_before_anything_is_written(
    bootstrap: Any,
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usage = shutil.disk_usage(checkout.root)._replace(free=1_500_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "needs 4.5 GB" in (sentence := refusal(bootstrap, capsys))
    assert "1.5 GB are free" in sentence
    assert "needs 4.9 GB" in refusal(bootstrap, capsys, "test")
    assert not checkout.venv.exists()


def test_a_folder_that_cannot_be_written_still_runs_what_is_installed(
    bootstrap: Any,
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read_only(*_: Any) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    start(bootstrap)
    monkeypatch.setattr(os, "open", read_only)
    start(bootstrap)
    checkout.lock("requirements.lock", "tinytwo")
    assert f"{checkout.root} cannot be written" in refusal(bootstrap, capsys)


def test_a_python_without_venv_is_told_which_package_to_install(
    bootstrap: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "find_spec", lambda name: None if name == "ensurepip" else name)
    assert "apt install python3.11-venv" in refusal(bootstrap, capsys)


def test_a_venv_that_cannot_be_made_says_why(
    bootstrap: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: list[str], **streams: Any) -> int:
        streams["stdout"].write(b"Error: this Python is broken")
        return 1

    monkeypatch.setattr(subprocess, "call", fail)
    assert "Installing failed: Error: this Python is broken" in refusal(bootstrap, capsys)


def test_a_checkout_without_its_lock_is_incomplete(
    bootstrap: Any, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout.root / "requirements.lock").unlink()
    assert "has no requirements.lock" in refusal(bootstrap, capsys)


@pytest.mark.parametrize(
    ("system", "machine", "libc", "sentence"),
    [
        ("Windows", "AMD64", ("", ""), "this is Windows on AMD64; use WSL 2."),
        ("Darwin", "x86_64", ("", ""), "this is Darwin on x86_64."),
        ("Linux", "riscv64", ("glibc", "2.36"), "this is Linux on riscv64."),
        ("Linux", "x86_64", ("glibc", "2.17"), "this one has glibc 2.17."),
        ("Linux", "aarch64", ("", ""), "this one has another C library."),
    ],
)
def test_a_machine_without_wheels_is_refused(
    bootstrap: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    machine: str,
    libc: tuple[str, str],
    sentence: str,
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.libc_ver", lambda: libc)
    assert refusal(bootstrap, capsys).endswith(sentence)


@pytest.mark.parametrize("exit_status", [0, 127])
def test_another_python_goes_on_as_the_right_one_if_that_works(
    bootstrap: Any,
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    exit_status: int,
) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", (3, 10))
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    monkeypatch.setattr(subprocess, "call", lambda *_, **__: exit_status)
    if exit_status == 0:
        expected = ["/opt/python3.11", str(checkout.script), "compose", "rain"]
        assert start(bootstrap, "compose", "rain") == expected
    else:
        assert "Python 3.11 is needed" in refusal(bootstrap, capsys)


@pytest.mark.skipif(not OTHERS, reason="no working Python other than 3.11 is on PATH")
@pytest.mark.parametrize("python", OTHERS)
def test_other_pythons_get_far_enough_to_say_what_is_needed(
    checkout: Checkout, python: str
) -> None:
    done = checkout.start(python=python, PATH="/nowhere")
    assert done.returncode == 1
    assert "Python 3.11 is needed" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_script_is_written_in_python_3_6() -> None:
    ast.parse((ROOT / "mindjam").read_text("utf-8"), feature_version=(3, 6))


def test_help_installs_nothing(bootstrap: Any, checkout: Checkout) -> None:
    assert start(bootstrap, "compose", "--help")[-4:] == ["-m", "bot", "compose", "--help"]
    assert not checkout.venv.exists()


@pytest.mark.parametrize("command", [(), ("compose",), ("rehearse",), ("test",)])
def test_help_needs_none_of_the_packages(command: tuple[str, ...]) -> None:
    bare = [shutil.which("python3.11") or "python3.11", "-I", "-S", "-c"]
    run_bot = f"import sys; sys.path[:0] = [{str(ROOT)!r}]; import bot.cli; bot.cli.main()"
    done = subprocess.run(
        [*bare, run_bot, *command, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: mindjam")
