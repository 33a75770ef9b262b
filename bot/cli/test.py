"""Check everything: ruff, mypy, import-linter, pytest."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

from bot.cli.failure import CommandFailed

ROOT = Path(__file__).resolve().parents[2]
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff format", ("-m", "ruff", "format", "--check", "--quiet")),
    ("ruff check", ("-m", "ruff", "check", "--quiet")),
    ("mypy", ("-m", "mypy")),
    ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as m; m()")),
)
FAST = "not models and not browser"


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
    for package in ("ruff", "mypy", "importlinter", "pytest", "pytest_cov"):
        if importlib.util.find_spec(package) is None:
            raise CommandFailed(
                f"{package} is not installed; install requirements-dev.lock with pip."
            )
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    if failed:
        print(f"Failed: {', '.join(failed)}; the tests run all the same.", flush=True)
    # The tests come last: pytest's closing line ends the output.
    tests = _status(_pytest(args.fast, [*args.unknown, *args.pytest_args]))
    return 1 if failed or tests else 0


def _pytest(fast: bool, extra: list[str]) -> tuple[str, ...]:
    extra = [argument for argument in extra if argument != "--"]
    if fast:
        return ("-m", "pytest", "-m", FAST, *extra)
    # A part of the tests does not have the whole's coverage.
    coverage = () if extra else ("--cov", "--cov-report=term:skip-covered")
    return ("-m", "pytest", *coverage, *extra)


def _passes(name: str, command: tuple[str, ...]) -> bool:
    print(f"== {name}", flush=True)
    start = time.monotonic()
    status = _status(command)
    outcome = f"failed ({status})" if status else "ok"
    print(f"== {name}: {outcome}, {time.monotonic() - start:.0f} s", flush=True)
    return status == 0


def _status(command: tuple[str, ...]) -> int:
    return subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode  # noqa: S603
