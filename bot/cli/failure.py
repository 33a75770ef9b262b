"""How a subcommand gives up."""

from __future__ import annotations


class CommandFailed(Exception):
    """A subcommand cannot go on; the text is one sentence for the person at the terminal."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message, status)
        self.message, self.status = message, status

    def __str__(self) -> str:
        return self.message
