import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from stage import EPHEMERAL, Message, Stage, on_stage
from stocked import controls, emptied, shown, stock, turned

from bot.locales import phrases
from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Declined
from musicgen_core.requests import Clip

NOTHING = {"settings": [], "jobs": [], "clips": [], "jams": [], "likes": []}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(frames_per_second=100)) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> Stage:
    return await emptied(shared)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def opened(stage: Stage, person: Person, **options: str) -> Message:
    return await shown(stage, await person.slash("privacy", **options))


@contextmanager
def file_limit(stage: Stage, limit: int) -> Iterator[None]:
    guild = stage.discord.world.guild
    before, guild.file_limit = guild.file_limit, limit
    yield
    guild.file_limit = before


async def exported(stage: Stage, page: Message, person: Person) -> tuple[str, dict[str, bytes]]:
    """Let a person press Export; return the last word and what the zip files hold."""
    button = next(label for label in controls(page) if "everything" in label or "全部" in label)
    handle = await person.press(page, button)
    answer = await shown(stage, handle)
    held: dict[str, bytes] = {}
    for message in stage.messages():
        for attachment in message["attachments"]:
            data = await stage.download({"attachments": [attachment]})
            assert len(data) <= stage.discord.world.guild.file_limit
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert archive.testzip() is None
                held |= {name: archive.read(name) for name in archive.namelist()}
    return answer["content"], held


