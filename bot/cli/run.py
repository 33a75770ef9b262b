"""Run the bot on Discord; its token comes from DISCORD_TOKEN or .env."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from bot.cli.failure import CommandFailed
from bot.cli.options import add_model_options, settings_from
from bot.cli.serving import configure_logging, serve, set_aside

if TYPE_CHECKING:
    from bot.settings import Settings

WHERE = (
    "get one on the Bot page of your application at https://discord.com/developers/applications "
    "and put it into DISCORD_TOKEN or .env; `mindjam rehearse` runs the bot without one."
)
NO_TOKEN = f"There is no Discord token: {WHERE}"
BAD_TOKEN = f"Discord does not accept this token: {WHERE}"
WRONG_USE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    settings = settings_from(args, "production")
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    if not token:
        raise CommandFailed(NO_TOKEN, WRONG_USE)
    if not re.fullmatch(r"[\w.\-]+", token, re.ASCII):
        raise CommandFailed(BAD_TOKEN, WRONG_USE)
    configure_logging(settings.log_level)
    serve(_serve(settings, token))
    return 0


async def _serve(settings: Settings, token: str) -> None:
    from bot.app import application, online

    await _check(token)
    async with application(settings) as bot, online(bot, token) as connection:
        set_aside()
        await connection


async def _check(token: str) -> None:
    """Log in once before the model is loaded, so that a wrong token is told at once."""
    import discord

    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(token)
    except discord.LoginFailure as exc:
        raise CommandFailed(BAD_TOKEN, WRONG_USE) from exc
    except (OSError, discord.HTTPException) as exc:
        raise CommandFailed(f"Discord cannot be reached: {exc}.") from exc
