import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import soundfile
from stage import EPHEMERAL, Stage, on_stage
from stocked import (
    clip_page,
    controls,
    emptied,
    field_of,
    library_of,
    select_of,
    shown,
    stock,
    turned,
)

from bot.refusal import Refusal
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import Declined
from bot.ui import own_view


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Stage]:
    async with on_stage() as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(shared: Stage) -> Stage:
    return await emptied(shared)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_empty_library_says_how_to_begin_in_both_languages(stage: Stage) -> None:
    page = await library_of(stage, stage.grace)
    assert page["content"] == "You have no clips yet; /compose makes the first."
    assert page["flags"] & EPHEMERAL
    assert page["components"] == []
    handle = await stage.lin.slash("library")
    assert "/作曲" in (await shown(stage, handle))["content"]


async def test_the_list_is_newest_first_ten_a_page_and_the_persons_own(stage: Stage) -> None:
    await stock(stage, stage.grace, *(f"song {n}" for n in range(1, 13)))
    await stock(stage, stage.lin, "somebody else's")
    page = await library_of(stage, stage.grace)
    heading, *lines = page["content"].splitlines()
    assert heading == "**Your clips**, newest first: 1 to 10 of 12."
    assert [line.split(" · ")[0] for line in lines] == [
        f"**{place}.** “song {13 - place}”" for place in range(1, 11)
    ]
    assert lines[0].split(" · ")[1] == "1 s"
    assert "<t:" in lines[0]
    assert "somebody" not in page["content"]
    assert controls(page)["Previous"]["disabled"]

    await stage.grace.press(page, "Next")
    page = await turned(stage, page, "11 to 12 of 12")
    assert "**12.** “song 1”" in page["content"]
    assert controls(page)["Next"]["disabled"]
    await stage.grace.press(page, "Previous")
    assert await turned(stage, page, "1 to 10 of 12")


async def test_ten_titles_full_of_marks_still_fit_into_a_message(stage: Stage) -> None:
    await stock(stage, stage.grace, *(f"{n}" + "*" * 900 for n in range(10)))
    page = await library_of(stage, stage.grace)
    assert len(page["content"].splitlines()) == 11


async def test_a_clip_without_a_title_is_named_by_what_it_lacks(stage: Stage) -> None:
    await stock(stage, stage.grace, "")
    page = await library_of(stage, stage.grace)
    assert "**1.** no prompt · 1 s" in page["content"]
    (option,) = select_of(page)["options"]
    assert option["label"] == "1. no prompt"
    await stage.grace.press(page, select_of(page)["custom_id"], [option["value"]])
    assert await turned(stage, page, "**no prompt**")


async def test_a_page_beyond_the_end_becomes_the_last_one(stage: Stage) -> None:
    clips = await stock(stage, stage.grace, *(f"song {n}" for n in range(11)))
    page = await library_of(stage, stage.grace)
    await stage.bot.storage.clips.delete(clips[0].id, clips[0].person_id)
    await stage.grace.press(page, "Next")
    page = await turned(stage, page, "first: 1 to 10 of 10.")
    assert "Next" not in controls(page)


async def test_a_search_finds_titles_and_prompts_and_can_be_repeated(stage: Stage) -> None:
    await stock(stage, stage.grace, "slow rain", "fast jazz")
    page = await library_of(stage, stage.grace, search="RAIN  slow")
    assert "**Your clips** with “RAIN slow”: 1 to 1 of 1." in page["content"]
    assert "jazz" not in page["content"]

    form = await stage.grace.press(page, "Search…")
    await stage.grace.submit(form, {field_of(form): "polka"})
    page = await turned(stage, page, "None of your clips has “polka”")
    await stage.grace.press(page, "All clips")
    page = await turned(stage, page, "1 to 2 of 2")
    assert "All clips" not in controls(page)


