"""A status is edited now and then, and its last edit is its last word."""

import asyncio
import itertools
import time

from fake_core import FakeCore
from stage import on_stage

from bot.rehearsal.events import MessageUpdated

SLOW = FakeCore(frames_per_second=60)


async def test_the_status_moves_and_ends_and_is_never_edited_twice_within_its_interval() -> None:
    async with on_stage(SLOW, edit_interval=0.2) as stage:
        edited: list[tuple[int, float]] = []
        stage.discord.events.subscribe(
            lambda e: (
                edited.append((e.message.id, time.monotonic()))
                if isinstance(e, MessageUpdated)
                else None
            )
        )
        await stage.grace.slash("compose", prompt="rain", duration=2)
        status = await stage.status("%")
        await stage.status("Done.")
        edits = stage.status_edits()
        shares = [int(e.split(" %")[0].split()[-1]) for e in edits if " %" in e]
        assert shares == sorted(shares)
        assert len(set(shares)) >= 2
        assert any("left" in edit for edit in edits)
        assert "of 2 s" in edits[0]
        moments = [when for message, when in edited if str(message) == status["id"]]
        assert len(moments) > 2
        assert all(after - before >= 0.2 for before, after in itertools.pairwise(moments))


async def test_the_last_word_does_not_overtake_an_edit_under_way() -> None:
    async with on_stage(SLOW, edit_interval=0.05) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=2)
        await stage.status("%")
        stage.discord.faults.slow(2.5, "PATCH", "@original")
        await stage.status("Done.")
        await asyncio.sleep(2.5)
        assert [m["content"].split("\n")[0] for m in stage.statuses() if "%" in m["content"]] == []
        assert await stage.status("Done.")
