"""import-linter's contracts, each broken once in a copy of the packages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

# contract -> (a module that appears, what it imports, the line of the report that tells)
VIOLATIONS = {
    "The core has never heard of Discord": (
        "musicgen_core/model/intruder_a.py", "import discord",
        "musicgen_core.model.intruder_a -> discord (l.1)",
    ),
    "The core's layers": (
        "musicgen_core/model/intruder_b.py", "import musicgen_core.engines.select",
        "musicgen_core.model.intruder_b -> musicgen_core.engines.select (l.1)",
    ),
    "The bot reaches the core by its doors": (
        "bot/ui/intruder_c.py", "import musicgen_core.scheduler",
        "bot.ui.intruder_c -> musicgen_core.scheduler (l.1)",
    ),
    "Cogs do not import each other": (
        "bot/cogs/intruder_d.py", "import bot.cogs.compose",
        "bot.cogs.intruder_d -> bot.cogs.compose (l.1)",
    ),
    "The rehearsal cannot cheat": (
        "bot/rehearsal/intruder_e.py", "import musicgen_core.errors",
        "bot.rehearsal.intruder_e -> musicgen_core.errors (l.1)",
    ),
    "mindnlp is imported in two files": (
        "musicgen_core/engines/stock/intruder_f.py", "import mindtorch",
        "musicgen_core.engines.stock.intruder_f -> mindtorch (l.1)",
    ),
    "mindspore is imported under engines/mindspore only": (
        "musicgen_core/executors/intruder_g.py", "import mindspore",
        "musicgen_core.executors.intruder_g -> mindspore (l.1)",
    ),
    "openvino is imported under engines/openvino only": (
        "musicgen_core/executors/intruder_h.py", "import openvino",
        "musicgen_core.executors.intruder_h -> openvino (l.1)",
    ),
    "numba is imported in five files": (
        "musicgen_core/executors/intruder_j.py", "import numba",
        "musicgen_core.executors.intruder_j -> numba (l.1)",
    ),
    "The database is spoken to under storage only": (
        "musicgen_core/executors/intruder_i.py", "import sqlalchemy",
        "musicgen_core.executors.intruder_i -> sqlalchemy (l.1)",
    ),
}  # fmt: skip


def test_every_contract_catches_a_violation(tmp_path: Path) -> None:
    contracts = re.findall(
        r'(?<=importlinter.contracts\]\]\nname = ").*(?=")', (ROOT / "pyproject.toml").read_text()
    )
    assert contracts == list(VIOLATIONS)
    report = lint_with_violations(tmp_path)
    for contract, (_, _, line) in VIOLATIONS.items():
        assert re.search(rf"^{re.escape(contract)} BROKEN", report, re.MULTILINE), contract
        assert line in report
    assert "bystander" in report  # a new module of the core needs a layer


def lint_with_violations(folder: Path) -> str:
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("bot", "musicgen_core"):
        skipped = shutil.ignore_patterns("__pycache__", "*.safetensors", "room")
        shutil.copytree(ROOT / package, folder / package, ignore=skipped)
    for path, line, _ in VIOLATIONS.values():
        (folder / path).write_text(line + "\n")
    (folder / "musicgen_core/bystander.py").touch()
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--no-cache"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return done.stdout
