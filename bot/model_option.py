"""The option `model` of commands, which is there only where there is a choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import app_commands

OPTION = "model"


def offer_where_several(
    command: app_commands.Command[Any, ..., Any], models: Sequence[str]
) -> None:
    """Take the option from a cog's copy of a command where there is one model only.

    The command must be registered after that. Its callback gets the option's default.
    """
    if len(models) == 1:
        # Options are those of the callback's signature; discord.py knows no other way.
        del command._params[OPTION]  # noqa: SLF001
