"""Four ways to continue a clip, each by a person in the embedded Discord."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from stage import EPHEMERAL, Message, Stage, on_stage

from bot.rehearsal.marks import Marks
from bot.rehearsal.people import Person
from musicgen_core.storage import Delivered, JobRecord

MENU = "Continue this clip"


def tone(seconds: float) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.3 * np.sin(np.arange(int(seconds * 32000)) / 20), 32000, format="WAV")
    return buffer.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(), max_audio_seconds=5) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> AsyncIterator[Stage]:
    shared.sweep()
    yield shared


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def composed(stage: Stage) -> Message:
    await stage.grace.slash("compose", prompt="rain", duration=1)
    return await stage.clip()


async def next_clip(stage: Stage, first: Message) -> Message:
    return await stage.wait(
        lambda m: m["author"].get("bot") and m["attachments"] and m["id"] != first["id"]
    )


async def sound(stage: Stage, message: Message) -> np.ndarray:
    data = await stage.download(message)
    return soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)[0]


async def test_the_button_asks_what_comes_next_and_goes_on_from_there(stage: Stage) -> None:
    first = await composed(stage)
    form = await stage.lin.press(first, "Continue")
    await stage.lin.submit(form, {"prompt": "sun", "seconds": "2", "from": "0.5"})
    second = await next_clip(stage, first)
    before, after = await sound(stage, first), await sound(stage, second)
    assert np.array_equal(after[:16000], before[:16000]), "bit for bit"
    assert len(after) == 16000 + 64000
    assert "new from 0.5 s on" in second["content"] or "0.5 秒之后" in second["content"]


async def test_the_menu_continues_anybodys_upload(stage: Stage) -> None:
    upload = await stage.ada.send("my riff", files=[("riff.wav", tone(1))])
    form = await stage.grace.menu(MENU, upload)
    await stage.grace.submit(form, {"prompt": "louder", "seconds": "1", "from": ""})
    clip = await stage.clip()
    assert len(await sound(stage, clip)) == 64000
    assert "“louder”" in clip["content"]


async def test_the_menu_links_a_clip_of_ours_to_its_parent(stage: Stage) -> None:
    first = await composed(stage)
    form = await stage.grace.menu(MENU, first)
    await stage.grace.submit(form, {"prompt": "", "seconds": "1", "from": ""})
    await next_clip(stage, first)
    page = await stage.bot.storage.clips.page(int(stage.grace.id))
    newest, oldest = page.clips[0], page.clips[1]
    assert newest.parent_id == oldest.id


async def test_the_menu_says_so_where_there_is_no_sound(stage: Stage) -> None:
    message = await stage.ada.send("no file here")
    await stage.grace.menu(MENU, message)
    assert "no sound file in this message" in (await stage.told())["content"]


async def test_a_reply_to_the_bots_clip_continues_it_in_plain_words(stage: Stage) -> None:
    first = await composed(stage)
    await stage.lin.send("make it funkier, 2 s", reply_to=first)
    second = await next_clip(stage, first)
    assert "“rain, make it funkier”" in second["content"]
    assert len(await sound(stage, second)) == 32000 + 64000


async def test_a_mention_with_a_file_continues_the_file(stage: Stage) -> None:
    me = stage.discord.world.bot.id
    await stage.ada.send(f"<@{me}> add drums, 1 s", files=[("hum.wav", tone(1))])
    clip = await stage.clip()
    assert "“add drums”" in clip["content"]
    assert len(await sound(stage, clip)) == 64000


async def test_a_mention_alone_is_a_wish(stage: Stage) -> None:
    me = stage.discord.world.bot.id
    asked = await stage.ada.send(f"<@{me}> rain on a roof, 1 s")
    status = await stage.status("Done.")
    assert status["message_reference"]["message_id"] == asked["id"]
    assert len(await sound(stage, await stage.clip())) == 32000


async def test_where_discord_hides_the_file_the_menu_is_explained(stage: Stage) -> None:
    upload = await stage.ada.send("my riff", files=[("riff.wav", tone(1))])
    me = stage.discord.world.bot.id
    await stage.grace.send(f"<@{me}> go on", reply_to=upload)
    answer = await stage.wait(lambda m: m["author"].get("bot") and MENU in m["content"])
    assert answer["mentions"] == []
    assert stage.clips() == []


async def test_other_peoples_talk_is_left_alone(stage: Stage) -> None:
    upload = await stage.ada.send("my riff", files=[("riff.wav", tone(1))])
    await stage.grace.send("nice one, 20 s", reply_to=upload)
    await stage.grace.send("nice one, 20 s", reply_to=await composed(stage), ping=False)
    me = stage.discord.world.bot.id
    await stage.lin.send(f"<@{me}> sun, 1 s")
    await stage.wait(lambda m: m["attachments"] and "sun" in m["content"])
    assert len(stage.statuses()) == 2


async def test_a_mention_without_words_is_told_what_to_write(stage: Stage) -> None:
    me = stage.discord.world.bot.id
    await stage.ada.send(f"<@{me}>")
    assert await stage.wait(lambda m: "lo-fi piano in the rain" in m["content"])


async def test_an_answer_to_what_the_bot_asked_is_a_wish(stage: Stage) -> None:
    me = stage.discord.world.bot.id
    await stage.ada.send(f"<@{me}>")
    question = await stage.wait(lambda m: "lo-fi piano in the rain" in m["content"])
    await stage.ada.send("lo-fi piano, 2 s", reply_to=question)
    clip = await stage.clip()
    assert "“lo-fi piano”, 2 s" in clip["content"]
    await stage.grace.send(f"<@{me}>", reply_to=question)
    again = await stage.wait(
        lambda m: "lo-fi piano in the rain" in m["content"] and m["id"] != question["id"]
    )
    assert again["mentions"] == []


async def test_a_reply_to_a_finished_status_continues_its_clip(stage: Stage) -> None:
    first = await composed(stage)
    status = await stage.status("Done.")
    await stage.ada.send("thanks, all of you")
    # What answers a command is no regular message: a reply does not name the bot by itself.
    me = stage.discord.world.bot.id
    await stage.lin.send(f"<@{me}> make it funkier, 2 s", reply_to=status)
    second = await next_clip(stage, first)
    assert "“rain, make it funkier”" in second["content"]
    assert len(await sound(stage, second)) == 32000 + 64000


ASKED = {"style": "jazz", "tempo": 92, "key": "D minor", "guidance": 2, "temperature": 0.9,
         "top_k": 50, "seed": 7}  # fmt: skip


def kept_of(job: JobRecord) -> dict[str, object]:
    return {name: getattr(job, name) for name in ASKED if name != "seed"}


async def latest_job(stage: Stage, person: Person) -> JobRecord:
    (clip, *_) = (await stage.bot.storage.clips.page(int(person.id))).clips
    job = await stage.bot.storage.jobs.get(clip.job_id)
    assert job is not None
    return job


@pytest.mark.parametrize("way", ["reply", "button", "menu"])
async def test_a_continuation_keeps_what_its_clip_was_asked_for(stage: Stage, way: str) -> None:
    await stage.grace.slash("compose", {"prompt": "rain", "duration": 1, **ASKED})
    first = await stage.clip()
    kept = kept_of(await latest_job(stage, stage.grace))
    if way == "reply":
        await stage.lin.send("more drums, 1 s", reply_to=first)
    else:
        form = await (stage.lin.press(first, "Continue") if way == "button"
                      else stage.lin.menu(MENU, first))  # fmt: skip
        await stage.lin.submit(form, {"prompt": "rain, more drums", "seconds": "1"})
    await next_clip(stage, first)
    job = await latest_job(stage, stage.lin)
    assert job.prompt == "rain, more drums"
    assert kept_of(job) == kept
    assert job.seed != 7


async def test_what_a_continuation_keeps_gives_way_to_what_is_said(stage: Stage) -> None:
    await stage.grace.slash("compose", {"prompt": "rain", "duration": 1, **ASKED})
    first = await stage.clip()
    await stage.lin.send("at 120bpm in C major, 1 s", reply_to=first)
    second = await next_clip(stage, first)
    job = await latest_job(stage, stage.lin)
    assert (job.tempo, job.key, job.style) == (None, None, "jazz")
    form = await stage.ada.press(second, "Continue")
    await stage.ada.submit(form, {"seconds": "1", "kept": "tempo=80"})
    await stage.wait(lambda m: m["attachments"] and "80 bpm" in m["content"])
    job = await latest_job(stage, stage.ada)
    assert (job.tempo, job.style, job.top_k) == (80, None, None)


async def test_a_refusal_to_a_message_is_in_the_language_that_was_chosen(stage: Stage) -> None:
    me, preferences = stage.discord.world.bot.id, stage.bot.storage.preferences
    server = int(stage.discord.world.guild.id)
    await preferences.change_person(int(stage.lin.id), language="zh-CN")
    await stage.lin.send(f"<@{me}>")
    assert await stage.wait(lambda m: "请告诉我想要什么样的音乐" in m["content"])
    upload = await stage.ada.send("my riff", files=[("riff.wav", tone(1))])
    await preferences.change_server(server, language="zh-CN")
    await stage.grace.send(f"<@{me}> go on", reply_to=upload)
    assert await stage.wait(lambda m: "续写这段音乐" in m["content"])
    await preferences.change_server(server, language=None)
    await preferences.change_person(int(stage.lin.id), language=None)


async def test_what_discord_itself_says_in_direct_messages_is_no_wish(stage: Stage) -> None:
    said = await stage.grace.send("rain, 1 s", channel="dm")
    await stage.clip()
    Marks(stage.discord.world, stage.discord.events).pin(
        stage.grace.message(said["id"]), stage.grace.user
    )
    await stage.grace.send("sun, 1 s", channel="dm")
    await stage.wait(lambda m: m["attachments"] and "sun" in m["content"])
    assert not any("lo-fi piano" in message["content"] for message in stage.messages()
                   if message["channel_id"] == stage.grace.channel("dm").id)  # fmt: skip
    stage.discord.world.messages[stage.grace.channel("dm").id].clear()


async def test_in_direct_messages_words_are_enough(stage: Stage) -> None:
    await stage.ada.send("rain on a roof, 1 s", channel="dm")
    assert (await stage.clip())["channel_id"] == stage.ada.channel("dm").id


async def test_how_much_is_heard_is_a_choice(stage: Stage) -> None:
    first = await composed(stage)
    form = await stage.grace.press(first, "Continue")
    fields = {"prompt": "slower", "seconds": "1", "from": "", "hear": "0.4"}
    await stage.grace.submit(form, fields)
    await stage.wait(lambda m: m["attachments"] and "“slower”" in m["content"])
    (job, *_) = (await stage.bot.storage.clips.page(int(stage.grace.id))).clips
    assert (await stage.bot.storage.jobs.get(job.job_id)).hear_seconds == 0.4
    options = {"prompt": "on", "duration": 1, "clip": ("a.wav", tone(1)), "hear_seconds": 0.2}
    await stage.grace.slash("compose", options)
    assert await stage.wait(lambda m: m["attachments"] and "“on”" in m["content"])


async def test_where_the_bot_is_only_brought_along_its_answer_is_the_status() -> None:
    async with on_stage(FakeCore(frames_per_second=60)) as stage:
        await stage.grace.slash("compose", prompt="tea", duration=20, channel="kitchen")
        status = await stage.wait(lambda m: "%" in m["content"] and "“tea”" in m["content"])
        assert status["channel_id"] == stage.grace.channel("kitchen").id
        await stage.grace.press(status, "Cancel")
        ended = await stage.wait(lambda m: m["id"] == status["id"] and "Cancelled." in m["content"])
        assert ended["components"] == []
        assert not any("direct message" in m["content"] for m in stage.messages())


async def test_where_the_bot_is_only_brought_along_its_answer_brings_the_clip(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="tea", duration=1, channel="kitchen")
    clip = await stage.wait(lambda m: m["attachments"] and "“tea”" in m["content"])
    assert clip["channel_id"] == stage.grace.channel("kitchen").id
    done = await stage.wait(lambda m: m["content"].endswith("Done.") and m["flags"] & EPHEMERAL)
    assert done["id"] != clip["id"]
    (job, *_) = (await stage.bot.storage.clips.page(int(stage.grace.id))).clips
    async with asyncio.timeout(20):
        while (  # noqa: ASYNC110 - the database tells nobody
            record := await stage.bot.storage.jobs.get(job.job_id)
        ).delivered is None:
            await asyncio.sleep(0.01)
    assert record.delivered is Delivered.INTERACTION
    question = await shown_to(stage, clip)
    await stage.grace.press(question, "Delete for good")
    await stage.wait(lambda m: m["id"] == question["id"] and m["content"] == "Deleted.")
    assert clip["id"] not in [m["id"] for m in stage.messages()]


async def test_where_the_bot_is_only_brought_along_clips_are_no_longer_than_answers_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "musicgen_core.service.MusicService.speed_of"
    monkeypatch.setattr(slow, lambda service, model: 0.02)  # 12 s in ten minutes
    asked = {"prompt": "slow", "duration": 7, "variations": 2}
    refused = await stage.grace.slash("compose", **asked, channel="kitchen")
    wanted = "at most 6 s of each take here"
    await stage.wait(lambda m: m["id"] == refused.original["id"] and wanted in m["content"])
    await stage.grace.slash("compose", **asked)
    assert await stage.wait(lambda m: m["attachments"] and "“slow”" in m["content"])


async def shown_to(stage: Stage, clip: Message) -> Message:
    """Let Grace ask for a deletion; return the question."""
    await stage.grace.press(clip, "Delete")
    return await stage.wait(lambda m: "Delete this for good?" in m["content"])


async def test_where_the_bot_may_not_delete_its_message_it_says_that_it_stays(
    stage: Stage,
) -> None:
    await stage.grace.slash("compose", prompt="mug", duration=1, channel="kitchen")
    clip = await stage.wait(lambda m: m["attachments"] and "“mug”" in m["content"])
    question = await shown_to(stage, clip)
    stage.bot.presses._asked.clear()  # a restart
    await stage.grace.press(question, "Delete for good")
    await stage.wait(lambda m: m["id"] == question["id"] and "The message stays" in m["content"])


class Attentive(FakeCore):
    """Has heard something in every clip that is not its own."""

    def clip(self, request):
        clip, ours = super().clip(request), request.audio is None or request.audio.clip
        heard = None if ours else "104 bpm, C# minor"
        return replace(clip, provenance=replace(clip.provenance, heard=heard))


async def test_what_was_heard_in_a_clip_is_said_where_the_new_part_keeps_to_it() -> None:
    async with on_stage(Attentive()) as stage:
        song = ("song.wav", tone(1))
        await stage.grace.slash("compose", prompt="on", duration=1, clip=song)
        said = "-# I think I hear 104 bpm · C# minor in your clip and keep to that"
        assert said in (await stage.clip())["content"]
        await stage.lin.slash("compose", prompt="more", duration=1, clip=song)
        clip = await stage.wait(lambda m: m["attachments"] and "more" in m["content"])
        said = "-# 我在原来的音频里听到的大概是：每分钟 104 拍 · 升C小调，新的部分照此继续"
        assert said in clip["content"]
        await stage.grace.slash("compose", prompt="rain", duration=1)
        clip = await stage.wait(lambda m: m["attachments"] and "rain" in m["content"])
        assert "I think" not in clip["content"]
