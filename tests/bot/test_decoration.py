"""The card comes after the clip, and never costs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from fake_core import FakeCore
from stage import PATIENCE, on_stage
from stocked import clip_page, stock

from bot import decoration
from bot.press import Presentation
from bot.rehearsal.permissions import Permission
from musicgen_core.errors import WorkerLost
from musicgen_core.hearing import Heard
from musicgen_core.requests import Clip

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Artist:
    asked: list[str | None] = field(default_factory=list)
    fails: bool = False
    may: asyncio.Event | None = None
    look: Callable[[], int] = lambda: 0
    seen: list[int] = field(default_factory=list)

    async def present(self, clip: Clip, *, say: str, title: str | None = None) -> Presentation:
        self.asked.append(title)
        self.seen.append(self.look())
        if self.may is not None:
            await self.may.wait()
        if self.fails:
            raise WorkerLost("The press is gone.")
        return Presentation(PNG, "A waveform.", Heard(120.4, "A minor"))


async def test_the_card_is_added_to_the_message_with_what_was_heard() -> None:
    artist = Artist()
    async with on_stage(FakeCore(), presenter=artist) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.wait(lambda m: len(m["attachments"]) == 2)
        sound, card = clip["attachments"]
        assert sound["filename"] == "rain-0.wav"
        assert (card["filename"], card["description"]) == ("card-1.png", "A waveform.")
        assert clip["content"].endswith("-# I hear 120 bpm · A minor.")
        assert clip["components"], "the buttons stay"
        (record,) = (await stage.bot.storage.clips.page(int(stage.grace.id))).clips
        assert (record.tempo, record.key) == (120.4, "A minor")
    assert artist.asked == ["rain"]


async def test_a_card_is_titled_by_the_style_where_there_is_no_prompt() -> None:
    artist = Artist()
    async with on_stage(FakeCore(), presenter=artist) as stage:
        await stage.grace.slash("compose", style="jazz", duration=1)
        await stage.wait(lambda m: len(m["attachments"]) == 2)
    assert artist.asked == ["jazz"]


async def test_variations_have_a_card_each() -> None:
    async with on_stage(FakeCore(), presenter=Artist()) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1, variations=2)
        clip = await stage.wait(lambda m: len(m["attachments"]) == 4)
        names = [attachment["filename"] for attachment in clip["attachments"]]
        assert names == ["1-rain-0.wav", "2-rain-1.wav", "card-1.png", "card-2.png"]
        for take in (1, 2):
            assert f"-# Take {take}: I hear 120 bpm · A minor." in clip["content"]


@pytest.mark.parametrize("patient", [True, False])
async def test_a_card_waits_for_others_music_but_not_for_ever(patient: bool, monkeypatch) -> None:
    artist = Artist()
    monkeypatch.setattr(decoration, "PATIENCE", PATIENCE if patient else 0.1)
    async with on_stage(FakeCore(frames_per_second=200), presenter=artist) as stage:
        delivery = stage.bot.get_cog("Admin")._delivery
        artist.look = lambda: len(delivery._workshop.service._ledger.open())
        await stage.ada.slash("compose", prompt="sun", duration=12)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        for prompt in ("rain", "sun"):
            await stage.wait(lambda m, p=prompt: p in m["content"] and len(m["attachments"]) == 2)
    assert artist.asked[0] == "rain"
    assert artist.seen[0] == (0 if patient else 1)


async def test_who_asks_while_a_card_is_drawn_is_not_kept_waiting_by_the_next(monkeypatch) -> None:
    artist = Artist(may=asyncio.Event())
    monkeypatch.setattr(decoration, "PATIENCE", PATIENCE)
    async with on_stage(FakeCore(frames_per_second=200), presenter=artist) as stage:
        service = stage.bot.get_cog("Admin")._delivery._workshop.service
        artist.look = lambda: len(service._ledger.open())
        for prompt in ("rain", "snow"):
            await stage.grace.slash("compose", prompt=prompt, duration=1)
            await stage.wait(lambda m, p=prompt: p in m["content"] and "Done." in m["content"])
        await asyncio.sleep(0.5)  # the other card would be asked for by now
        assert artist.asked == ["rain"]
        await stage.ada.slash("compose", prompt="sun", duration=12)
        artist.may.set()
        await stage.wait(lambda m: "sun" in m["content"] and len(m["attachments"]) == 2)
    assert artist.asked == ["rain", "snow", "sun"]
    assert artist.seen == [0, 0, 0]


async def test_a_card_that_fails_costs_nothing() -> None:
    artist = Artist(fails=True)
    async with on_stage(FakeCore(), presenter=artist) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert await stage.clip()
        assert await stage.status("Done.")
        await stage.grace.slash("compose", prompt="sun", duration=1)
        assert await stage.wait(lambda m: m["attachments"] and "sun" in m["content"])


async def test_a_card_that_is_being_drawn_is_waited_for_when_the_bot_stops() -> None:
    artist = Artist(may=asyncio.Event())
    async with on_stage(FakeCore(), presenter=artist) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await stage.status("Done.")
        delivery = stage.bot.get_cog("Admin")._delivery
        stopping = asyncio.create_task(delivery.settle(PATIENCE))
        await asyncio.sleep(0)
        artist.may.set()
        await stopping
        (clip,) = stage.clips()
        assert len(clip["attachments"]) == 2


async def test_a_card_that_the_last_process_did_not_come_to_is_made_up_for() -> None:
    artist = Artist(may=asyncio.Event())
    async with on_stage(FakeCore(), presenter=artist) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await stage.status("Done.")
        delivery, jobs = stage.bot.get_cog("Admin")._delivery, stage.bot.storage.jobs
        await delivery.close()
        (clip,) = stage.clips()
        assert len(clip["attachments"]) == 1
        artist.may.set()
        plain = await jobs.unheard(datetime.now(UTC) - timedelta(hours=1), 5)
        delivery.catch_up(plain)
        assert await stage.wait(lambda m: len(m["attachments"]) == 2)
        assert await jobs.unheard(datetime.now(UTC) - timedelta(hours=1), 5) == []
        drawn = len(artist.asked)
        delivery.catch_up(plain)
        await delivery.settle(PATIENCE)
        assert len(artist.asked) == drawn, "what has its card gets no other"


async def test_a_card_for_a_direct_message_is_made_up_for_too() -> None:
    artist = Artist(may=asyncio.Event())
    async with on_stage(FakeCore(), presenter=artist) as stage:
        stage.discord.faults.deny(Permission.ATTACH_FILES, stage.studio)
        await stage.grace.slash("compose", prompt="rain", duration=1)
        await stage.status("privately")
        delivery, jobs = stage.bot.get_cog("Admin")._delivery, stage.bot.storage.jobs
        await delivery.close()
        artist.may.set()
        delivery.catch_up(await jobs.unheard(datetime.now(UTC) - timedelta(hours=1), 5))
        carded = await stage.wait(lambda m: len(m["attachments"]) == 2)
        assert carded["channel_id"] == stage.grace.channel("dm").id


async def test_what_is_posted_again_gets_its_card_too() -> None:
    async with on_stage(FakeCore(), presenter=Artist()) as stage:
        (clip,) = await stock(stage, stage.grace, "rain")
        await stage.grace.press(await clip_page(stage, stage.grace, "rain"), "Post here")
        posted = await stage.wait(lambda m: len(m["attachments"]) == 2)
        assert posted["content"].endswith("-# I hear 120 bpm · A minor.")
        assert (await stage.bot.storage.clips.get(clip.id)).key == "A minor"
