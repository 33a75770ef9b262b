"""From Enter to the bar's first move and to the finished file, as somebody at a terminal sees it.

    python benchmarks/compose_start.py [RUNS]

Runs `./mindjam compose` with the built-in checkpoint in a pseudo-terminal, several times; the first
run warms the disk and is left out. Linux and macOS.
"""

from __future__ import annotations

import json
import os
import pty
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROMPT = "80s pop track with bassy drums and synth"
PERCENT = re.compile(rb"(\d+) %")


def measure(folder: Path) -> dict[str, float]:
    """One run: seconds to the first step, to the end, and of the generation alone."""
    ours, theirs = pty.openpty()
    command = (sys.executable, ROOT / "mindjam", "compose", PROMPT, "--seconds", "5", "--seed", "1",
               "--out", folder / "clip.wav", "--json")  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT)
    os.close(theirs)
    first = None
    while True:
        try:
            shown = os.read(ours, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not shown:
            break
        if first is None and any(int(number) > 0 for number in PERCENT.findall(shown)):
            first = time.perf_counter() - began
    os.close(ours)
    output = process.communicate(timeout=60)[0]
    whole = time.perf_counter() - began
    if process.returncode or first is None:
        raise RuntimeError(f"compose ended with {process.returncode}")
    report = json.loads(output)
    return {"first_step_s": first, "whole_s": whole, "rtf": report["rtf"]}


def main() -> None:
    """Print every figure's median, least and most."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(Path(folder)) for _ in range(runs + 1)][1:]
    for name in found[0]:
        values = [run[name] for run in found]
        print(
            f"{name:<13} {statistics.median(values):6.2f}  ({min(values):.2f} to {max(values):.2f})"
        )


if __name__ == "__main__":
    main()
