"""The card comes after the clip, and never costs it."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_core import FakeCore
from stage import on_stage

from bot.press import Presentation
from musicgen_core.errors import WorkerLost
from musicgen_core.hearing import Heard
from musicgen_core.requests import Clip

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass
class Artist:
    asked: list[str | None] = field(default_factory=list)
    fails: bool = False

    async def present(self, clip: Clip, *, say: str, title: str | None = None) -> Presentation:
        self.asked.append(title)
        if self.fails:
            raise WorkerLost("The press is gone.")
        return Presentation(None, PNG, "A waveform.", Heard(120.4, "A minor"))


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


async def test_a_card_that_fails_costs_nothing() -> None:
    artist = Artist(fails=True)
    async with on_stage(FakeCore(), presenter=artist) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        assert await stage.clip()
        assert await stage.status("Done.")
        await stage.grace.slash("compose", prompt="sun", duration=1)
        assert await stage.wait(lambda m: m["attachments"] and "sun" in m["content"])
