"""The lock files: whole, hashed, without PyTorch, and without what nothing needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
RUNTIME, TESTS = "requirements.lock", "requirements-dev.lock"
ENTRY = re.compile(r"([a-z0-9-]+)==(\S+?)((?: ; .+)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")

# What metadata asks for and nothing that mindjam runs imports.
NOT_NEEDED = {
    ("accelerate", "torch"),  # mindnlp replaces it
    ("astunparse", "wheel"),  # only for its setup.py
    ("diffusers", "importlib-metadata"),  # in the standard library since 3.8
    *(("mindnlp", name) for name in ("addict", "datasets", "evaluate", "peft", "pyctcdecode")),
    ("mindnlp", "pytest"),
    ("openvino", "openvino-telemetry"),  # what its name says, at every import
}
# What mindjam needs besides pyproject.toml's dependencies: MindNLP and what it imports.
WITH_MINDNLP = {"mindnlp", "accelerate", "diffusers"}
TOOLS = {
    "hatchling", "hypothesis", "import-linter", "jsonschema", "mypy", "playwright",
    "pytest-asyncio", "pytest-cov", "pytest-xdist", "ruff", "types-aiofiles",
}  # fmt: skip


def pins(lock: str) -> dict[str, str]:
    return {name: version for name, version, *_ in ENTRY.findall((ROOT / lock).read_text())}


def needs(name: str) -> Iterator[Requirement]:
    extras = {"", *(extra for need in declared() if need.name == name for extra in need.extras)}
    for text in metadata.requires(name) or []:
        need = Requirement(text)
        if need.marker is None or any(need.marker.evaluate({"extra": e}) for e in extras):
            yield need


@pytest.mark.parametrize("lock", [RUNTIME, TESTS])
def test_a_lock_is_nothing_but_versions_and_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert ENTRY.sub("", text) == ""
    assert "://" not in text


def test_the_locks_name_no_package_twice_and_no_pytorch() -> None:
    assert not pins(RUNTIME).keys() & pins(TESTS).keys()
    unwanted = [name for name in pins(RUNTIME) if re.match(r"torch|nvidia|triton|cuda", name)]
    assert unwanted == []


def test_everything_that_a_locked_package_needs_is_locked() -> None:
    runtime, everything = pins(RUNTIME), pins(RUNTIME) | pins(TESTS)
    for name in everything:
        available = runtime if name in runtime else everything
        for need in needs(name):
            needed = canonicalize_name(need.name)
            if (name, needed) in NOT_NEEDED:
                assert needed not in runtime
                continue
            assert needed in available, f"{name} needs {need}"
            assert need.specifier.contains(available[needed], prereleases=True), f"{name}: {need}"


def test_nothing_is_locked_that_nothing_needs() -> None:
    wanted = {canonicalize_name(need.name) for need in declared()} | WITH_MINDNLP
    for lock, roots in ((RUNTIME, wanted), (TESTS, TOOLS)):
        locked = pins(lock)
        needed = {canonicalize_name(need.name) for name in locked for need in needs(name)}
        assert locked.keys() - needed - roots == set()


def test_the_declared_dependencies_are_locked_and_fit() -> None:
    locked = pins(RUNTIME)
    unfit = [str(need) for need in declared() if not need.specifier.contains(locked[need.name])]
    assert unfit == []


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [Requirement(text) for text in project["dependencies"]]
    for need in needs:
        need.name = canonicalize_name(need.name)
    return needs


def test_the_tests_run_with_the_locked_versions() -> None:
    installed = {
        canonicalize_name(found.name): found.version
        for found in metadata.distributions()
        if found.name
    }
    locked = pins(RUNTIME) | pins(TESTS)
    for lock in (RUNTIME, TESTS):
        for name, _, marker, _ in ENTRY.findall((ROOT / lock).read_text()):
            if marker and not Marker(marker.removeprefix(" ; ")).evaluate():
                del locked[name]  # not for this machine
    assert {name: installed.get(name) for name in locked} == locked
