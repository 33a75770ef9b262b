"""Several models: people choose one, a server has its own default, and what is made names it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from forgetting import forget_pages
from jam_stage import JamStage, turn_of
from quiet_bench import QuietBench
from stage import Message, Stage, on_stage
from stocked import controls, shown, stock
from two_models import NOTED, PLAIN, WIDE, lineup

from bot.app import lineup_of
from bot.settings import load_settings
from musicgen_core.errors import ModelUnavailable
from musicgen_core.executors.lineup import Lineup
from musicgen_core.storage import JobRecord, NewJob

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage(
        executor=lineup(PLAIN, WIDE), bench=QuietBench(), waiting_per_person=50
    ) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> AsyncIterator[Stage]:
    shared.sweep()
    await shared.bot.storage.preferences.change_server(server_id(shared), model=None)
    yield shared


def server_id(stage: Stage) -> int:
    return int(stage.discord.world.guild.id)


async def composed(stage: Stage, **options: object) -> Message:
    await stage.grace.slash("compose", {"prompt": "rain", "duration": 1, **options})
    return await stage.clip()


async def next_clip(stage: Stage, *before: Message) -> Message:
    known = {message["id"] for message in before}
    return await stage.wait(
        lambda m: m["author"].get("bot") and m["attachments"] and m["id"] not in known
    )


async def job_of(stage: Stage, message: Message) -> JobRecord:
    job = await stage.bot.storage.jobs.get(controls(message)["Again"]["custom_id"].split(":")[2])
    assert job is not None
    return job


async def sound(stage: Stage, message: Message) -> tuple[int, int]:
    """Return a clip's rate and channels."""
    info = soundfile.info(io.BytesIO(await stage.download(message)))
    return info.samplerate, info.channels


def options_of(stage: Stage, command: str, part: str | None = None) -> list[str]:
    found = next(c for c in stage.discord.commands if c["name"] == command)
    if part is not None:
        found = next(c for c in found["options"] if c["name"] == part)
    return [option["name"] for option in found["options"]]


async def test_the_chosen_model_plays_and_is_named(stage: Stage) -> None:
    clip = await composed(stage, model="Wide_One")
    assert await sound(stage, clip) == (16000, 2)
    assert r"-# model “wide\_one”" in clip["content"]
    assert (await job_of(stage, clip)).model == "wide_one"


async def test_where_nobody_chooses_the_bots_default_plays(stage: Stage) -> None:
    clip = await composed(stage)
    assert await sound(stage, clip) == (32000, 1)
    assert "-# model “plain”" in clip["content"]


async def test_models_are_offered_while_one_types(stage: Stage) -> None:
    for command in ("compose", "jam start"):
        offered = await stage.grace.complete(command, "model", model="wi")
        assert [choice["value"] for choice in offered] == ["wide_one"]
        assert len(await stage.grace.complete(command, "model", model="")) == 2


async def test_an_unknown_model_is_refused_with_those_there_are(stage: Stage) -> None:
    handle = await stage.grace.slash("compose", prompt="rain", model="*huge*")
    told = await shown(stage, handle)
    names = r"“plain”, “wide\_one”"
    assert told["content"] == rf"I know no model “\*huge\*” here; there are: {names}."
    handle = await stage.lin.slash("jam start", {"title": "Rain", "model": "huge"})
    told = await shown(stage, handle)
    assert told["content"] == f"这里没有名为“huge”的模型；可用的有：{names}。"
    assert stage.statuses() == []


@pytest.mark.parametrize("button", ["Again", "Variations"])
async def test_the_same_once_more_is_played_by_the_same_model(stage: Stage, button: str) -> None:
    first = await composed(stage, model="wide_one")
    await stage.lin.press(first, button)
    second = await next_clip(stage, first)
    assert (await job_of(stage, first)).model == "wide_one"
    assert await sound(stage, second) == (16000, 2)


