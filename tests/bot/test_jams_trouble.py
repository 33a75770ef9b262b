"""Jams when something goes wrong, and when people do what they may not."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from fake_core import FakeCore
from jam_stage import JamStage, Message, button
from quiet_bench import QuietBench
from stage import Stage, on_stage

from bot.jams.boards import MOST_PUSHED
from bot.rehearsal.permissions import Permission
from bot.rehearsal.threads import Threads
from musicgen_core.jams import Jam, Phase

in_one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with on_stage(FakeCore(), bench=QuietBench(), waiting_per_person=50) as stage:
        yield stage


async def stored(stage: Stage, jam: JamStage) -> Jam:
    found = await stage.bot.storage.jams.last_in_place(int(jam.place))
    assert found is not None
    return found


async def until(stage: Stage, jam: JamStage, fits: Callable[[Jam], object]) -> Jam:
    """Return the jam once it fits; the database has no event to wait for."""
    async with asyncio.timeout(20):
        while not fits(found := await stored(stage, jam)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


def wav(seconds: float) -> bytes:
    file = io.BytesIO()
    sound = 0.4 * np.sin(np.arange(round(seconds * 32000)) / 20)
    soundfile.write(file, sound, 32000, format="WAV")
    return file.getvalue()


@in_one_loop
async def test_of_two_who_press_at_once_one_plays_and_the_other_is_told(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="open")
    await jam.press(stage.grace, "join")
    board = await jam.board(f"<@{stage.grace.id}>")
    forms = [await p.press(board, button(board, "play")) for p in (stage.ada, stage.grace)]
    sent = await asyncio.gather(
        stage.ada.submit(forms[0], {"direction": "up"}),
        stage.grace.submit(forms[1], {"direction": "down"}),
    )
    await jam.vote(1)
    told = [s.original["content"] for s in sent if s.original is not None]
    assert [*filter(None, told)] == [
        "A part is being made or chosen right now; try again when it is done."
    ]


@in_one_loop
async def test_of_two_presses_of_undo_one_part_is_taken_back(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="solo")
    for turn in (1, 2):
        await jam.solo(stage.ada, turn)
    board = await jam.board("parts: 2")
    await asyncio.gather(*(stage.ada.press(board, button(board, "undo")) for _ in range(2)))
    await jam.wait(lambda m: "does not end with part 2 any more" in m["content"])
    assert (await stored(stage, jam)).head == 1


@in_one_loop
async def test_a_stranger_is_refused_in_their_language_and_changes_nothing(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    before = await stored(stage, jam)
    for action, sentence in {
        "play": "请先加入合奏。",
        "pass": "请先加入合奏。",
        "leave": "请先加入合奏。",
        "finish": "只有合奏的发起人或可以管理消息的人才能结束它。",
    }.items():
        await jam.press(stage.lin, action)
        await jam.wait(lambda m, told=sentence: m["content"] == told)
    after = await stored(stage, jam)
    assert (after.members, after.phase, after.turn) == (before.members, before.phase, before.turn)


@in_one_loop
async def test_who_may_manage_messages_may_finish(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.grace)
    await jam.solo(stage.grace, 1)
    await jam.press(stage.ada, "finish")
    assert await jam.wait(lambda m: button(m, "like"))


@in_one_loop
async def test_a_members_own_sound_becomes_part_of_the_track(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="solo")
    await jam.play(stage.ada, "go on", clip=[("hum.wav", wav(1.0))], splice=True)
    vote = await jam.vote(1)
    await stage.ada.press(vote, button(vote, "take", 2))
    data = await stage.download(await jam.track(1))
    sound = soundfile.read(io.BytesIO(data))[0]
    own = soundfile.read(io.BytesIO(wav(1.0)))[0]
    assert len(sound) == 3 * 32000
    assert np.abs(sound[:31000] - own[:31000]).max() < 1e-3


@in_one_loop
async def test_what_is_no_sound_is_refused_and_the_turn_stays_open(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await jam.play(stage.ada, "go on", clip=[("hum.wav", b"not a sound")])
    await jam.wait(lambda m: "not audio" in m["content"])
    assert (await stored(stage, jam)).phase is Phase.WAITING


@in_one_loop
async def test_words_are_voted_on_before_takes(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, mode="vote")
    await jam.press(stage.grace, "join")
    await jam.board(f"<@{stage.grace.id}>")
    for person, words in ((stage.ada, "strings"), (stage.grace, "drums")):
        form = await jam.press(person, "suggest")
        await person.submit(form, {"words": words})
    listed = await jam.wait(lambda m: "“drums”" in m["content"] and button(m, "words", 2))
    for person in (stage.ada, stage.grace):
        await person.press(listed, button(listed, "words", 2))
    vote = await jam.vote(1)
    assert "“drums”" in vote["content"]


@in_one_loop
async def test_candidates_that_fail_open_the_turn_again(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await jam.play(stage.ada, "refuse")
    await jam.wait(lambda m: "No candidates came of it" in m["content"])
    assert (await stored(stage, jam)).turn.player == int(stage.ada.id)
    board = await jam.board("it is up to")
    form = await stage.ada.press(board, button(board, "play"))
    await stage.ada.submit(form, {"direction": "better"})
    await jam.vote(1)


@in_one_loop
async def test_a_jam_is_as_long_as_the_server_has_set(stage: Stage) -> None:
    server = int(stage.discord.world.guild.id)
    await stage.bot.storage.preferences.change_server(server, jam_seconds=10)
    try:
        jam = await JamStage.started(stage.discord, stage.ada, seconds_per_turn=12, mode="solo")
    finally:
        await stage.bot.storage.preferences.change_server(server, jam_seconds=None)
    assert "up to part 1: 10 s" in (await jam.solo(stage.ada, 1))["content"]
    await jam.wait(lambda m: "The track has its full length of 10 s." in m["content"])
    await jam.press(stage.ada, "play", await jam.board("Turn 2"))
    await jam.wait(lambda m: "full length of 10 s; undo a part" in m["content"])
    form = await jam.press(stage.ada, "fork")
    await stage.ada.submit(form, {"title": "Longer", "part": "1"})
    longer = await stage.wait(lambda m: "Jam: Longer" in m["content"])
    assert "10 of 300 s" in longer["content"], "a fork is a jam of its own"


@in_one_loop
async def test_a_tie_is_the_players_to_break(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    for person in (stage.grace, stage.lin):
        await jam.press(person, "join")
        await jam.board(f"<@{person.id}>")
    await jam.play(stage.ada, "rain")
    vote = await jam.vote(1)
    for person, take in ((stage.grace, 2), (stage.lin, 3), (stage.ada, 1)):
        await person.press(vote, button(vote, "take", take))
    # Ada's own vote is among those tied, so it decides.
    await jam.track(1)
    assert (await stored(stage, jam)).takes[0].player == int(stage.ada.id)


@in_one_loop
async def test_a_board_that_was_pushed_up_moves_to_the_bottom(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    board = await jam.board()
    for number in range(MOST_PUSHED + 1):
        await stage.ada.send(f"chatter {number}", channel=jam.place)
    moved = await jam.wait(lambda m: button(m, "join") and int(m["id"]) > int(board["id"]))
    await until(stage, jam, lambda found: found.post("board") == int(moved["id"]))
    await until(stage, jam, lambda _: board["id"] not in [m["id"] for m in jam.messages()])
    assert jam.messages()[-1]["id"] == moved["id"]
    # Killed in between, the bot finds no board and posts one, instead of leaving two.
    place = f"/channels/{jam.place}/messages"
    sent = [(r.method, r.path) for r in stage.discord.requests if r.path.startswith(place)]
    taken_away = sent.index(("DELETE", f"{place}/{board['id']}"))
    assert ("POST", place) in sent[taken_away:]


@in_one_loop
async def test_a_board_that_was_deleted_comes_back(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    board = await jam.board("it is up to")
    form = await stage.ada.press(board, button(board, "play"))
    stage.discord.faults.delete_message(board["id"])
    await stage.ada.submit(form, {"direction": "rain"})
    again = await jam.board()
    assert int(again["id"]) > int(board["id"])
    assert [a["filename"] for a in again["attachments"]] == ["jam.png"]


@in_one_loop
async def test_a_thread_that_is_archived_pauses_and_goes_on_with_a_message(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    threads = Threads(stage.discord.world, stage.discord.events)
    threads.change(stage.discord.world.channels[jam.place], archived=True)
    await until(stage, jam, lambda found: found.paused)
    await stage.ada.send("hello", channel=jam.place)
    assert not (await until(stage, jam, lambda found: not found.paused)).phase.ended


@in_one_loop
async def test_a_thread_that_is_deleted_closes_its_jam(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    stage.discord.faults.delete_channel(stage.discord.world.channels[jam.place])
    assert (await until(stage, jam, lambda found: found.lost)).phase is Phase.CLOSED


@in_one_loop
async def test_a_finished_jam_whose_thread_is_deleted_stays_in_the_gallery_without_its_link(
    stage: Stage,
) -> None:
    jam = await JamStage.started(stage.discord, stage.ada, title="Gone", mode="solo")
    await jam.solo(stage.ada, 1)
    await jam.press(stage.ada, "finish")
    await jam.wait(lambda m: button(m, "like"))
    stage.discord.faults.delete_channel(stage.discord.world.channels[jam.place])
    found = await until(stage, jam, lambda found: found.lost)
    assert found.phase is Phase.FINISHED
    listed = await stage.ada.slash("jam gallery")
    shown = await stage.wait(lambda m: m["id"] == listed.original["id"] and "Gone" in m["content"])
    assert str(jam.place) not in shown["content"]


@in_one_loop
async def test_where_threads_are_not_allowed_the_channel_is_played_in(stage: Stage) -> None:
    faults = stage.discord.faults
    faults.deny(Permission.CREATE_PUBLIC_THREADS, stage.studio)
    try:
        await stage.ada.slash("jam start", title="Here")
        board = await stage.wait(lambda m: "Jam: Here" in m["content"])
        assert board["channel_id"] == stage.studio.id
        await stage.lin.slash("jam start", title="There")
        await stage.wait(lambda m: m["content"] == "这个频道里已经有一场合奏，请先结束它。")
    finally:
        faults.allow(Permission.CREATE_PUBLIC_THREADS, stage.studio)


async def delete_all_of_adas(stage: Stage) -> None:
    page = await stage.ada.slash("privacy")
    for label in ("Delete all of mine…", "Delete everything for good"):
        shown = await stage.wait(
            lambda m, label=label: m["id"] == page.original["id"] and label in str(m["components"])
        )
        await stage.ada.press(shown, label)


@in_one_loop
async def test_a_board_does_not_name_who_has_everything_deleted(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await jam.play(stage.ada, "rain")
    vote = await jam.vote(1)
    await jam.press(stage.grace, "join")
    await jam.board(f"<@{stage.grace.id}>")
    for person in (stage.ada, stage.grace):
        await person.press(vote, button(vote, "take", 1))

    def told(name: str) -> Callable[[Message], object]:
        return lambda m: button(m, "fork") and f"played by: {name}" in str(m["attachments"])

    await jam.wait(told("Ada"))
    await delete_all_of_adas(stage)
    await jam.wait(told("someone who left"))


@in_one_loop
async def test_a_player_who_has_everything_deleted_loses_the_turn_to_the_next(
    stage: Stage,
) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await jam.press(stage.grace, "join")
    await jam.board(f"<@{stage.grace.id}>")
    await delete_all_of_adas(stage)
    found = await until(stage, jam, lambda found: not found.has_member(int(stage.ada.id)))
    assert (found.turn.player, found.owner) == (int(stage.grace.id), int(stage.grace.id))
    await jam.board(f"it is up to <@{stage.grace.id}>")


@in_one_loop
async def test_while_nothing_new_is_taken_no_turn_begins(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.grace)
    workshop = stage.bot.jam_presses._opening._workshop
    workshop.paused = True
    try:
        pressed = await jam.press(stage.grace, "play")
        assert pressed.modal is None, "nobody fills in a form in vain"
        await jam.wait(lambda m: "I take nothing new at the moment" in m["content"])
        await stage.lin.slash("jam start", title="Later")
        await stage.wait(lambda m: m["content"] == "我暂时不接新的请求，请稍后再试。")
    finally:
        workshop.paused = False
    assert (await stored(stage, jam)).phase is Phase.WAITING


@in_one_loop
async def test_a_vote_whose_posting_seemed_to_fail_is_posted_once(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    await jam.wait(lambda m: "it is your turn" in m["content"])
    fault = stage.discord.faults.fail(503, "POST", f"{jam.place}/messages$", after=True)
    await jam.play(stage.ada, "rain")
    await until(stage, jam, lambda found: found.post("vote:1.1"))
    assert fault.times == 0
    assert len([m for m in jam.messages() if button(m, "take")]) == 1


@in_one_loop
async def test_a_jam_that_may_not_be_written_to_goes_on_by_its_buttons(stage: Stage) -> None:
    jam = await JamStage.started(stage.discord, stage.ada)
    board = await jam.board("it is up to")
    faults, place = stage.discord.faults, stage.discord.world.channels[jam.place]
    parent = stage.discord.world.channels[place.thread.parent_id]
    form = await stage.ada.press(board, button(board, "play"))
    faults.deny(Permission.SEND_MESSAGES_IN_THREADS, parent)
    try:
        await stage.ada.submit(form, {"direction": "rain"})
        found = await until(stage, jam, lambda found: found.phase is Phase.VOTING)
    finally:
        faults.allow(Permission.SEND_MESSAGES_IN_THREADS, parent)
    assert (found.timer.name, found.post("vote:1.1")) == ("vote", None)
