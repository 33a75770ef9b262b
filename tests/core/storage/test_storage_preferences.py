"""Settings of servers and people."""

from __future__ import annotations

import asyncio

import pytest
from stored_things import ANNA, BEN, CHANNEL, SERVER

from musicgen_core.storage import PersonSettings, ServerSettings, Storage

EVERYTHING = ServerSettings(
    SERVER, language="zh-CN", channels=(CHANNEL, 2), roles=(), longest_seconds=12.5,
    clips_an_hour=3, formats=("wav", "ogg"), blocked_words=("雨", "a\0b"), model="builtin",
    retention_days=7, jam_seconds=600.0,
)  # fmt: skip


async def test_who_has_set_nothing_has_no_settings(storage: Storage) -> None:
    assert await storage.preferences.server(SERVER) == ServerSettings(SERVER)
    assert await storage.preferences.person(ANNA) == PersonSettings(ANNA)


async def test_settings_are_read_as_they_were_changed(storage: Storage) -> None:
    changes = {name: getattr(EVERYTHING, name) for name in EVERYTHING.__slots__ if name != "id"}
    stored = await storage.preferences.change_server(SERVER, **changes)
    assert stored == await storage.preferences.server(SERVER)
    assert stored.blocked_words == ("雨", "ab")
    assert all(
        getattr(stored, name) == changes[name] for name in changes.keys() - {"blocked_words"}
    )
    person = await storage.preferences.change_person(ANNA, language="en-US", format="mp3")
    assert person == PersonSettings(ANNA, "en-US", "mp3") == await storage.preferences.person(ANNA)
    assert await storage.preferences.person(BEN) == PersonSettings(BEN)


async def test_a_change_leaves_the_rest_and_none_takes_back(storage: Storage) -> None:
    await storage.preferences.change_server(SERVER, language="zh-CN", channels=(1,))
    await storage.preferences.change_server(SERVER, model="builtin", channels=None)
    expected = ServerSettings(SERVER, language="zh-CN", model="builtin")
    assert await storage.preferences.server(SERVER) == expected
    assert await storage.preferences.change_server(SERVER) == expected


async def test_changes_at_the_same_time_are_all_kept(storage: Storage) -> None:
    await asyncio.gather(
        storage.preferences.change_server(SERVER, language="zh-CN"),
        storage.preferences.change_server(SERVER, model="builtin"),
        storage.preferences.change_server(SERVER, retention_days=3),
    )
    assert await storage.preferences.server(SERVER) == ServerSettings(
        SERVER, language="zh-CN", model="builtin", retention_days=3
    )


async def test_there_is_no_setting_of_another_name(storage: Storage) -> None:
    with pytest.raises(TypeError, match="colour"):
        await storage.preferences.change_server(SERVER, colour="red")
    with pytest.raises(TypeError, match="model"):
        await storage.preferences.change_person(ANNA, model="builtin")


async def test_the_languages_that_people_chose_are_known_at_once(storage: Storage) -> None:
    assert await storage.preferences.languages() == {}
    await storage.preferences.change_person(ANNA, language="zh-CN")
    await storage.preferences.change_person(BEN, format="OGG")
    assert await storage.preferences.languages() == {ANNA: "zh-CN"}
    await storage.preferences.change_person(ANNA, language=None)
    assert await storage.preferences.languages() == {}
