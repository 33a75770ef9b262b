from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from stage import EPHEMERAL, Message, Stage, on_stage
from stocked import emptied, shown, stock, turned

from bot.rehearsal.people import Person
from bot.rehearsal.permissions import Permission
from musicgen_core.requests import Clip
from musicgen_core.storage import Delivered

MENU = "Show how this was made"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage() as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> Stage:
    return await emptied(shared)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def told(stage: Stage, person: Person, job: str) -> str:
    """Let a person ask for a job; return what they are told."""
    answer = await shown(stage, await person.slash("show", job=job))
    assert answer["flags"] & EPHEMERAL
    return answer["content"]


async def composed(stage: Stage, **options: object) -> Message:
    """Let Grace have something made in the channel; return the result."""
    await stage.grace.slash("compose", **{"prompt": "rain", "duration": 1, **options})
    clip = await stage.clip()
    await stage.status("Done.")
    return clip


async def job_of(stage: Stage, person: Person) -> str:
    page = await stage.bot.storage.clips.page(int(person.id))
    return page.clips[0].job_id


async def test_the_owner_reads_everything_that_is_known(stage: Stage) -> None:
    clip = await composed(stage, style="jazz", tempo=100, variations=2, guidance=4)
    text = await told(stage, stage.grace, await job_of(stage, stage.grace))
    link = f"/{stage.studio.id}/{clip['id']}"
    for part in (
        "**“rain”**", f"Asked for by <@{stage.grace.id}>, <t:", "1 s of new music, takes: 2",
        "Chosen: style jazz · 100 bpm · guidance 4", "Seeds: 0, 1",
        "Model: “fake”, engine fake, fp32", "Made in ", "Delivered: https:", link,
    ):  # fmt: skip
        assert part in text
    assert "Continue" not in text


async def test_a_context_menu_on_a_result_tells_anybody_who_sees_it(stage: Stage) -> None:
    clip = await composed(stage)
    answer = await shown(stage, await stage.lin.menu(MENU, clip))
    assert answer["flags"] & EPHEMERAL
    assert f"由 <@{stage.grace.id}> 于 <t:" in answer["content"]
    assert "种子：0" in answer["content"]


async def test_parents_and_children_are_linked_where_they_are_public(stage: Stage) -> None:
    first = await composed(stage, prompt="first")
    button = next(c for r in first["components"] for c in r["components"] if c["type"] == 2)
    form = await stage.grace.press(first, button["custom_id"])
    await stage.grace.submit(form, {"from": "0.5", "hear": "0.4"})
    second = await stage.wait(lambda m: m["attachments"] and m["id"] != first["id"])
    await turned(stage, {"id": second["message_reference"]["message_id"]}, "Done.")
    of_child = await shown(stage, await stage.lin.menu(MENU, second, locale="en-US"))
    assert (
        f"Continues: “first” https://discord.com/channels/{stage.discord.world.guild.id}"
        in (of_child["content"])
    )
    assert first["id"] in of_child["content"]
    for part in ("Goes on from 0.5 s on", "Chosen: hearing 0.4 s of it"):
        assert part in of_child["content"]
    assert "hearing 0.4 s of it" in second["content"]
    made = Clip.read(await stage.download(second)).provenance
    assert (made.prompt_seconds, made.hear_seconds) == (0.5, 0.4)
    of_parent = await shown(stage, await stage.lin.menu(MENU, first, locale="en-US"))
    assert "Continued by: “first” https://" in of_parent["content"]
    assert second["id"] in of_parent["content"]


async def test_a_clip_with_only_a_style_is_told_of_by_it(stage: Stage) -> None:
    (parent,) = await stock(stage, stage.grace, "", style="jazz")
    (child,) = await stock(stage, stage.grace, "more", parent_id=parent.id)
    assert (await told(stage, stage.grace, parent.id)).startswith("**“jazz”**")
    assert "Continues: “jazz”" in await told(stage, stage.grace, child.id)


async def test_a_relative_that_is_not_public_is_not_named(stage: Stage) -> None:
    (secret,) = await stock(stage, stage.grace, "my secret")
    studio, server = int(stage.studio.id), int(stage.discord.world.guild.id)
    (child,) = await stock(stage, stage.lin, "public", parent_id=secret.id,
                           channel_id=studio, server_id=server)  # fmt: skip
    await stage.bot.storage.jobs.mark_delivered(child.job_id, Delivered.CHANNEL, 5)
    text = await told(stage, stage.ada, child.job_id)
    assert "Continues: a clip that is not public here" in text
    assert "secret" not in text
    assert "Continues: “my secret”" in await told(stage, stage.grace, child.job_id)
    await stage.bot.storage.clips.delete(secret.id, secret.person_id)
    assert "Continues: a deleted clip" in await told(stage, stage.ada, child.job_id)


