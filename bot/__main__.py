"""The mindjam command: rehearse, run, compose, bench, doctor, test."""

from bot.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())