async def test_the_page_says_what_is_kept_and_how_much_in_both_languages(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain", "sun")
    page = await opened(stage, stage.grace)
    assert page["flags"] & EPHEMERAL
    assert "prompts and choices" in page["content"]
    assert "until you delete it." in page["content"]
    assert "Now: requests: 2, clips: 2, 0.1 MiB." in page["content"]
    page = await opened(stage, stage.lin)
    assert "目前：请求 0 个，音乐 0 段，0.0 MiB。" in page["content"]


async def test_the_page_names_the_days_of_the_server(stage: Stage) -> None:
    server, preferences = int(stage.discord.world.guild.id), stage.bot.storage.preferences
    await preferences.change_server(server, retention_days=30)
    page = await opened(stage, stage.grace)
    await preferences.change_server(server, retention_days=None)
    assert "clips from here for 30 days" in page["content"]
    assert "for 30 days" not in (await opened(stage, stage.grace, channel="dm"))["content"]


async def test_an_export_holds_every_row_and_every_clip_as_stored_and_comes_privately(
    stage: Stage,
) -> None:
    clips = await stock(stage, stage.grace, "rain", "雨", takes=2)
    gone, *there = clips
    await stage.bot.storage.clips.delete(gone.id, gone.person_id)
    await stage.bot.storage.preferences.change_person(int(stage.grace.id), format="FLAC")
    await stock(stage, stage.lin, "somebody else's")
    text, held = await exported(stage, await opened(stage, stage.grace), stage.grace)
    assert text.startswith("Sent to you as a direct message. Files: 1, clips: 3;")
    assert text.count("\n") == 0, "nothing is missing"
    stored = await stage.bot.storage.people.export(int(stage.grace.id))
    assert json.loads(held.pop("mindjam.json")) == stored
    assert len(stored["clips"]) == 4
    files = {clip.id: await stage.bot.storage.files.read(clip.file) for clip in there}
    assert {name[-36:-4]: data for name, data in held.items()} == files
    assert all(name.startswith("clips/") and name.endswith(".wav") for name in held)
    assert {m["channel_id"] for m in stage.clips()} == {stage.grace.channel("dm").id}


async def test_what_passes_the_limit_is_split_and_nothing_is_lost(stage: Stage) -> None:
    clips = await stock(stage, stage.grace, *(f"song {n}" for n in range(5)))
    with file_limit(stage, 150_000):
        text, held = await exported(stage, await opened(stage, stage.grace), stage.grace)
    assert "Files: 3, clips: 5;" in text
    assert "as WAV" not in text
    assert len(stage.clips()) == 3
    files = {clip.id: await stage.bot.storage.files.read(clip.file) for clip in clips}
    del held["mindjam.json"]
    assert {name[-36:-4]: data for name, data in held.items()} == files


async def test_a_clip_that_is_larger_than_a_file_may_be_comes_as_flac(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    with file_limit(stage, 60_000):
        text, held = await exported(stage, await opened(stage, stage.grace), stage.grace)
    assert "Clips that Discord does not take as WAV are in it as FLAC." in text
    (flac,) = [data for name, data in held.items() if name.endswith(f"{clip.id}.flac")]
    wav = await stage.bot.storage.files.read(clip.file)
    samples = soundfile.read(io.BytesIO(flac), dtype="int16")[0]
    assert (samples == soundfile.read(io.BytesIO(wav), dtype="int16")[0]).all()
    assert Clip.read(flac).provenance == Clip.read(wav).provenance


async def test_a_file_that_is_damaged_is_counted_and_the_others_come(stage: Stage) -> None:
    clip, _ = await stock(stage, stage.grace, "rain", "sun")
    (stage.bot.storage.files.folder / clip.file).write_bytes(b"RIFF")
    text, held = await exported(stage, await opened(stage, stage.grace), stage.grace)
    assert "Clips that could not be put into it: 1" in text
    assert len(held) == 2


async def test_who_takes_no_direct_messages_gets_it_as_an_answer(stage: Stage) -> None:
    await stock(stage, stage.lin, "rain", "sun")
    stage.discord.faults.close_dms(stage.lin.user)
    with file_limit(stage, 100_000):
        text, held = await exported(stage, await opened(stage, stage.lin), stage.lin)
    stage.lin.user.takes_dms = True
    assert "只有你能看到" in text
    assert len(held) == 3
    assert all(m["flags"] & EPHEMERAL for m in stage.clips())
    assert stage.grace.messages() == []


async def test_an_export_of_nothing_is_a_file_that_says_so(stage: Stage) -> None:
    _, held = await exported(stage, await opened(stage, stage.grace), stage.grace)
    assert json.loads(held["mindjam.json"]) == NOTHING


async def test_deletion_asks_first_and_then_takes_rows_and_files(stage: Stage) -> None:
    clips = await stock(stage, stage.grace, "rain", "sun")
    (other,) = await stock(stage, stage.lin, "somebody else's")
    await stage.bot.storage.preferences.change_person(int(stage.grace.id), format="FLAC")
    page = await opened(stage, stage.grace)
    await stage.grace.press(page, "Delete all of mine…")
    question = await turned(stage, page, "Nobody can bring it back.")
    assert "Requests: 2, clips: 2, 0.1 MiB" in question["content"]
    await stage.grace.press(question, "Not now")
    page = await turned(stage, page, "What I keep of you")
    storage = stage.bot.storage
    assert (await storage.clips.page(int(stage.grace.id))).total == 2

    await stage.grace.press(page, "Delete all of mine…")
    await turned(stage, page, "Nobody can bring it back.")
    await stage.grace.press(page, "Delete everything for good")
    end = await turned(stage, page, "Deleted. Requests: 2, clips: 2, 0.1 MiB, and your settings.")
    assert end["components"] == []
    left = await storage.people.export(int(stage.grace.id))
    assert left == NOTHING
    assert [await storage.files.exists(clip.file) for clip in clips] == [False, False]
    assert await storage.files.exists(other.file)


async def test_the_language_that_somebody_chose_goes_with_their_data(stage: Stage) -> None:
    say = phrases("zh-CN")
    await stage.grace.press(await shown(stage, await stage.grace.slash("preferences")),
                            "mindjam:own:language", ["zh-CN"])  # fmt: skip
    page = await opened(stage, stage.grace)
    assert say("privacy.heading") in page["content"]
    await stage.grace.press(page, say("button.forget"))
    await turned(stage, page, "谁也无法恢复")
    await stage.grace.press(page, say("button.forget_all"))
    await turned(stage, page, "已删除")
    assert "What I keep of you" in (await opened(stage, stage.grace))["content"]


async def test_deletion_stops_what_is_on_its_way_before_rows_go(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    working: list[int] = []
    delete, workshop = stage.bot.storage.people.delete, stage.bot.presses._workshop

    async def watched(person_id: int) -> list[str]:
        working.extend(stands.job.person_id for stands in workshop.on_its_way())
        return await delete(person_id)

    monkeypatch.setattr(stage.bot.storage.people, "delete", watched)
    await stage.grace.slash("compose", prompt="rain", duration=20)
    await stage.lin.slash("compose", prompt="sun", duration=1)
    await stage.status("%")
    page = await opened(stage, stage.grace)
    await stage.grace.press(page, "Delete all of mine…")
    await turned(stage, page, "Nobody can bring it back.")
    await stage.grace.press(page, "Delete everything for good")
    await turned(stage, page, "Deleted. Requests: 1, clips: 0")
    assert int(stage.grace.id) not in working, "or a file could be written after the deletion"
    assert await stage.status("Cancelled.")
    assert "“sun”" in (await stage.clip())["content"], "somebody else's goes on"
    await stage.status("完成。")
    left = list(stage.bot.storage.files.folder.glob("*.wav"))
    own = (await stage.bot.storage.clips.page(int(stage.lin.id))).clips
    assert [file.name for file in left] == [clip.file for clip in own]


async def test_nobody_else_sees_or_presses_anything(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain")
    page = await opened(stage, stage.grace)
    with pytest.raises(Declined):
        await stage.lin.press(page, "Delete all of mine…")
    stage.discord.world.message(page["channel_id"], page["id"]).visible_to = None
    await stage.lin.press(page, "Send me everything")
    assert await stage.wait(lambda m: "这些按钮是别人的" in m["content"])
    assert stage.clips() == []


async def test_a_second_export_at_once_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(stage, stage.grace, "rain")
    going, go_on = asyncio.Event(), asyncio.Event()
    export = stage.bot.storage.people.export
    page = await opened(stage, stage.grace)

    async def held_up(person_id: int) -> object:
        going.set()
        await go_on.wait()
        return await export(person_id)

    monkeypatch.setattr(stage.bot.storage.people, "export", held_up)
    await stage.grace.press(page, "Send me everything")
    await going.wait()
    await stage.grace.press(page, "Send me everything")
    assert await stage.wait(lambda m: "already being made" in m["content"])
    go_on.set()
    assert await stage.wait(lambda m: "Sent to you" in m["content"])
    assert len(stage.clips()) == 1
