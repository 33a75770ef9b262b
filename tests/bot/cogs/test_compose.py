import asyncio
import io
import re
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from stage import Stage, on_stage
from stocked import shown

from bot.acknowledgement import URGENT
from bot.rehearsal.people import Person
from bot.rehearsal.refusals import Declined


def tone(seconds: float, rate: int = 22050, channels: int = 1, level: float = 0.3) -> bytes:
    wave = level * np.sin(np.arange(int(seconds * rate)) / 20)
    buffer = io.BytesIO()
    soundfile.write(buffer, np.stack([wave] * channels, axis=1), rate, format="WAV")
    return buffer.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(), max_audio_seconds=5, max_attachment_mib=1) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> AsyncIterator[Stage]:
    """One stage for all of this file, with a channel of its own for each test."""
    shared.sweep()
    yield shared


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_sentence_becomes_a_clip_that_replies_to_its_status(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="80s pop *loud*", duration=1.5)
    clip = await stage.clip()
    status = await stage.status("Done.")
    assert clip["message_reference"]["message_id"] == status["id"]
    assert r"“80s pop \*loud\*”, 1.5 s, seed 0." in clip["content"]
    assert [user["id"] for user in clip["mentions"]] == [stage.grace.id]
    assert clip["attachments"][0]["filename"] == "80s-pop-loud-0.wav"
    assert clip["type"] == 19, "an ordinary reply"
    assert clip.get("interaction_metadata") is None
    assert soundfile.info(io.BytesIO(await stage.download(clip))).frames == 75 * 640


async def test_the_answer_to_the_command_itself_disappears(stage: Stage) -> None:
    handle = await stage.grace.slash("compose", prompt="rain", duration=1)
    assert handle.acked
    await stage.status("Done.")
    assert [m["author"]["id"] for m in stage.messages()] == [stage.discord.world.bot.id] * 2


async def test_nobody_else_is_pinged_by_a_prompt(stage: Stage) -> None:
    other = stage.ada.id
    await stage.grace.slash("compose", prompt=f"@everyone <@{other}> @here", duration=1)
    clip, status = await stage.clip(), await stage.status("Done.")
    assert [user["id"] for user in clip["mentions"]] == [stage.grace.id]
    assert status["mentions"] == []
    assert not clip["mention_everyone"]
    assert f"<@{other}>" not in clip["content"]


async def test_no_prompt_is_unconditional_with_the_default_length(stage: Stage) -> None:
    await stage.grace.slash("compose")
    clip = await stage.clip()
    assert "no prompt, 10 s, seed 0." in clip["content"]
    assert clip["attachments"][0]["filename"] == "mindjam-0.wav"


async def test_a_style_alone_is_what_a_clip_goes_by(stage: Stage) -> None:
    await stage.grace.slash("compose", style="jazz", duration=1)
    clip, status = await stage.clip(), await stage.status("Done.")
    assert "“jazz”, 1 s, seed 0." in clip["content"]
    assert "asked for 1 s of “jazz”." in status["content"]


async def test_a_style_is_words_and_never_a_link(stage: Stage) -> None:
    style = "[free nitro](https://example.org) *loud*"
    await stage.grace.slash("compose", prompt="rain", style=style, duration=1)
    clip = await stage.clip()
    assert r"style \[free nitro](" in clip["content"]
    assert r"\*loud\*" in clip["content"]


async def test_a_key_is_shown_as_it_is_known_and_refused_where_it_is_none(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="rain", key="升F小调", duration=1)
    assert "F# minor" in (await stage.clip())["content"]
    await stage.grace.slash("compose", prompt="rain", key="[nitro](https://a.b)", duration=1)
    assert (await stage.told())["content"].startswith(r"I know no key “\[nitro](")
    assert len(stage.statuses()) == 1


async def offered(person: Person, option: str, typed: str) -> list[tuple[str, str]]:
    choices = await person.complete("compose", option, **{option: typed})
    return [(choice["name"], choice["value"]) for choice in choices]


async def test_styles_and_keys_are_offered_in_either_language(stage: Stage) -> None:
    assert await offered(stage.lin, "style", "爵士") == [("爵士", "jazz")]
    assert await offered(stage.lin, "style", "Jaz") == [("爵士", "jazz")]
    assert await offered(stage.grace, "style", "爵") == [("jazz", "jazz")]
    assert await offered(stage.lin, "key", "升F小") == [("升F小调", "F# minor")]
    assert await offered(stage.grace, "key", "f#m") == [("F# minor", "F# minor")]
    assert len(await offered(stage.lin, "style", "")) == 25


