"""Tell what this host can run, what is missing, and how to fix it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from bot.cli.options import add_model_options, settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print one line a finding; 0 when everything that mindjam needs is there."""
    from bot.diagnosis import examine
    from bot.finding import Finding

    settings = settings_from(args, "production")
    marks = {"ok": "ok  ", "note": "note", "bad": "BAD "}

    def lines(finding: Finding) -> Iterator[str]:
        yield f"{marks[finding.verdict]} {finding.subject}: {finding.text}"
        if finding.remedy:
            yield f"       -> {finding.remedy}"

    healthy = True
    for finding in examine(settings):
        print(*lines(finding), sep="\n", flush=True)
        healthy &= finding.verdict != "bad"
    print("mindjam can run here." if healthy else "Something is missing; see BAD above.")
    return 0 if healthy else 1
