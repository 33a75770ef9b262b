"""The mindjam command: one file a subcommand, imported lightly, loaded heavily when run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from bot.cli.failure import CommandFailed, write_report
from musicgen_core.errors import MusicGenError

SUBCOMMANDS = ("rehearse", "run", "compose", "bench", "doctor", "test")

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl+C stopped."""


class Subcommand(Protocol):
    """What each module of this package supplies; its docstring's first line is its help."""

    __doc__: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the subcommand's options."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit status.

        Raises:
            CommandFailed: it cannot be done; the text is shown to the person.
            MusicGenError: likewise.
        """
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; errors are one sentence on stderr."""
    parser = _parser()
    args, unknown = parser.parse_known_args(argv)
    command = cast("Subcommand", args.subcommand)
    if unknown and not hasattr(args, "pytest_args"):
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    args.unknown = unknown
    try:
        return command.run(args)
    except KeyboardInterrupt:
        return INTERRUPTED
    except CommandFailed as exc:
        return _complain(str(exc), exc.status)
    except MusicGenError as exc:
        return _complain(str(exc), 1)
    except Exception as exc:  # noqa: BLE001 - the command's task root; the report holds it all
        return _complain(f"Sorry, something of mine failed; {write_report(exc)} says what.", 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mindjam", description="A Discord bot that makes music with MusicGen on MindSpore."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in SUBCOMMANDS:
        module = cast("Subcommand", import_module(f"bot.cli.{name}"))
        text = module.__doc__.splitlines()[0].rstrip(".")
        subparser = commands.add_parser(name, help=text, description=text + ".")
        module.add_arguments(subparser)
        subparser.set_defaults(subcommand=module)
    return parser


def _complain(message: str, status: int) -> int:
    print(f"mindjam: {message}", file=sys.stderr)
    return status