async def test_a_style_is_the_curated_one_however_it_is_written(stage: Stage) -> None:
    await stage.lin.slash("compose", prompt="rain", style="Jazz", duration=1)
    assert "风格 爵士" in (await stage.clip())["content"]
    page = await stage.bot.storage.clips.page(int(stage.lin.id))
    assert (await stage.bot.storage.jobs.get(page.clips[0].job_id)).style == "jazz"


@pytest.mark.parametrize("option", ["from_second", "hear_seconds"])
async def test_where_to_go_on_means_nothing_without_a_clip(stage: Stage, option: str) -> None:
    await stage.grace.slash("compose", {"prompt": "rain", option: 2})
    assert "say where a clip goes on" in (await stage.told())["content"]
    assert stage.statuses() == []


async def test_an_attachment_is_continued_at_the_models_rate(stage: Stage) -> None:
    sound = tone(1.0, 44100, channels=2)
    await stage.grace.slash("compose", prompt="more", duration=1, clip=("hum.txt", sound))
    clip = await stage.clip()
    assert "“more”, 2 s" in clip["content"]
    assert "new from 1 s on" in clip["content"]
    status = await stage.status("Done.")
    assert "1 s of “more”, continuing a clip." in status["content"]
    samples, rate = soundfile.read(io.BytesIO(await stage.download(clip)))
    assert (rate, len(samples)) == (32000, 64000)


async def test_the_beginning_of_a_file_that_is_too_long_is_continued(stage: Stage) -> None:
    song = ("song.wav", tone(20, 8000))
    await stage.grace.slash("compose", prompt="more", duration=1, clip=song, from_second=3.5)
    clip = await stage.clip()
    assert "new from 3.5 s on" in clip["content"]
    samples, rate = soundfile.read(io.BytesIO(await stage.download(clip)))
    assert (rate, len(samples)) == (32000, 4.5 * 32000)


async def test_a_clip_says_that_its_model_could_not_read_what_was_asked_for(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="🎷🎹🥁", duration=1)
    assert "-# The model could read hardly anything" in (await stage.clip())["content"]
    await stage.grace.slash("compose", prompt="jazz 🎷", duration=1)
    clip = await stage.wait(lambda m: m["attachments"] and "jazz" in m["content"])
    assert "could read hardly anything" not in clip["content"]


async def test_a_prompt_in_a_language_unknown_to_the_model_is_made_with_a_note(
    stage: Stage,
) -> None:
    await stage.grace.slash("compose", prompt="雨中的钢琴", duration=1)
    status = await stage.status("Done.")
    assert "-# The model does not know this language" in status["content"]
    assert await stage.clip()


async def test_people_are_answered_in_their_language(stage: Stage) -> None:
    await stage.lin.slash("compose", prompt="rain", duration=1)
    clip = await stage.clip()
    assert "“rain”，1 秒，种子 0。" in clip["content"]
    assert await stage.status("完成。")


@pytest.mark.parametrize(
    ("name", "sound", "says"),
    [
        ("empty.wav", b"", "The file is empty (0 bytes); send WAV, FLAC, OGG, MP3 or AIFF."),
        ("song.wav", b"MZ" + bytes(4096), "This file is not audio I can read"),
        ("page.mp3", b"<html>" * 100, "This file is not audio I can read"),
        ("cut.wav", tone(1)[:30], "This file is not audio I can read"),
        ("silent.wav", tone(1, level=0), "The audio file is silent"),
        ("long.wav", tone(6), "The audio is longer than 5 s, the most I accept."),
        ("huge.wav", tone(30, 44100), "The attachment has 2.5 MiB; 1 MiB is the most I take."),
    ],
)  # fmt: skip
async def test_an_attachment_that_cannot_be_used_is_refused_in_one_sentence(
    stage: Stage, name: str, sound: bytes, says: str
) -> None:
    await stage.grace.slash("compose", duration=1, clip=(name, sound))
    told = await stage.told()
    assert says in told["content"]
    assert told["content"].count("\n") == 0
    assert stage.statuses() == [], "nothing was queued"
    assert stage.grace.messages() != []
    assert stage.lin.messages() == [], "only who asked sees it"

    handle = await stage.lin.slash("compose", duration=1, clip=(name, sound))
    await stage.wait(lambda m: m["id"] == handle.original["id"] and "。" in m["content"])


async def test_a_prompt_that_is_too_long_is_refused_with_the_limit(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="la " * 400)
    assert "has 1200 characters; 1000 is the most" in (await stage.told())["content"]
    assert stage.statuses() == []


async def test_discord_itself_refuses_durations_out_of_range(stage: Stage) -> None:
    for seconds in (0, 31):
        with pytest.raises(Declined):
            await stage.grace.slash("compose", duration=seconds)


