"""The owner's alarm: once an hour, whatever fails how often."""

from __future__ import annotations

from stage import on_stage

from bot.incident import recent
from musicgen_core.errors import StorageUnavailable


async def full(*_: object) -> None:
    raise StorageUnavailable("The disk is full.")


async def test_the_owner_hears_of_a_full_disk_once_an_hour() -> None:
    async with on_stage() as stage:
        stage.bot.storage.files.write = full
        for prompt in ("rain", "sun"):
            await stage.grace.slash("compose", prompt=prompt, duration=1)
            await stage.wait(lambda m, p=prompt: m["attachments"] and p in m["content"])
        told = [m for m in stage.messages() if "The disk or the database fails" in m["content"]]
        owner = (await stage.bot.application_info()).owner
        world = stage.discord.world
        private = world.direct_channel(world.user(str(owner.id)))
        assert [m["channel_id"] for m in told] == [private.id]
        assert recent[-2].id in told[0]["content"]
