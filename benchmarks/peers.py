"""mindjam and transformers on PyTorch at the same work, in turns.

    python benchmarks/peers.py [--rounds 5] [--size small] [--json peers.json]

Every contender is one long-lived process that loads the same checkpoint folder with random weights;
while one measures, the others are stopped. A round is: each task by each contender, one right after
the other. Prints a table in Markdown and writes every value as JSON. The standard library only:
mindjam runs in the project's .venv, PyTorch in an environment of its own, made on first use.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import venv
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REQUIREMENTS = HERE / "requirements-peers.txt"
BUSY = 0.5
"""Load above which the machine is not quiet: PyTorch's threads wait for each other most of all."""
WRITE = """import pathlib, sys
from musicgen_core.benchmark.random_folder import write_random_folder as write
write(sys.argv[1], pathlib.Path(sys.argv[2]))"""


@dataclass(frozen=True, slots=True)
class Task:
    """Steps around a context, or a whole clip of a length."""

    context: int | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        if self.seconds is None:
            return f"ms a step at context {self.context}"
        return f"audio s per s, {self.seconds:g} s clip"

    def order(self, take: int) -> str:
        """Return the line of JSON that asks a contender for it."""
        if self.seconds is None:
            return json.dumps({"context": self.context})
        return json.dumps({"seconds": self.seconds, "take": take})

    def shown(self, time: float) -> float:
        """Return what is reported for a time: the time of a step, the speed of a clip."""
        return time if self.seconds is None else self.seconds / time


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure that was measured once a round."""

    median: float
    min: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarize at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        values = (self.median, self.min, self.max)
        middle, least, most = (f"{v:.0f}" if v >= 1000 else f"{v:.3g}" for v in values)
        return f"{middle} ({least} to {most})"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Return how many times as fast we are, from both's times, paired by round."""
    return Spread.of([their / our for our, their in zip(ours, theirs, strict=True)])


