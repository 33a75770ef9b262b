"""Posting that outlives a bad minute of Discord's."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import discord

log = logging.getLogger(__name__)
T = TypeVar("T")

UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What a call to Discord raises when it did not do what was asked."""
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds between tries: two minutes in all, within the few that Discord remembers a nonce."""


async def persistently(post: Callable[[], Awaitable[T]], waits: Sequence[float] = WAITS) -> T:
    """Call `post` until it succeeds or Discord means it; with a nonce nothing is posted twice.

    discord.py itself waits out 429 and some 5xx; this adds the other 5xx and lost connections.
    """
    for wait in waits:
        try:
            return await post()
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as exc:
            log.warning("Discord failed (%r); trying again in %g s", exc, wait)
        await asyncio.sleep(wait)
    return await post()


def nonce(*parts: object) -> str:
    """Return the same short name for the same post, of the at most 25 characters Discord takes."""
    text = "\0".join(map(str, parts))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