@pytest.mark.parametrize("where", [Delivered.DM, Delivered.LIBRARY, None])
async def test_what_was_not_posted_in_a_channel_is_told_to_its_owner_only(
    stage: Stage, where: Delivered | None
) -> None:
    studio, server = int(stage.studio.id), int(stage.discord.world.guild.id)
    (clip,) = await stock(stage, stage.grace, "rain", channel_id=studio, server_id=server)
    if where is not None:
        await stage.bot.storage.jobs.mark_delivered(clip.job_id, where)
    for wanted in (clip.job_id, clip.id, "rain"):
        assert "“rain”" in await told(stage, stage.grace, wanted)
        assert (await told(stage, stage.lin, wanted)).startswith("没有找到这样的音乐")


async def test_a_channel_that_somebody_cannot_read_keeps_its_stories(stage: Stage) -> None:
    await composed(stage)
    job = await job_of(stage, stage.grace)
    assert "“rain”" in await told(stage, stage.lin, job)
    stage.discord.faults.deny(Permission.VIEW_CHANNEL, stage.studio, stage.lin.user)
    answer = await shown(stage, await stage.lin.slash("show", job=job, channel="general"))
    stage.discord.faults.allow(Permission.VIEW_CHANNEL, stage.studio, stage.lin.user)
    assert answer["content"].startswith("没有找到这样的音乐")


async def test_a_clip_of_another_server_is_not_told_of_here(stage: Stage) -> None:
    studio = int(stage.studio.id)
    (clip,) = await stock(stage, stage.grace, "rain", channel_id=studio, server_id=99)
    await stage.bot.storage.jobs.mark_delivered(clip.job_id, Delivered.CHANNEL, 5)
    assert "没有找到这样的音乐" in await told(stage, stage.lin, clip.job_id)


async def test_the_latest_jobs_are_offered_once_each_by_title_and_to_their_owner(
    stage: Stage,
) -> None:
    await stock(stage, stage.lin, "somebody else's")
    old = await stock(stage, stage.grace, "old tune", takes=2)
    (new,) = await stock(stage, stage.grace, "x" * 300)
    choices = await stage.grace.complete("show", "job", job="")
    assert [choice["value"] for choice in choices] == [new.job_id, old[0].job_id]
    assert choices[1]["name"].startswith("old tune · 1 s · 20")
    (choice,) = await stage.grace.complete("show", "job", job="TUNE")
    assert choice["value"] == old[0].job_id
    assert "takes: 2" in await told(stage, stage.grace, choice["value"])


async def test_a_deleted_clip_is_told_to_its_owner_and_to_nobody_else(stage: Stage) -> None:
    clip = await composed(stage)
    job = await job_of(stage, stage.grace)
    (stored,) = await stage.bot.storage.clips.of_job(job)
    await stage.bot.storage.clips.delete(stored.id, stored.person_id)
    answer = await shown(stage, await stage.lin.menu(MENU, clip))
    assert answer["content"] == "这段音乐已经被删除。"
    text = await told(stage, stage.grace, job)
    assert "Takes that are still there: 0" in text
    assert "Seeds: 0" in text


async def test_a_job_that_failed_says_why_to_its_owner(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="refuse", duration=1)
    status = await stage.status("Not made")
    jobs = (await stage.bot.storage.people.export(int(stage.grace.id)))["jobs"]
    text = await told(stage, stage.grace, jobs[0]["id"])
    assert "It could not be made. The fake core refuses this prompt." in text
    answer = await shown(stage, await stage.grace.menu(MENU, status))
    assert answer["content"].startswith("This is no clip of mine")


async def test_the_commands_have_chinese_names(stage: Stage) -> None:
    names = {c["name"]: c["name_localizations"] for c in stage.discord.commands}
    chinese = {"library": "音乐库", "show": "来历", "privacy": "隐私", MENU: "查看创作过程"}
    assert {name: names[name]["zh-CN"] for name in chinese} == chinese


async def test_a_message_of_a_person_is_no_result(stage: Stage) -> None:
    said = await stage.ada.send("rain!")
    answer = await shown(stage, await stage.grace.menu(MENU, said))
    assert answer["content"].startswith("This is no clip of mine")


async def test_a_damaged_file_leaves_the_rest_of_the_story(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    (stage.bot.storage.files.folder / clip.file).write_bytes(b"RIFF")
    text = await told(stage, stage.grace, clip.id)
    assert "Seeds: 7" in text
    assert "Model:" not in text


async def test_a_story_full_of_marks_fits_into_a_message(stage: Stage) -> None:
    (parent,) = await stock(stage, stage.grace, "*" * 900)
    for _ in range(4):
        await stock(stage, stage.grace, "_" * 900, parent_id=parent.id, style="x" * 100, key="A")
    text = await told(stage, stage.grace, parent.id)
    assert "1 more" in text
    assert len(text) <= 2000
