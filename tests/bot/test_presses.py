"""The buttons under a result, pressed by whoever may and whoever may not."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from stage import Message, Stage, on_stage
from stocked import shown

from bot.rehearsal.permissions import Permission
from musicgen_core.storage import JobRecord


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(), max_audio_seconds=5, waiting_per_person=50) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> AsyncIterator[Stage]:
    shared.sweep()
    yield shared


in_one_loop = pytest.mark.asyncio(loop_scope="module")


async def composed(stage: Stage, **options: object) -> Message:
    await stage.grace.slash("compose", {"prompt": "rain", "duration": 1, **options})
    return await stage.clip()


async def next_clip(stage: Stage, first: Message) -> Message:
    return await stage.wait(
        lambda m: m["author"].get("bot") and m["attachments"] and m["id"] != first["id"]
    )


def labels(message: Message) -> list[str]:
    return [button["label"] for row in message["components"] for button in row["components"]]


async def job_of(stage: Stage, message: Message) -> JobRecord:
    buttons = [b["custom_id"] for row in message["components"] for b in row["components"]]
    again = next(name for name in buttons if ":again:" in name)
    return await stage.bot.storage.jobs.get(again.split(":")[2])


@in_one_loop
async def test_a_result_has_its_buttons_in_the_persons_language(stage: Stage) -> None:
    assert labels(await composed(stage)) == [
        "Continue", "Again", "Variations", "Tweak…", "Keep", "Delete"
    ]  # fmt: skip
    await stage.lin.slash("compose", prompt="sun", duration=1)
    second = await stage.wait(lambda m: m["attachments"] and "sun" in m["content"])
    assert labels(second)[:2] == ["续写", "再来一次"]


@in_one_loop
async def test_again_makes_the_same_with_a_new_seed_for_whoever_pressed(stage: Stage) -> None:
    first = await composed(stage, tempo=92, key="D minor", guidance=2)
    await stage.lin.press(first, "Again")
    second = await next_clip(stage, first)
    job = await job_of(stage, second)
    assert (job.person_id, job.prompt, job.tempo, job.key) == (
        int(stage.lin.id), "rain", 92, "D minor"
    )  # fmt: skip
    assert "92" in second["content"]
    assert "D小调" in second["content"]


@in_one_loop
async def test_variations_are_four_files_in_one_message(stage: Stage) -> None:
    first = await composed(stage)
    await stage.grace.press(first, "Variations")
    second = await next_clip(stage, first)
    names = [a["filename"] for a in second["attachments"]]
    assert names == [f"{seed + 1}-rain-{seed}.wav" for seed in range(4)]
    assert labels(second)[:4] == [f"Continue {n}" for n in range(1, 5)]
    assert "4 takes of 1 s, seeds 0, 1, 2, 3" in second["content"]


@in_one_loop
async def test_tweak_opens_a_form_with_everything_filled_in(stage: Stage) -> None:
    first = await composed(stage, style="jazz", seed=9, top_k=50)
    form = await stage.grace.press(first, "Tweak…")
    shown = str(form.modal)
    for value in ("rain", "style=jazz", "seed=9", "top_k=50"):
        assert value in shown
    await stage.grace.submit(
        form,
        {"prompt": "snow", "seconds": "1,5", "musical": "tempo: 80", "sampler": "seed=3"},
    )
    second = await next_clip(stage, first)
    assert "“snow”, 1.5 s, seed 3." in second["content"]
    assert "80 bpm" in second["content"]


@in_one_loop
async def test_tweak_takes_what_it_shows_and_knows_where_a_continuation_begins(
    stage: Stage,
) -> None:
    first = await composed(stage, style="jazz, with brushes")
    form = await stage.grace.press(first, "Continue")
    await stage.grace.submit(form, {"seconds": "1", "from": "0.5", "hear": "0.4"})
    second = await next_clip(stage, first)
    form = await stage.lin.press(second, "Tweak…")
    assert "起点=0.5, 听取秒数=0.4" in str(form.modal)
    await stage.lin.submit(form, {"prompt": "snow"})
    third = await stage.wait(lambda m: m["attachments"] and "snow" in m["content"])
    before, after = await job_of(stage, second), await job_of(stage, third)
    assert (after.from_second, after.hear_seconds) == (0.5, 0.4)
    assert (after.style, after.parent_id) == ("jazz, with brushes", before.parent_id)


@in_one_loop
async def test_what_a_form_cannot_mean_is_told_in_one_sentence(stage: Stage) -> None:
    first = await composed(stage)
    form = await stage.grace.press(first, "Tweak…")
    fields = {"prompt": "", "seconds": "long", "musical": "", "sampler": ""}
    await stage.grace.submit(form, fields)
    assert (await stage.told())["content"] == "“long” is not a number I can use here."


@in_one_loop
async def test_a_form_is_checked_like_the_command(stage: Stage) -> None:
    first = await composed(stage)
    form = await stage.grace.press(first, "Tweak…")
    await stage.grace.submit(form, {"musical": "tempo=999"})
    told = (await stage.told())["content"]
    assert told == "The tempo must be from 40 to 240 beats a minute."


@in_one_loop
async def test_again_of_a_continued_file_continues_the_same_sound(stage: Stage) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, [0.2, -0.2] * 16000, 32000, format="WAV")
    first = await composed(stage, clip=("hum.wav", buffer.getvalue()))
    await stage.grace.press(first, "Again")
    second = await next_clip(stage, first)
    files = [soundfile.read(io.BytesIO(await stage.download(m)))[0] for m in (first, second)]
    assert len(files[0]) == len(files[1]) == 64000
    assert (files[0][:32000] == files[1][:32000]).all()


@in_one_loop
async def test_keep_makes_retention_pass_it_over(stage: Stage) -> None:
    first = await composed(stage)
    await stage.grace.press(first, "Keep")
    assert "Kept" in (await stage.told())["content"]
    (clip,) = await stage.bot.storage.clips.of_job((await job_of(stage, first)).id)
    assert clip.kept


@in_one_loop
@pytest.mark.parametrize("button", ["Keep", "Delete"])
async def test_a_stranger_may_neither_keep_nor_delete(stage: Stage, button: str) -> None:
    first = await composed(stage)
    await stage.lin.press(first, button)
    assert "只有提出请求的人" in (await stage.told())["content"]
    (clip,) = await stage.bot.storage.clips.of_job((await job_of(stage, first)).id)
    assert not clip.kept
    assert clip.deleted is None


@in_one_loop
async def test_delete_asks_first_and_then_takes_message_and_file(stage: Stage) -> None:
    first = await composed(stage)
    await stage.status("Done.")
    job = await job_of(stage, first)
    await stage.grace.press(first, "Delete")
    question = await stage.told()
    assert "Delete this for good?" in question["content"]
    (clip,) = await stage.bot.storage.clips.of_job(job.id)
    assert clip.deleted is None
    await stage.grace.press(question, "Delete for good")
    await stage.wait(lambda m: m["content"] == "Deleted.")
    assert first["id"] not in [m["id"] for m in stage.messages()]
    assert not await stage.bot.storage.files.exists(clip.file)


@in_one_loop
async def test_a_deletion_is_acknowledged_before_anything_is_deleted(stage: Stage) -> None:
    first = await composed(stage)
    await stage.status("Done.")
    question = await shown(stage, await stage.grace.press(first, "Delete"))
    before = len(stage.discord.requests)
    await stage.grace.press(question, "Delete for good")
    await stage.wait(lambda m: m["id"] == question["id"] and m["content"] == "Deleted.")
    done = [r for r in stage.discord.requests[before:] if r.method in ("POST", "DELETE")]
    assert done[0].path.endswith("/callback")
    assert done[0].body == {"type": 6}
    assert done[1].method == "DELETE"


@in_one_loop
async def test_who_may_manage_messages_may_delete(stage: Stage) -> None:
    first = await composed(stage)
    stage.discord.faults.allow(Permission.MANAGE_MESSAGES, stage.studio, stage.lin.user)
    try:
        await stage.lin.press(first, "删除" if "删除" in labels(first) else "Delete")
        assert "要永久删除吗" in (await stage.told())["content"]
    finally:
        stage.discord.faults.deny(Permission.MANAGE_MESSAGES, stage.studio, stage.lin.user)


async def test_buttons_work_after_a_restart(tmp_path) -> None:
    from bot.app import application, online
    from bot.rehearsal.server import Rehearsal
    from bot.settings import load_settings
    from musicgen_core.executors.inline import InlineExecutor

    settings = load_settings(
        "rehearsal", env_file=None, stop_seconds=0,
        database=f"sqlite:///{tmp_path}/mindjam.db", clips=tmp_path / "clips",
    )  # fmt: skip

    def bot() -> object:
        return application(settings, InlineExecutor(FakeCore), edit_interval=0.05)

    def is_clip(message: Message) -> bool:
        return bool(message["author"].get("bot") and message["attachments"])

    async with Rehearsal() as discord:
        grace = discord.person(discord.world.people[2].id)
        with discord.attach():
            async with bot() as first, online(first, discord.token):
                await grace.slash("compose", prompt="rain", duration=1)
                clip = await discord.wait_for_message(is_clip, 20)
            async with bot() as second, online(second, discord.token):
                await grace.press(clip, "Again")
                again = await discord.wait_for_message(
                    lambda m: is_clip(m) and m["id"] != clip["id"], 20
                )
    assert "“rain”" in again["content"]