class Contender:
    """A process that measures one line of JSON at a time, and is stopped in between."""

    def __init__(self, name: str, command: Sequence[str | Path], place: Path) -> None:
        self.name = name
        # Ours finds this checkout, wherever the environment has mindjam from.
        environment = os.environ | {"XDG_CACHE_HOME": str(place / "cache")}
        if name.startswith("mindjam"):
            environment["PYTHONPATH"] = str(ROOT)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=place,
            env=environment,
            text=True,
        )

    def __enter__(self) -> Contender:
        ready = self._answer()
        self.about, self.threads = str(ready["about"]), int(ready["threads"])
        self._process.send_signal(signal.SIGSTOP)
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        self._process.wait()

    def measure(self, order: str) -> float:
        """Return the time that the task took: milliseconds of a step, seconds of a clip."""
        self._process.send_signal(signal.SIGCONT)
        assert self._process.stdin is not None
        print(order, file=self._process.stdin, flush=True)
        value = float(self._answer()["value"])
        self._process.send_signal(signal.SIGSTOP)
        return value

    def _answer(self) -> dict[str, str | float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with {self._process.wait()}; see above.")
        answer: dict[str, str | float] = json.loads(line)
        return answer


def say(text: str) -> None:
    print(text, file=sys.stderr)


def peer_python() -> Path:
    """Return the Python of PyTorch's environment, made or made anew if the pins have changed."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base, "mindjam", "peers")
    python, done = folder / "bin" / "python", folder / "requirements-peers.txt"
    if not done.is_file() or done.read_bytes() != REQUIREMENTS.read_bytes():
        say(f"Installing PyTorch and transformers into {folder}")
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-r", REQUIREMENTS], check=True)
        done.write_bytes(REQUIREMENTS.read_bytes())
    return python


def run(
    contenders: Sequence[Contender], tasks: Sequence[Task], rounds: int
) -> dict[Task, dict[str, list[float]]]:
    """Return every task's times by contender; one round before the first warms everything up."""
    times: dict[Task, dict[str, list[float]]] = {
        task: {contender.name: [] for contender in contenders} for task in tasks
    }
    for number in range(rounds + 1):
        for task in tasks:
            for contender in contenders:
                taken = contender.measure(task.order(number))
                label = f"round {number}" if number else "warming up"
                say(f"{label}: {contender.name}, {task}: {task.shown(taken):.4g}")
                if number:
                    times[task][contender.name].append(taken)
    return times


def table(times: dict[Task, dict[str, list[float]]]) -> str:
    """Return Markdown: each contender's median (least to most), and how often as fast we are."""
    first, *others = next(iter(times.values()))
    heads = ["", first, *others, *(f"{first} : {other}" for other in others)]
    rows = [heads, ["---"] * len(heads)]
    for task, by_name in times.items():
        shown = [str(Spread.of([task.shown(t) for t in taken])) for taken in by_name.values()]
        faster = [f"{ratios(by_name[first], by_name[other])} times" for other in others]
        rows.append([str(task), *shown, *faster])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def report(
    contenders: Sequence[Contender], times: dict[Task, dict[str, list[float]]], load: float
) -> dict[str, object]:
    """Return all that was measured, ready for JSON; times of steps in ms, of clips in s."""
    first, *others = (contender.name for contender in contenders)
    return {
        "contenders": {c.name: {"about": c.about, "threads": c.threads} for c in contenders},
        "load_before": load,
        "tasks": [
            {
                "task": str(task),
                **asdict(task),
                "times": by_name,
                "ratios": {
                    other: asdict(ratios(by_name[first], by_name[other])) for other in others
                },
            }
            for task, by_name in times.items()
        ],
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="small", choices=("tiny", "small", "medium"))
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--contexts", type=int, nargs="*", default=[50, 500, 1500])
    parser.add_argument("--clips", type=float, nargs="*", default=[5, 10], help="seconds")
    parser.add_argument("--ours", nargs="+", default=["openvino/int8"], help="ENGINE/PRECISION")
    parser.add_argument("--peers", nargs="+", default=["fp32", "int8"], choices=("fp32", "int8"))
    parser.add_argument("--python", type=Path, default=ROOT / ".venv" / "bin" / "python",
                        help="mindjam's environment (default: the project's)")  # fmt: skip
    parser.add_argument("--peer-python", type=Path,
                        help="an environment with PyTorch and transformers")  # fmt: skip
    parser.add_argument("--json", type=Path, default=Path("peers.json"), help="every value")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if not options.python.is_file():
        raise SystemExit(f"{options.python} is missing; run ./mindjam doctor, which installs it.")
    tasks = [Task(context=context) for context in options.contexts]
    tasks += [Task(seconds=seconds) for seconds in options.clips]
    python = options.peer_python or peer_python()
    if (load := os.getloadavg()[0]) > BUSY:
        say(f"The load is {load:.1f}: these will be no figures to quote.")
    with TemporaryDirectory(prefix="mindjam-peers-") as place, ExitStack() as stack:
        folder = Path(place, f"random-{options.size}")
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        subprocess.run([options.python, "-c", WRITE, options.size, folder],
                       check=True, env=environment)  # fmt: skip

        def enter(name: str, *command: str | Path) -> Contender:
            return stack.enter_context(Contender(name, command, Path(place)))

        contenders = [
            enter(f"mindjam {choice}", options.python, HERE / "peer_ours.py", folder, choice)
            for choice in options.ours
        ]
        threads = str(contenders[0].threads)  # both use the cores that a process may use
        contenders += [
            enter(f"torch {p}", python, HERE / "peer_torch.py", folder, p, threads)
            for p in options.peers
        ]
        times = run(contenders, tasks, options.rounds)
        options.json.write_text(json.dumps(report(contenders, times, load), indent=1) + "\n")
        print(table(times))


if __name__ == "__main__":
    main()
