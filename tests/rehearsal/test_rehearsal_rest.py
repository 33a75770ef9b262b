"""The REST API's frame, as a raw client sees it: who is let in, and how errors look."""

from typing import Any

import aiohttp
import pytest

from bot.rehearsal.server import Rehearsal


async def call(
    discord_: Rehearsal, method: str, path: str, *, token: str | None = None, **options: Any
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bot {token or discord_.token}"} | options.pop("headers", {})
    url = f"{discord_.base}/api/v10{path}"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=headers, **options) as response,
    ):
        assert response.headers["Content-Type"] == "application/json"
        return response.status, await response.json()


async def test_without_the_token_nothing_is_told(discord_: Rehearsal) -> None:
    told = await call(discord_, "GET", "/users/@me", token="another")
    assert told == (401, {"message": "401: Unauthorized", "code": 0})


async def test_an_unknown_method_of_a_known_route_is_recorded(discord_: Rehearsal) -> None:
    status, body = await call(discord_, "PUT", "/users/@me", json={})
    assert (status, body) == (405, {"message": "405: Method Not Allowed", "code": 0})
    assert [r.method for r in discord_.unknown_routes] == ["PUT"]
    discord_.unknown_routes.clear()


@pytest.mark.parametrize("body", ["{", '{"content": '])
async def test_broken_json_is_refused(discord_: Rehearsal, body: str) -> None:
    studio = discord_.person("Ada").channel("studio").id
    options = {"data": body, "headers": {"Content-Type": "application/json"}}
    status, answer = await call(discord_, "POST", f"/channels/{studio}/messages", **options)
    assert (status, answer["code"]) == (400, 50109)


@pytest.mark.parametrize("body", [[], "text", 5, None])
async def test_a_body_that_is_no_object_is_refused(discord_: Rehearsal, body: Any) -> None:
    studio = discord_.person("Ada").channel("studio").id
    status, answer = await call(discord_, "POST", f"/channels/{studio}/messages", json=body)
    assert (status, answer["code"]) == (400, 50035)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=-1"])
async def test_a_history_beyond_its_bounds_is_refused(discord_: Rehearsal, query: str) -> None:
    studio = discord_.person("Ada").channel("studio").id
    status, answer = await call(discord_, "GET", f"/channels/{studio}/messages?{query}")
    assert (status, answer["code"]) == (400, 50035)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/webhooks/APP/nonsense", (404, 10015)),
        ("/webhooks/5/nonsense", (404, 10015)),
        ("/interactions/5/nonsense/callback", (404, 10062)),
    ],
)
async def test_tokens_that_never_were_are_unknown(
    discord_: Rehearsal, path: str, expected: tuple[int, int]
) -> None:
    path = path.replace("APP", discord_.world.bot.id)
    status, answer = await call(discord_, "POST", path, json={"content": "x", "type": 4})
    assert (status, answer["code"]) == expected


async def test_commands_of_another_application_are_out_of_reach(discord_: Rehearsal) -> None:
    for path in (
        "/applications/5/commands",
        f"/applications/{discord_.world.bot.id}/guilds/5/commands",
    ):
        status, answer = await call(discord_, "GET", path)
        assert (status, answer["code"]) == (403, 50001)


async def test_a_fault_of_the_rehearsal_itself_is_a_500_and_logged(
    discord_: Rehearsal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(discord_._payloads, "user", lambda _: 1 / 0)
    status, _ = await call(discord_, "GET", "/users/@me")
    assert status == 500
    assert "ZeroDivisionError" in caplog.text
