"""How a subcommand gives up."""

from __future__ import annotations

import tempfile
import traceback


class CommandFailed(Exception):
    """A subcommand cannot go on; the text is one sentence for the person at the terminal."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message, status)
        self.message, self.status = message, status

    def __str__(self) -> str:
        return self.message


def write_report(error: BaseException) -> str:
    """Write an error's traceback to a file for whoever mends it; return the file's path."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="mindjam-", suffix=".log", delete=False
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    return file.name
