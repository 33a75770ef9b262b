"""The CDN: signed addresses that expire, ranges, and types by name."""

import aiohttp
import pytest
from small_bot import WAV, SteppedClock

from bot.rehearsal.server import Rehearsal


async def posted_url(discord_: Rehearsal, name: str = "hum.wav") -> str:
    message = await discord_.person("Ada").send(files=[(name, WAV)])
    return str(message["attachments"][0]["url"])


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, len(WAV)), ("bytes=-5", len(WAV) - 5, len(WAV)),
     ("bytes=2000-999999", 2000, len(WAV))],
)  # fmt: skip
async def test_a_range_is_answered_with_206_and_just_that(
    discord_: Rehearsal, http: aiohttp.ClientSession, asked: str, start: int, stop: int
) -> None:
    url = await posted_url(discord_)
    async with http.get(url, headers={"Range": asked}) as response:
        assert response.status == 206
        assert await response.read() == WAV[start:stop]
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(WAV)}"


async def test_a_range_beyond_the_end_is_416(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    url = await posted_url(discord_)
    async with http.get(url, headers={"Range": f"bytes={len(WAV)}-"}) as response:
        assert response.status == 416
        assert response.headers["Content-Range"] == f"bytes */{len(WAV)}"


async def test_the_whole_file_says_that_it_takes_ranges(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    async with http.get(await posted_url(discord_)) as response:
        assert response.status == 200
        assert await response.read() == WAV
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["Content-Type"] == "audio/wav"


async def test_a_head_request_tells_the_size_without_the_bytes(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    async with http.head(await posted_url(discord_)) as response:
        assert response.headers["Content-Length"] == str(len(WAV))
        assert await response.read() == b""


@pytest.mark.parametrize(
    ("name", "kind", "how"),
    [("a.WAV", "audio/wav", "inline"), ("a.ogg", "audio/ogg", "inline"),
     ("a.png", "image/png", "inline"), ("a.html", "application/octet-stream", "attachment"),
     ("a.svg", "application/octet-stream", "attachment"), ("小.flac", "audio/flac", "inline")],
)  # fmt: skip
async def test_the_type_goes_by_the_name_and_pages_never_run(
    discord_: Rehearsal, http: aiohttp.ClientSession, name: str, kind: str, how: str
) -> None:
    async with http.get(await posted_url(discord_, name)) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == kind
        assert response.headers["Content-Disposition"] == how
        assert response.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("broken", ["hm=0", "ex=ffffffff", "ex=zz", "none"])
async def test_an_address_that_was_tampered_with_leads_nowhere(
    discord_: Rehearsal, http: aiohttp.ClientSession, broken: str
) -> None:
    url = await posted_url(discord_)
    bare, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part[:2] != broken[:2]]
    changed = f"{bare}?{'&'.join([*kept, broken])}" if broken != "none" else bare
    async with http.get(changed) as response:
        assert response.status == 404


async def test_an_address_expires_and_a_fresh_one_works(
    discord_: Rehearsal, http: aiohttp.ClientSession, clock: SteppedClock
) -> None:
    url = await posted_url(discord_)
    clock.forward(26 * 3600)
    async with http.get(url) as response:
        assert response.status == 404
    (message,) = discord_.person("Ada").messages()
    async with http.get(message["attachments"][0]["url"]) as response:
        assert response.status == 200


async def test_an_edit_within_the_hour_keeps_the_address(
    discord_: Rehearsal, clock: SteppedClock
) -> None:
    clock.forward(-clock() % 3600)  # to the beginning of an hour
    first = await posted_url(discord_)
    clock.forward(3000)
    (message,) = discord_.person("Ada").messages()
    assert message["attachments"][0]["url"] == first


async def test_the_file_of_a_deleted_message_is_gone(
    discord_: Rehearsal, http: aiohttp.ClientSession
) -> None:
    url = await posted_url(discord_)
    discord_.faults.delete_channel(discord_.person("Ada").channel("studio"))
    async with http.get(url) as response:
        assert response.status == 404
