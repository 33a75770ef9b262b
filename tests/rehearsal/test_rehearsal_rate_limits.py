"""Rate limits, as a raw client sees them; discord.py keeps within them by their headers."""

import aiohttp
import pytest

from bot.rehearsal import rate_limits
from bot.rehearsal.rate_limits import RateLimits
from bot.rehearsal.server import Rehearsal


async def test_the_sixth_post_of_a_window_is_refused_until_it_ends(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    studio = discord_.person("Ada").channel("studio").id
    headers = {"Authorization": f"Bot {discord_.token}"}
    url = f"{discord_.base}/api/v10/channels/{studio}/messages"
    left = []
    for number in range(5):
        async with http.post(url, json={"content": str(number)}, headers=headers) as response:
            assert response.status == 200
            left.append(response.headers["X-RateLimit-Remaining"])
    assert left == ["4", "3", "2", "1", "0"]
    async with http.post(url, json={"content": "5"}, headers=headers) as response:
        body = await response.json()
        assert response.status == 429
        assert 0 < body["retry_after"] <= 5
        assert response.headers["Via"]
    assert len(discord_.person("Ada").messages()) == 5


def test_channels_count_apart_and_share_a_bucket_name(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: now[0])
    limits = RateLimits()
    for _ in range(5):
        assert limits.count("POST", "/channels/11111/messages")[1] is None
    here, wait = limits.count("POST", "/channels/11111/messages")
    there, free = limits.count("POST", "/channels/22222/messages")
    assert (wait, free) == (5.0, None)
    assert here["X-RateLimit-Bucket"] == there["X-RateLimit-Bucket"]
    now[0] += 5
    assert limits.count("POST", "/channels/11111/messages")[1] is None
