from fake_core import FakeCore
from stage import Stage, on_stage

from bot.rehearsal.permissions import Permission

SLOW = FakeCore(frames_per_second=50)


async def begin(stage: Stage) -> dict:
    await stage.grace.slash("compose", prompt="rain", duration=5)
    return await stage.status("%")


async def test_the_owner_cancels_and_nothing_is_posted() -> None:
    async with on_stage(SLOW) as stage:
        handle = await stage.grace.press(await begin(stage), "Cancel")
        assert handle.acked
        status = await stage.status("Cancelled.")
        assert status["components"] == []
        assert stage.clips() == []


async def test_a_stranger_is_refused_for_their_eyes_only_and_the_clip_goes_on() -> None:
    async with on_stage(FakeCore(frames_per_second=100)) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1)
        status = await stage.status()
        await stage.lin.press(status, "Cancel")
        assert "只有提出请求的人" in (await stage.told())["content"]
        assert await stage.clip()


async def test_who_may_manage_messages_may_cancel() -> None:
    async with on_stage(SLOW) as stage:
        stage.discord.faults.allow(Permission.MANAGE_MESSAGES, stage.studio, stage.lin.user)
        await stage.lin.press(await begin(stage), "Cancel")
        assert await stage.status("Cancelled.")


async def test_a_waiting_clip_can_be_cancelled() -> None:
    async with on_stage(SLOW, max_batch=1) as stage:
        await begin(stage)
        await stage.lin.slash("compose", prompt="sun", duration=1)
        waiting = await stage.status("下一个就轮到了")
        await stage.lin.press(waiting, "取消")
        assert await stage.status("已取消。")


async def test_the_next_clip_is_made_after_a_cancelled_one() -> None:
    async with on_stage(SLOW) as stage:
        await stage.grace.press(await begin(stage), "Cancel")
        await stage.lin.slash("compose", prompt="sun", duration=1)
        assert "“sun”" in (await stage.clip())["content"]


async def test_a_button_of_a_finished_job_says_so() -> None:
    async with on_stage(FakeCore(frames_per_second=50)) as stage:
        status = await begin(stage)
        button = status["components"][0]["components"][0]["custom_id"]
        await stage.bot.presses._workshop.cancel(button.split(":")[2])
        await stage.grace.press(status["id"], button)
        assert "already finished" in (await stage.told())["content"]
