import asyncio
from functools import partial
from pathlib import Path

import pytest
from fake_core import FakeCore

from bot.cli import main, run
from bot.rehearsal.events import BotPresence
from bot.rehearsal.server import Rehearsal
from bot.settings import load_settings


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    # In a thread there are no signals to wait for.
    monkeypatch.setattr(run, "serve", asyncio.run)


def test_without_a_token_one_sentence_says_where_to_get_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "There is no Discord token" in said
    assert "Bot page" in said
    assert "https://discord.com/developers/applications" in said
    assert "mindjam rehearse" in said


@pytest.mark.parametrize("token", ["   ", ""])
def test_a_blank_token_is_none(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".env").write_text(f"DISCORD_TOKEN={token}\n")
    assert main(["run"]) == 2
    assert "There is no Discord token" in capsys.readouterr().err


@pytest.mark.parametrize("token", ["wrong.token", "not\ta token", "Bot\u00e9"])
async def test_a_bad_token_is_told_before_a_model_is_loaded_and_never_shown(
    token: str,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", token)
    async with Rehearsal() as discord_:
        with discord_.attach():
            assert await asyncio.to_thread(main, ["run"]) == 2
    said = capsys.readouterr().err
    assert "Discord does not accept this token" in said
    assert "mindjam rehearse" in said
    assert token not in said + caplog.text


async def test_discord_out_of_reach_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "some.token")
    discord_ = Rehearsal()
    async with discord_:
        attached = discord_.attach()
        attached.__enter__()
    try:
        assert await asyncio.to_thread(main, ["run"]) == 1
    finally:
        attached.__exit__(None, None, None)
    said = capsys.readouterr().err
    assert "Discord cannot be reached" in said
    assert "Traceback" not in said


async def test_with_a_good_token_the_bot_goes_online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.core_factory", lambda settings, model: partial(FakeCore))
    settings = load_settings("production", env_file=None, guild_ready_timeout=0.1)
    async with Rehearsal() as discord_, asyncio.timeout(20):
        with discord_.attach():
            online = asyncio.Event()
            discord_.events.subscribe(
                lambda event: online.set() if event == BotPresence(online=True) else None
            )
            serving = asyncio.create_task(run._serve(settings, discord_.token))
            await online.wait()
            serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await serving
    assert "compose" in [command["name"] for command in discord_.commands]
