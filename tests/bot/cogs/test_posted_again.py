from collections.abc import AsyncIterator

import pytest_asyncio
from stage import Message, Stage, on_stage
from stocked import clip_page, controls, stock, turned


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as stage:
        yield stage


async def posted_again(stage: Stage) -> Message:
    await stage.grace.press(await clip_page(stage, stage.grace, "rain"), "Post here")
    return await stage.clip()


async def test_delete_under_what_was_posted_again_takes_that_message_too(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    await stage.grace.press(await posted_again(stage), "Delete")
    question = await stage.wait(lambda m: "Delete for good" in controls(m))
    await stage.grace.press(question, "Delete for good")
    assert await turned(stage, question, "Deleted.")
    assert stage.clips() == []
    assert (await stage.bot.storage.clips.get(clip.id)).deleted is not None


async def test_moderators_of_another_server_have_no_say_over_what_is_kept(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain", server_id=99)
    message = await posted_again(stage)
    for button in ("Keep", "Delete"):
        handle = await stage.ada.press(message, button)
        assert "Only the person who asked" in handle.original["content"]
    stored = await stage.bot.storage.clips.get(clip.id)
    assert (stored.kept, stored.deleted) == (False, None)