async def test_a_tweak_keeps_the_model_unless_another_is_written(stage: Stage) -> None:
    first = await composed(stage, model="wide_one")
    form = await stage.grace.press(first, "Tweak…")
    assert "model=wide_one" in str(form.modal)
    await stage.grace.submit(form, {"prompt": "snow"})
    second = await next_clip(stage, first)
    assert await sound(stage, second) == (16000, 2)
    form = await stage.grace.press(first, "Tweak…")
    await stage.grace.submit(form, {"musical": "model=plain"})
    assert await sound(stage, await next_clip(stage, first, second)) == (32000, 1)


async def test_a_continuation_is_played_by_the_model_that_began_it(stage: Stage) -> None:
    first = await composed(stage, model="wide_one")
    form = await stage.grace.press(first, "Continue")
    await stage.grace.submit(form, {"prompt": "more"})
    second = await next_clip(stage, first)
    assert (await job_of(stage, second)).model == "wide_one"
    assert soundfile.info(io.BytesIO(await stage.download(second))).duration == 2.0
    form = await stage.grace.menu("Continue this clip", first)
    await stage.grace.submit(form, {"prompt": "by menu"})
    third = await next_clip(stage, first, second)
    assert (await job_of(stage, third)).model == "wide_one"


async def test_another_model_goes_on_at_its_own_rate(stage: Stage) -> None:
    first = await composed(stage, model="wide_one")
    data = await stage.download(first)
    await stage.grace.slash("compose", duration=1, model="plain", clip=("rain.wav", data))
    second = await next_clip(stage, first)
    info = soundfile.info(io.BytesIO(await stage.download(second)))
    assert (info.samplerate, info.channels, info.frames) == (32000, 1, 64000)


async def test_the_story_names_the_model_that_played(stage: Stage) -> None:
    clip = await composed(stage, model="wide_one", style="jazz")
    job = (await job_of(stage, clip)).id
    told = (await shown(stage, await stage.grace.slash("show", job=job)))["content"]
    assert r"Model: “wide\_one”, engine fake, fp32" in told
    assert "Chosen: style jazz\n" in told


async def page_of(stage: Stage) -> dict[str, Any]:
    page = (await stage.ada.slash("settings")).original
    assert page is not None
    return page


async def chosen(stage: Stage, page: dict[str, Any], value: str) -> str:
    form = await stage.ada.press(page, "Model…")
    sent = await stage.ada.submit(form, {"model": [value]})
    assert sent.original is not None
    return sent.original["content"]


async def test_a_server_has_a_default_of_its_own_until_it_takes_it_back(stage: Stage) -> None:
    page = await page_of(stage)
    assert "**Model:** as the bot has it (“plain”)" in page["content"]
    assert r"**Model:** “wide\_one”" in await chosen(stage, page, "wide_one")
    first = await composed(stage)
    assert await sound(stage, first) == (16000, 2)
    second = await composed(stage, model="plain", prompt="sun")
    second = await next_clip(stage, first)
    assert await sound(stage, second) == (32000, 1), "who names one gets it"
    assert "as the bot has it (“plain”)" in await chosen(stage, page, "-")
    assert await sound(stage, await _sun(stage)) == (32000, 1)


async def _sun(stage: Stage) -> Message:
    await stage.grace.slash("compose", prompt="moon", duration=1)
    return await stage.wait(lambda m: m["attachments"] and "moon" in m["content"])


async def test_a_page_of_an_earlier_process_still_opens_the_form(stage: Stage) -> None:
    page = await page_of(stage)
    await forget_pages(stage.bot, "ServerSettingsCog")
    assert r"**Model:** “wide\_one”" in await chosen(stage, page, "wide_one")


async def test_a_default_that_has_left_gives_way_to_the_bots(stage: Stage) -> None:
    await stage.bot.storage.preferences.change_server(server_id(stage), model="gone")
    assert "**Model:** as the bot has it (“plain”)" in (await page_of(stage))["content"]
    assert await sound(stage, await composed(stage)) == (32000, 1)