async def test_a_bug_becomes_an_apology_with_an_id_that_is_in_the_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def bug(*args: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage.bot.storage.jobs, "accept", bug)
    await stage.grace.slash("compose", prompt="rain")
    told = (await stage.told())["content"]
    incident = told.rstrip(".").split()[-1]
    assert told.startswith("Sorry, something of mine failed")
    assert any(incident in r.getMessage() and r.exc_info for r in caplog.records)


async def test_an_attachment_that_cannot_be_fetched_is_refused(stage: Stage) -> None:
    def lose(event: object) -> None:
        stage.discord.world.attachments.clear()

    leave = stage.discord.events.subscribe(lose)
    await stage.grace.slash("compose", clip=("hum.wav", tone(1)))
    leave()
    assert "could not fetch the attachment" in (await stage.told())["content"]


async def test_an_attachment_that_is_larger_than_declared_is_not_downloaded_whole(
    stage: Stage,
) -> None:
    def grow(event: object) -> None:
        for attachment in stage.discord.world.attachments.values():
            attachment.content = bytes(8 << 20)

    leave = stage.discord.events.subscribe(grow)
    await stage.grace.slash("compose", clip=("hum.wav", tone(1)))
    leave()
    assert "1 MiB is the most I take" in (await stage.told())["content"]


async def test_a_slow_download_does_not_hold_up_the_acknowledgment(stage: Stage) -> None:
    stage.discord.faults.slow_cdn(URGENT + 0.5)
    handle = await stage.grace.slash("compose", duration=1, clip=("hum.wav", tone(1)))
    assert handle.acked
    assert stage.statuses() == []
    stage.discord.faults.slow_cdn(0)
    assert await stage.clip()


async def test_a_refusal_that_nobody_can_be_told_any_more_is_only_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.discord.faults.slow_cdn(URGENT + 0.5)
    await stage.grace.slash("compose", duration=1, clip=("silent.wav", tone(1, level=0)))
    stage.clock.ahead += 16 * 60
    async with asyncio.timeout(10):
        while not any("Nobody could be told" in r.getMessage() for r in caplog.records):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    stage.discord.faults.slow_cdn(0)
    assert "silent" in caplog.text


async def test_a_command_that_is_gone_is_explained(stage: Stage) -> None:
    command = next(c for c in stage.discord._commands.commands() if c["name"] == "compose")
    command["name"] = "sing"
    try:
        await stage.grace.slash("sing")
    finally:
        command["name"] = "compose"
    assert "reload Discord" in (await stage.told())["content"]


async def test_the_command_is_registered_with_ranges_and_in_chinese(stage: Stage) -> None:
    command = next(c for c in stage.discord.commands if c["name"] == "compose")
    assert command["name_localizations"] == {"zh-CN": "作曲"}
    assert command["description_localizations"]["zh-CN"]
    prompt, duration, clip, style, *_ = command["options"]
    assert style["autocomplete"]
    assert (prompt["type"], duration["type"], clip["type"]) == (3, 10, 11)
    assert (duration["min_value"], duration["max_value"]) == (1, 30)
    assert not any(option.get("required") for option in command["options"])
    assert duration["name_localizations"] == {"zh-CN": "时长"}


async def test_a_full_queue_says_when_to_try_again() -> None:
    core = FakeCore(frames_per_second=100)
    async with on_stage(core, max_queue=1, max_batch=1) as stage:
        for _ in range(2):
            await stage.grace.slash("compose", prompt="rain", duration=2)
            await asyncio.sleep(0.2)
        assert await stage.status("Next in line")
        await stage.grace.slash("compose", prompt="rain", duration=2)
        assert (await stage.told())["content"].startswith("The queue is full; try again in ")
        assert len(stage.statuses()) == 2


async def test_whose_share_is_used_up_is_told_apart_from_a_full_queue() -> None:
    core = FakeCore(frames_per_second=20)
    async with on_stage(core, waiting_per_person=1, waiting_per_server=2) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=20)
        await stage.status("%")
        told = await shown(stage, await stage.grace.slash("compose", prompt="more", duration=1))
        assert re.fullmatch(
            r"Your share of the queue is used up, with 1 on the way; "
            r"try again in about (\d+ min )?\d+ s, when one is done\.",
            told["content"],
        )
        await stage.ada.slash("compose", prompt="snow", duration=20)
        await stage.wait(lambda m: "snow" in m["content"])
        told = await shown(stage, await stage.lin.slash("compose", prompt="sun", duration=1))
        assert "这个服务器已有 2 个请求在进行中" in told["content"]
        assert len(stage.statuses()) == 2
