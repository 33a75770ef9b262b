"""The same work on mindjam and on transformers + PyTorch, in turns, in one run on one machine.

    python benchmarks/peers/compare.py [--rounds 5] [--contexts 50 500 1500] [--seconds 5]

Random weights of musicgen-small's shapes, guidance on. The peer lives in an environment of its own
(made once, PyTorch is large), each contender in a process of its own that sleeps while others work.
Run it with mindjam's own Python (`.venv/bin/python`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = """
import sys
from pathlib import Path
from musicgen_core.benchmark.random_folder import write_random_folder
write_random_folder(sys.argv[1], Path(sys.argv[2]))
"""


@dataclass
class Contender:
    """A process that measures when it is told to."""

    process: subprocess.Popen[str]
    name: str = ""
    steps: dict[int, list[float]] = field(default_factory=dict)
    """Context -> milliseconds, one of every round."""
    clips: dict[float, list[float]] = field(default_factory=dict)
    """Seconds of a clip -> seconds it took."""

    @classmethod
    def start(cls, *command: str) -> Contender:
        """Start it and wait until its model is loaded."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        contender = cls(process)
        contender.name = json.loads(contender._line())["ready"]
        return contender

    def measure(self, order: dict[str, float]) -> float:
        """Send an order and wait for the figure."""
        if self.process.stdin is None:
            raise RuntimeError("the contender has no input")
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return float(json.loads(self._line()))

    def _line(self) -> str:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError(f"{self.name or 'A contender'} ended early.")
        return line


def peer_python() -> str:
    """Return the peer environment's interpreter, which is made if there is none."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "mindjam" / "peer-environment"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        needed = ["-r", str(HERE / "requirements.txt")]
        subprocess.run([python, "-m", "pip", "install", "-q", *needed], check=True)
        (folder / "complete").touch()
    return str(python)


def ratios(theirs: Sequence[float], ours: Sequence[float]) -> tuple[float, float, float]:
    """Median, least and most of how many times as long they took, round by round."""
    found = [their / our for their, our in zip(theirs, ours, strict=True)]
    return statistics.median(found), min(found), max(found)


def table(contenders: Sequence[Contender]) -> str:
    """A row for every contender and piece of work; the last contender is compared with the rest."""
    ours = contenders[-1]
    rows = [f"| work | contender | median | {ours.name} is faster by |", "|---|---|---|---|"]
    kinds = [("steps", "ms a step at context {}", ""), ("clips", "{} s clip", " s")]
    for kind, title, unit in kinds:
        for key in getattr(ours, kind):
            for contender in contenders:
                mine, their = getattr(ours, kind)[key], getattr(contender, kind)[key]
                factor = ""
                if contender is not ours:
                    middle, least, most = ratios(their, mine)
                    factor = f"{middle:.2f} ({least:.2f} to {most:.2f})"
                figure = f"{statistics.median(their):.1f}{unit}"
                rows.append(f"| {title.format(key)} | {contender.name} | {figure} | {factor} |")
    return "\n".join(rows)


def main() -> None:
    """Measure in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="small")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--contexts", type=int, nargs="*", default=[50, 500, 1500])
    parser.add_argument("--seconds", type=float, nargs="*", default=[5.0])
    parser.add_argument("--peer-python", help="an interpreter that has requirements.txt")
    options = parser.parse_args()
    peer = options.peer_python or peer_python()
    with tempfile.TemporaryDirectory(prefix="mindjam-peers-") as place:
        folder = str(Path(place, f"random-{options.size}"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", WORK, options.size, folder]
        subprocess.run(command, check=True, env=environment)
        theirs, ours = str(HERE / "torch_side.py"), str(HERE / "our_side.py")
        contenders = [
            Contender.start(peer, theirs, folder, "fp32"),
            Contender.start(peer, theirs, folder, "int8"),
            Contender.start(sys.executable, ours, folder, "auto", "auto"),
        ]
        try:
            for _ in range(options.rounds):
                for context in options.contexts:
                    for each in contenders:
                        found = each.measure({"context": context})
                        each.steps.setdefault(context, []).append(found)
                for seconds in options.seconds:
                    for each in contenders:
                        found = each.measure({"seconds": seconds})
                        each.clips.setdefault(seconds, []).append(found)
        finally:
            for each in contenders:
                each.process.kill()
                each.process.wait()
    print(table(contenders))


if __name__ == "__main__":
    main()
