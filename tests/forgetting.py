"""What a bot forgets when it is started anew, without starting it anew."""

from __future__ import annotations

from bot.client import MindjamBot


def forget_pages(bot: MindjamBot) -> None:
    """Let the bot know only those controls that it registers at every start."""
    views = bot._connection._view_store._views
    for message in [key for key in views if key is not None]:
        del views[message]
