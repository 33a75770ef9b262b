"""The beginning of a clip stands on its status while the rest is made."""

from __future__ import annotations

from fake_core import FakeCore
from stage import Stage, on_stage

from musicgen_core.executors.inline import InlineExecutor

SLOW = FakeCore(frames_per_second=40)


def edits(stage: Stage) -> list[list[object] | None]:
    """What the bot's edits of its status said about attachments."""
    return [
        r.body.get("attachments")
        for r in stage.discord.requests
        if r.method == "PATCH" and r.path.startswith(("/channels/", "/webhooks/"))
    ]


async def composed(**options: float) -> list[list[object] | None]:
    executor = InlineExecutor(lambda: SLOW, **options)
    async with on_stage(executor=executor) as stage:
        await stage.ada.slash("compose", prompt="rain", duration=1)
        await stage.status("Done.")
        return edits(stage)


async def test_the_beginning_is_attached_once_and_taken_away_at_the_end() -> None:
    said = await composed(preview_seconds=0.2)
    attached = [files for files in said if files is not None]
    assert [len(files) for files in attached] == [1, 0]
    assert said[-1] == []


async def test_without_previews_a_status_has_no_files() -> None:
    assert set(map(str, await composed())) == {"None"}
