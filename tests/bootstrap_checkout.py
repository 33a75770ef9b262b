"""A checkout with the real ./mindjam, tiny locks and a command that tells how it was started."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

COMMAND = """
import json, os, sys
print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "path": sys.path, "prefix": sys.prefix,
                  "pythonpath": os.environ["PYTHONPATH"]}))
"""


class Checkout:
    """The folder of a clone; `wheels` is the only package index it knows."""

    def __init__(self, root: Path, wheels: Path) -> None:
        self.root, self.wheels = root, wheels
        self.script = root / "mindjam"
        self.venv = root / ".venv"
        wheels.mkdir(parents=True, exist_ok=True)
        (root / "bot").mkdir(parents=True)
        (root / "bot/__init__.py").touch()
        (root / "bot/__main__.py").write_text(COMMAND)
        shutil.copy(ROOT / "mindjam", self.script)
        self.lock("requirements.lock", "tinyone")
        self.lock("requirements-dev.lock", "tinytest")

    def lock(self, name: str, *packages: str) -> None:
        """Write a lock file of these packages, version 1.0, and their wheels."""
        lines = [f"{package}==1.0 --hash=sha256:{self._wheel(package)}\n" for package in packages]
        (self.root / name).write_text("".join(lines))

    def _wheel(self, package: str) -> str:
        path = self.wheels / f"{package}-1.0-py3-none-any.whl"
        info = f"{package}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files = {f"{package}.py": "", f"{info}/METADATA": metadata, f"{info}/WHEEL": tag}
        record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
        if not path.exists():
            with zipfile.ZipFile(path, "w") as wheel:
                for name, text in {**files, f"{info}/RECORD": record}.items():
                    wheel.writestr(name, text)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def environment(self, **changes: str) -> dict[str, str]:
        """Return environment variables in which pip sees nothing but the wheels."""
        mine = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "COV", "PYTHON"))}
        settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": self.wheels.as_uri()}
        return {**mine, **settings, "PIP_NO_INDEX": "1", "PIP_NO_CACHE_DIR": "1", **changes}

    def start(
        self, *arguments: str, cwd: Path | None = None, python: str = sys.executable, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ./mindjam to its end."""
        return subprocess.run(
            [python, self.script, *(arguments or ("doctor",))],
            cwd=cwd or self.root, env=self.environment(**env), capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    def installed(self) -> set[str]:
        """Return the tiny packages that are in .venv."""
        return {path.stem for path in self.venv.glob("lib/python3.11/site-packages/tiny*.py")}


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what the command said about how it was started."""
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result
