"""./mindjam with a real venv and a real pip, tiny wheels and no network."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bootstrap_checkout import Checkout, told


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("boot")
    made = Checkout(folder / "a checkout 音乐", folder / "wheels")
    first = made.start()
    assert "installed in" in first.stderr
    return made


@pytest.fixture(autouse=True)
def locks_as_they_were(checkout: Checkout) -> Iterator[None]:
    yield
    checkout.lock("requirements.lock", "tinyone")
    checkout.lock("requirements-dev.lock", "tinytest")


def test_the_first_start_installs_the_lock_and_the_second_says_nothing(checkout: Checkout) -> None:
    again = checkout.start()
    assert told(again)["prefix"] == str(checkout.venv)
    assert again.stderr == ""
    assert "tinyone" in checkout.installed()


def test_arguments_and_the_callers_folder_reach_the_command(
    checkout: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "bot.py").write_text("raise SystemExit('the caller’s folder was searched')")
    link = tmp_path / "link to mindjam"
    link.symlink_to(checkout.script)
    done = subprocess.run(
        [sys.executable, link, "compose", "lo-fi “rain”", "--out", "here.wav"],
        cwd=tmp_path, env=checkout.environment(PYTHONPATH="/elsewhere"),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    start = told(done)
    assert start["argv"] == ["compose", "lo-fi “rain”", "--out", "here.wav"]
    assert start["cwd"] == str(tmp_path)
    assert start["path"][0] == start["pythonpath"] == str(checkout.root)


def test_a_changed_lock_adds_what_is_new_and_removes_what_is_gone(checkout: Checkout) -> None:
    checkout.lock("requirements.lock", "tinytwo", "tinythree")
    changed = checkout.start()
    assert told(changed)
    assert "installing 2 packages" in changed.stderr
    assert checkout.installed() & {"tinyone", "tinytwo", "tinythree"} == {"tinytwo", "tinythree"}
    assert checkout.start().stderr == ""


def test_only_the_tests_need_the_development_lock(checkout: Checkout) -> None:
    told(checkout.start())
    checkout.lock("requirements-dev.lock", "tinydev")
    assert checkout.start("compose").stderr == ""
    assert "tinydev" not in checkout.installed()
    assert told(checkout.start("test"))["argv"] == ["test"]
    assert "tinydev" in checkout.installed()
    assert checkout.start("test").stderr == ""


def test_a_package_with_another_hash_is_refused(checkout: Checkout) -> None:
    lock = checkout.root / "requirements.lock"
    lock.write_text(f"tinyone==1.0 --hash=sha256:{'0' * 64}\ntinytwo==1.0 --hash=sha256:{'1' * 64}")
    refused = checkout.start()
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(
        "mindjam: A package differs from what the lock file says"
    )


def test_without_a_network_the_sentence_says_so_and_the_old_packages_stay(
    checkout: Checkout,
) -> None:
    told(checkout.start())
    lock = checkout.root / "requirements.lock"
    before = lock.read_text()
    lock.write_text(f"unreachable==1.0 --hash=sha256:{'0' * 64}\n")
    offline = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "1"}
    failed = checkout.start(**offline)
    assert failed.returncode == 1
    assert "The package index cannot be reached" in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr
    lock.write_text(before)
    assert checkout.start().stderr == ""


def test_a_package_that_the_index_lacks_is_named(checkout: Checkout) -> None:
    lock = checkout.root / "requirements.lock"
    lock.write_text(f"nowhere==1.0 --hash=sha256:{'0' * 64}\n")
    failed = checkout.start()
    assert failed.returncode == 1
    assert "The package index has no nowhere==1.0 for this machine" in failed.stderr


def test_a_start_during_an_installation_waits_for_it(checkout: Checkout) -> None:
    told(checkout.start())
    with (checkout.root / ".venv.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, checkout.script, "doctor"], env=checkout.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert second.stderr is not None
        line = second.stderr.readline()
        still_waiting = second.poll() is None
        fcntl.flock(lock, fcntl.LOCK_UN)
        second.communicate(timeout=30)
    assert line == "mindjam: another mindjam is installing here; waiting for it.\n"
    assert still_waiting
    assert second.returncode == 0


def test_packages_are_not_changed_under_a_running_mindjam(checkout: Checkout) -> None:
    (checkout.root / "bot/__main__.py").write_text("print('ready', flush=True); input()")
    running = subprocess.Popen(
        [sys.executable, checkout.script, "doctor"], env=checkout.environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    checkout.lock("requirements.lock", "tinytwo")
    refused = checkout.start()
    running.communicate("\n", timeout=30)
    assert refused.returncode == 1
    assert "Another mindjam runs from" in refused.stderr
    assert "tinytwo" not in checkout.installed()
