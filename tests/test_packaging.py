"""`pip install .`: what is in the wheel, and that the command works from there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the checkout under a prefix of its own, as `pip install --no-deps .` does."""
    prefix = tmp_path_factory.mktemp("prefix")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--no-compile", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--prefix", prefix, ROOT], check=True
    )
    return prefix


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def tracked(*folders: str) -> set[str]:
    """Return the packages' files that are in the repository, or on disk where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        return {name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()}
    files = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_every_file_of_the_packages(wheel: set[str]) -> None:
    files = tracked("bot", "musicgen_core")
    assert files - wheel == set()
    assert {"bot/rehearsal/room/index.html", "bot/locales/zh-CN.toml"} <= files
    assert {f"bot/_{name}" for name in tracked("config")} - wheel == set()
    assert "bot/_config/default.toml" in wheel


def test_the_wheel_holds_a_checkpoint(wheel: set[str]) -> None:
    builtin = {name for name in wheel if name.startswith("musicgen_core/checkpoint/builtin/")}
    assert any(name.endswith(".safetensors") for name in builtin)
    assert "musicgen_core/checkpoint/builtin/config.json" in builtin


def test_the_wheel_holds_the_migrations(wheel: set[str]) -> None:
    folder = "musicgen_core/storage/migrations"
    steps = {path.name for path in (ROOT / folder / "versions").glob("r*.py")}
    assert steps
    assert {f"{folder}/versions/{name}" for name in steps} | {f"{folder}/env.py"} <= wheel


def test_the_wheel_holds_nothing_else(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bot", "musicgen_core"}
    assert not {name for name in wheel if "__pycache__" in name or "test_" in name}
    info = {name.split("/", 1)[1] for name in wheel if ".dist-info/" in name}
    assert {"licenses/LICENSE", "licenses/NOTICE", "entry_points.txt"} <= info


def run(packages: Path, folder: Path, *command: str | Path) -> str:
    """Run a command that finds mindjam in `packages` only, and return what it prints."""
    done = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(packages)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_the_installed_command_is_the_same_mindjam(installed: Path, tmp_path: Path) -> None:
    packages = next(installed.glob("lib/python*/site-packages"))
    theirs = run(packages, tmp_path, installed / "bin/mindjam", "--help")
    assert theirs == run(ROOT, tmp_path, sys.executable, "-P", "-m", "bot", "--help")
    assert theirs.startswith("usage: mindjam")


def test_the_installed_bot_finds_its_settings_without_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    packages = next(installed.glob("lib/python*/site-packages"))
    code = "import bot.settings as s; print(s.__file__); print(s.load_settings('rehearsal').model)"
    told = run(packages, tmp_path, sys.executable, "-P", "-c", code)
    assert told == f"{packages / 'bot/settings.py'}\nbuiltin\n"


def test_the_installed_storage_migrates_without_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    packages = next(installed.glob("lib/python*/site-packages"))
    code = (
        "import asyncio, pathlib, musicgen_core.storage as s; print(s.__file__)\n"
        "async def main():\n"
        "    async with s.Storage('sqlite:///x.db', pathlib.Path('clips')) as storage:\n"
        "        print((await storage.jobs.accept(s.NewJob(person_id=1, seconds=5.0))).status)\n"
        "asyncio.run(main())"
    )
    told = run(packages, tmp_path, sys.executable, "-P", "-c", code)
    assert told == f"{packages / 'musicgen_core/storage/__init__.py'}\nqueued\n"