async def test_again_of_a_model_that_has_left_is_played_by_the_servers(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "old", model="gone", server_id=server_id(stage))
    assert (await stage.bot.presses._wish(clip.job_id)).model is None


async def test_what_was_promised_of_a_model_that_has_left_says_who_played(stage: Stage) -> None:
    admin = stage.bot.get_cog("Admin")
    new = NewJob(
        person_id=int(stage.lin.id), channel_id=int(stage.studio.id), server_id=server_id(stage),
        prompt="rain", seconds=1, model="gone", locale="zh-CN",
    )  # fmt: skip
    admin._delivery.take_up([await admin._workshop.accept(new)])
    clip = await stage.clip()
    assert clip["content"].splitlines()[-1] == "-# “gone”已经不在了，改由“plain”演奏。"
    assert "模型" not in clip["content"]


async def test_a_jam_is_played_by_the_model_that_it_began_with(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, model="wide_one", mode="solo")
    found = await stage.bot.storage.jams.in_place(int(jam.place))
    assert found.model.name == "wide_one"
    await stage.bot.storage.preferences.change_server(server_id(stage), model="plain")
    board = await jam.wait(lambda m: turn_of(m) > 0)
    assert board
    await jam.play(stage.ada, "strings")
    vote = await jam.vote(1)
    assert vote
    found = await stage.bot.storage.jams.in_place(int(jam.place))
    assert {c.rate for c in found.turn.candidates} == {16000}


async def test_a_jam_takes_the_servers_default(stage: Stage) -> None:
    await stage.bot.storage.preferences.change_server(server_id(stage), model="wide_one")
    jam = await JamStage.started(stage.discord, stage.ada)
    found = await stage.bot.storage.jams.in_place(int(jam.place))
    assert found.model.name == "wide_one"


async def test_the_owner_sees_every_model(stage: Stage) -> None:
    await composed(stage, model="wide_one")
    told = (await shown(stage, await stage.ada.slash("admin status")))["content"]
    assert "**Model** plain · fake · fp32" in told
    assert r"**Also** wide\_one · fake · fp32 · loaded · " in told


async def test_what_a_model_says_of_itself_is_on_the_status_once_it_is_known() -> None:
    executor = lineup(PLAIN, NOTED)
    async with on_stage(executor=executor) as stage:
        await stage.grace.slash("compose", prompt="rain", duration=1, model="noted")
        assert (await stage.status("Done."))["content"].endswith("-# It only hums.")


async def test_a_model_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    def configured(*models: str) -> Lineup:
        return lineup_of(load_settings(env_file=None, other_models=models))

    assert configured("a/later").names == ("builtin", "later")
    with pytest.raises(ModelUnavailable, match=r"There is no checkpoint folder \./nowhere; give"):
        configured("./nowhere")
    with pytest.raises(ModelUnavailable, match=r"config\.json is missing"):
        configured(str(tmp_path))


async def test_with_one_model_there_is_no_choice_and_nothing_is_said_of_it() -> None:
    async with on_stage(FakeCore()) as stage:
        assert "model" not in options_of(stage, "compose")
        assert "model" not in options_of(stage, "jam", "start")
        clip = await composed(stage)
        assert "model" not in clip["content"]
        assert (await job_of(stage, clip)).model is None
        page = await page_of(stage)
        assert "Model" not in page["content"]
        assert "Model…" not in controls(page)


async def test_with_several_the_option_is_there_with_its_names_in_both_languages(
    stage: Stage,
) -> None:
    assert "model" in options_of(stage, "compose")
    assert "model" in options_of(stage, "jam", "start")
    command = next(c for c in stage.discord.commands if c["name"] == "compose")
    option = next(o for o in command["options"] if o["name"] == "model")
    assert (option["autocomplete"], option["name_localizations"]) == (True, {"zh-CN": "模型"})
