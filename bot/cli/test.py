"""Check everything: ruff, mypy, import-linter, pytest."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bot.cli.failure import CommandFailed
from musicgen_core.host import available_memory, child_environment, usable_cores

ROOT = Path(__file__).resolve().parents[2]
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff format", ("-m", "ruff", "format", "--check", "--quiet")),
    ("ruff check", ("-m", "ruff", "check", "--quiet")),
    ("mypy", ("-m", "mypy")),
    ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as m; m()")),
)
FAST = "not models and not browser"
PROCESS_BYTES = 5 << 29
"""What one process of tests may take, with the processes that it starts."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--fast", action="store_true", help="leave out tests that load models or a browser"
    )
    parser.add_argument("pytest_args", nargs=argparse.REMAINDER, help="passed on to pytest")


def run(args: argparse.Namespace) -> int:
    """Run every step, even after one failed; return 0 only if all passed."""
    if not (ROOT / "tests").is_dir():
        raise CommandFailed("The tests are in the repository; run this in a checkout of it.")
    for package in ("ruff", "mypy", "importlinter", "pytest", "pytest_cov", "xdist"):
        if importlib.util.find_spec(package) is None:
            raise CommandFailed(
                f"{package} is not installed; install requirements-dev.lock with pip."
            )
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    if failed:
        print(f"Failed: {', '.join(failed)}; the tests run all the same.", flush=True)
    # The tests come last: pytest's closing line ends the output.
    tests = _tests(args.fast, [*args.unknown, *args.pytest_args])
    return 1 if failed or tests else 0


def _tests(fast: bool, extra: list[str]) -> int:
    """Run pytest: a part of the tests as it is asked for, else all in several processes."""
    extra = [argument for argument in extra if argument != "--"]
    if extra and not fast:
        return _status(("-m", "pytest", *extra))
    processes = _processes()
    # A part of the tests does not have the whole's coverage.
    which = ("-m", FAST) if fast else ("--cov", "--cov-report=term:skip-covered")
    threads = usable_cores() // max(1, processes)
    command = ("-m", "pytest", "-n", str(processes), *which, *extra)
    return _status(command, env={**child_environment(threads), **os.environ})


def _processes() -> int:
    """Return how many processes of tests the host has cores and memory for; 0: this one alone."""
    memory = available_memory()
    most = usable_cores()
    count = most if memory is None else min(most, memory // PROCESS_BYTES)
    return count if count > 1 else 0


def _passes(name: str, command: tuple[str, ...]) -> bool:
    print(f"== {name}", flush=True)
    start = time.monotonic()
    status = _status(command)
    outcome = f"failed ({status})" if status else "ok"
    print(f"== {name}: {outcome}, {time.monotonic() - start:.0f} s", flush=True)
    return status == 0


def _status(command: tuple[str, ...], env: Mapping[str, str] | None = None) -> int:
    whole = [sys.executable, *command]
    return subprocess.run(whole, cwd=ROOT, check=False, env=env).returncode  # noqa: S603