async def test_play_sends_the_stored_file_to_nobody_else(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    await stage.grace.press(await clip_page(stage, stage.grace, "rain"), "Play")
    played = await stage.clip()
    assert played["flags"] & EPHEMERAL
    assert played["components"] == []
    assert await stage.download(played) == await stage.bot.storage.files.read(clip.file)
    assert stage.ada.messages() == []


async def test_post_here_is_an_ordinary_result_with_its_buttons(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    await stage.grace.press(page, "Post here")
    posted = await stage.clip()
    assert not posted["flags"] & EPHEMERAL
    assert posted.get("interaction_metadata") is None
    assert posted["content"].startswith(f"<@{stage.grace.id}> “rain”, 1 s, seed 7.")
    assert {"Continue", "Again", "Keep", "Delete"} <= set(controls(posted))
    link = f"https://discord.com/channels/{posted_server(stage)}/{stage.studio.id}/{posted['id']}"
    assert await stage.wait(lambda m: m["content"] == f"Posted: {link}")

    await stage.grace.press(page, "Post here")  # once more is twice
    assert await stage.wait(lambda m: m["attachments"] and m["id"] != posted["id"])


def posted_server(stage: Stage) -> str:
    return stage.discord.world.guild.id


@pytest.mark.parametrize(
    ("who", "says"), [("grace", "You may not send files"), ("bot", "I may not send files")]
)
async def test_posting_takes_the_permission_of_the_person_and_of_the_bot(
    stage: Stage, who: str, says: str
) -> None:
    await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    user = stage.grace.user if who == "grace" else None
    stage.discord.faults.deny(Permission.ATTACH_FILES, stage.studio, user)
    await stage.grace.press(page, "Post here")
    assert await stage.wait(lambda m: says in m["content"])
    stage.discord.faults.allow(Permission.ATTACH_FILES, stage.studio, user)
    assert stage.clips() == []


async def test_a_clip_that_is_too_large_in_every_format_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    monkeypatch.setattr(stage.discord.world.guild, "file_limit", 100)
    await stage.grace.press(page, "Play")
    assert await stage.wait(lambda m: "in every format" in m["content"])


async def test_posting_follows_the_rules_of_the_server(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    server, preferences = int(posted_server(stage)), stage.bot.storage.preferences
    await preferences.change_server(server, channels=(1,))
    await stage.grace.press(page, "Post here")
    assert await stage.wait(lambda m: "I make music in <#1> only." in m["content"])
    await preferences.change_server(server, channels=None, blocked_words=("rain",))
    await stage.grace.press(page, "Post here")
    assert await stage.wait(lambda m: "“rain” is not wanted" in m["content"])
    await preferences.change_server(server, blocked_words=None)
    assert stage.clips() == []


async def test_continue_opens_the_form_of_results_and_makes_a_child(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    form = await stage.grace.press(await clip_page(stage, stage.grace, "rain"), "Continue")
    assert form.modal["title"] == "Continue this clip"
    await stage.grace.submit(form, {})
    made = await stage.clip()
    assert soundfile.info(io.BytesIO(await stage.download(made))).frames == 64000
    (child,) = await stage.bot.storage.clips.children(clip.id)
    assert child.person_id == int(stage.grace.id)
    await stage.status("Done.")


async def test_keep_and_let_go_change_places(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    await stage.grace.press(page, "Keep")
    page = await turned(stage, page, "Kept: no clean-up")
    assert (await stage.bot.storage.clips.get(clip.id)).kept
    assert "· kept" in (await library_of(stage, stage.grace))["content"]
    await stage.grace.press(page, "Let go")
    await turned(stage, page, "A clean-up may take it")
    assert not (await stage.bot.storage.clips.get(clip.id)).kept


async def test_rename_changes_the_title_and_what_is_found(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    form = await stage.grace.press(page, "Rename…")
    await stage.grace.submit(form, {field_of(form): "  Monday \n @everyone "})
    page = await turned(stage, page, "Monday")
    assert "@everyone" not in page["content"]
    assert "Made from “rain”" in page["content"]
    found = await library_of(stage, stage.grace, search="monday")
    assert "1 to 1 of 1" in found["content"]

    form = await stage.grace.press(page, "Rename…")
    await stage.grace.submit(form, {field_of(form): "   "})
    assert await stage.wait(lambda m: "at least one letter" in m["content"])


async def test_delete_asks_first_and_takes_the_clip_and_its_message(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="rain", duration=1)
    await stage.status("Done.")
    page = await clip_page(stage, stage.grace, "rain")
    await stage.grace.press(page, "Delete")
    question = await turned(stage, page, "The message that brought it goes too")
    await stage.grace.press(question, "Not now")
    page = await turned(stage, page, "**“rain”**")
    assert len(stage.clips()) == 1
    await stage.grace.press(page, "Delete")
    question = await turned(stage, page, "for good?")
    await stage.grace.press(question, "Delete for good")
    assert await turned(stage, page, "You have no clips yet")
    assert stage.clips() == []


async def test_a_take_that_is_deleted_leaves_the_message_with_the_others(stage: Stage) -> None:
    await stage.grace.slash("compose", prompt="rain", duration=1, variations=2)
    await stage.status("Done.")
    page = await clip_page(stage, stage.grace, "rain")
    await stage.grace.press(page, "Delete")
    question = await turned(stage, page, "there are other takes in it")
    await stage.grace.press(question, "Delete for good")
    page = await turned(stage, page, "1 to 1 of 1")
    assert "**1.** “rain” · 1 s · take 2 · " in page["content"]
    assert len(stage.clips()) == 1


@pytest.mark.parametrize("button", ["Play", "Post here", "Keep", "Delete", "Continue"])
async def test_a_clip_that_was_deleted_meanwhile_is_said_to_be_gone(
    stage: Stage, button: str
) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    await stage.bot.storage.clips.delete(clip.id, clip.person_id)
    await stage.grace.press(page, button)
    assert await stage.wait(lambda m: m["content"] == "This clip has been deleted.")
    await stage.grace.press(page, "Back to the list")
    assert await turned(stage, page, "You have no clips yet")


async def test_a_clip_that_was_deleted_before_it_is_chosen_is_said_to_be_gone(
    stage: Stage,
) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    page = await library_of(stage, stage.grace)
    await stage.bot.storage.clips.delete(clip.id, clip.person_id)
    await stage.grace.press(page, select_of(page)["custom_id"], [clip.id])
    assert await stage.wait(lambda m: m["content"] == "This clip has been deleted.")


async def test_nobody_else_sees_or_presses_anything(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain")
    page = await clip_page(stage, stage.grace, "rain")
    assert stage.lin.messages() == []
    with pytest.raises(Declined):
        await stage.lin.press(page, "Delete")
    # Even if Discord let them:
    stage.discord.world.message(page["channel_id"], page["id"]).visible_to = None
    await stage.lin.press(page, "Keep")
    assert await stage.wait(lambda m: "这些按钮是别人的" in m["content"])
    assert not (await stage.bot.storage.clips.page(int(stage.grace.id))).clips[0].kept


async def test_somebody_elses_clip_is_not_found_whatever_is_sent(stage: Stage) -> None:
    (clip,) = await stock(stage, stage.grace, "rain")
    library = stage.bot.get_cog("Library")._library
    assert await library.clip(int(stage.grace.id), clip.id) == clip
    with pytest.raises(Refusal, match="clip_gone"):
        await library.clip(int(stage.lin.id), clip.id)


async def test_the_library_speaks_chinese(stage: Stage) -> None:
    await stock(stage, stage.lin, "雨")
    page = await library_of(stage, stage.lin)
    assert page["content"].startswith("**你的音乐**，从新到旧，第 1 到 1 段，共 1 段。")
    assert {"搜索……"} == set(controls(page))


async def test_the_library_works_in_direct_messages(stage: Stage) -> None:
    await stock(stage, stage.grace, "rain")
    page = await shown(stage, await stage.grace.slash("library", channel="dm"))
    select = select_of(page)
    await stage.grace.press(page, select["custom_id"], [select["options"][0]["value"]])
    await turned(stage, page, "**“rain”**")
    await stage.grace.press(page, "Post here")
    posted = await stage.clip()
    assert posted["channel_id"] == stage.grace.channel("dm").id
    assert not posted["flags"] & EPHEMERAL


async def test_after_its_time_a_list_disables_itself_and_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_view, "LIFE", 0.01)
    await stock(stage, stage.grace, "rain")
    page = await library_of(stage, stage.grace)
    page = await turned(stage, page, "These buttons have expired")
    assert all(button["disabled"] for button in controls(page).values())
    assert select_of(page)["disabled"]


async def test_a_result_still_works_after_a_list_has_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(stage, stage.grace, "rain")
    await stage.grace.press(await clip_page(stage, stage.grace, "rain"), "Post here")
    posted = await stage.clip()
    monkeypatch.setattr(own_view, "LIFE", 0.01)
    await turned(stage, await library_of(stage, stage.grace), "These buttons have expired")
    await stage.grace.press(posted, "Keep")
    assert await stage.wait(lambda m: m["content"] == "Kept: no clean-up will take it.")
