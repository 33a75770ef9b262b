"""A library that is already stocked, and what tests read off the bot's private answers."""

from __future__ import annotations

from typing import Any

from fake_core import FakeCore
from stage import Message, Stage

from bot.rehearsal.handle import Handle
from bot.rehearsal.people import Person
from musicgen_core.requests import GenerationRequest
from musicgen_core.storage import ClipRecord, NewClip, NewJob


async def stock(
    stage: Stage, person: Person, *prompts: str, takes: int = 1, seconds: float = 1, **asked: Any
) -> list[ClipRecord]:
    """Put a person's clips into the storage, as if they had been made one after the other."""
    storage, clips = stage.bot.storage, []
    for prompt in prompts:
        new = NewJob(person_id=int(person.id), prompt=prompt, seconds=seconds, seed=7,
                     variations=takes, **asked)  # fmt: skip
        job = await storage.jobs.accept(new)
        await storage.jobs.claim(job.id)
        made = []
        for number in range(takes):
            clip = FakeCore().clip(GenerationRequest(prompt, seconds=seconds, seed=7 + number))
            file = await storage.files.write(clip.encode(), "wav")
            made.append(
                NewClip(file=file, seconds=seconds, sample_rate=32000, channels=1, title=prompt)
            )
        clips += await storage.jobs.finish(job.id, made) or []
    return clips


async def shown(stage: Stage, handle: Handle, text: str = "") -> Message:
    """Return the answer to a command once its text holds `text`."""
    original = handle.original
    assert original is not None
    return await stage.wait(
        lambda m: m["id"] == original["id"] and m["content"] and text in m["content"]
    )


async def library_of(stage: Stage, person: Person, **options: str) -> Message:
    """Let a person open their library; return the list."""
    return await shown(stage, await person.slash("library", **options))


async def clip_page(stage: Stage, person: Person, title: str) -> Message:
    """Let a person choose a clip of their list; return its page."""
    page = await library_of(stage, person)
    select = select_of(page)
    value = next(o["value"] for o in select["options"] if title in o["label"])
    await person.press(page, select["custom_id"], [value])
    return await turned(stage, page, f"**“{title}”**")


async def turned(stage: Stage, message: Message, text: str) -> Message:
    """Return a message once its text holds `text`."""
    return await stage.wait(lambda m: m["id"] == message["id"] and text in m["content"])


def controls(message: Message) -> dict[str, Message]:
    """Return a message's buttons by their labels."""
    found = [item for row in message["components"] for item in row["components"]]
    return {item["label"]: item for item in found if item["type"] == 2}


def select_of(message: Message) -> Message:
    """Return a message's only select."""
    (select,) = [
        item for row in message["components"] for item in row["components"] if item["type"] == 3
    ]
    return select


def field_of(handle: Handle) -> str:
    """Return the id of the only field of the form that was opened."""
    modal = handle.modal
    assert modal is not None
    (row,) = modal["components"]
    field: str = row["component"]["custom_id"]
    return field


async def emptied(stage: Stage) -> Stage:
    """Let a stage that several tests share have no messages, and its people no clips."""
    for person in (stage.ada, stage.grace, stage.lin):
        await stage.bot.storage.people.delete(int(person.id))
    for messages in stage.discord.world.messages.values():
        messages.clear()
    return stage
