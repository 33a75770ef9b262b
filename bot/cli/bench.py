"""Measure how fast this host makes music."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from bot.cli.failure import CommandFailed

SIZES = ("builtin", "tiny", "small", "medium")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--size", choices=SIZES, default="builtin",
                        help="builtin, or random weights of a size (default: builtin)")  # fmt: skip
    parser.add_argument(
        "--engine", default="auto", help="auto, mindspore, openvino, numba or mindnlp"
    )
    parser.add_argument("--precision", default="auto", help="auto, fp32, fp16 or int8")
    parser.add_argument("--batch", type=int, default=1, metavar="N", help="people at once")
    parser.add_argument(
        "--seconds", type=float, default=5.0, metavar="S", help="each clip's length"
    )
    parser.add_argument("--repeat", type=int, default=1, metavar="R",
                        help="clips to time; with more than one: median, min, max")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Measure in a fresh process and print the figures."""
    from musicgen_core.benchmark import Workload, measure

    if min(args.batch, args.repeat) < 1 or not 0.06 <= args.seconds <= 300:
        raise CommandFailed(
            "--batch and --repeat must be 1 or more, --seconds from 0.06 to 300.", status=2
        )
    work = Workload(args.size, args.engine, args.precision, args.batch, args.seconds, args.repeat)
    figures = asdict(measure(work))
    if args.json:
        print(json.dumps(figures))
    else:
        width = max(map(len, figures))
        print(
            *(f"{name:<{width}}  {_readable(value)}" for name, value in figures.items()), sep="\n"
        )
    return 0


def _readable(value: object) -> str:
    """Return a figure on one line: several measurements as `median (min to max)`."""
    if not isinstance(value, dict):
        return str(value)
    if "median" in value:
        return f"{value['median']} ({value['min']} to {value['max']})"
    return ", ".join(f"{ms} at {context}" for context, ms in value.items())
