"""What Discord refuses bots: permissions, sizes, forms, and things that are not there."""

from typing import Any

import discord
import pytest
from small_bot import WAV, SmallBot, eventually, wav_file

from bot.rehearsal.permissions import Permission
from bot.rehearsal.server import Rehearsal

MEBIBYTE = 1 << 20


async def refused(awaitable: Any) -> discord.HTTPException:
    with pytest.raises(discord.HTTPException) as caught:
        await awaitable
    return caught.value


def status_and_code(error: discord.HTTPException) -> tuple[int, int]:
    return error.status, error.code


async def test_attaching_needs_its_permission_and_only_attaching(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    studio = discord_.person("Ada").channel("studio")
    discord_.faults.deny(Permission.ATTACH_FILES, studio)
    error = await refused(bot.studio().send("music", file=wav_file()))
    assert status_and_code(error) == (403, 50013)
    await bot.studio().send("words alone")
    discord_.faults.allow(Permission.ATTACH_FILES, studio)
    assert (await bot.studio().send("music", file=wav_file())).attachments


async def test_the_bot_hears_that_a_permission_was_taken(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    discord_.faults.deny(Permission.ATTACH_FILES, discord_.person("Ada").channel("studio"))
    await eventually(lambda: not bot.studio().permissions_for(bot.studio().guild.me).attach_files)


@pytest.mark.parametrize(
    ("taken", "expected"),
    [(Permission.SEND_MESSAGES, (403, 50013)), (Permission.VIEW_CHANNEL, (403, 50001))],
)
async def test_posting_needs_to_see_and_to_send(
    bot: SmallBot, discord_: Rehearsal, taken: Permission, expected: tuple[int, int]
) -> None:
    discord_.faults.deny(taken, discord_.person("Ada").channel("studio"))
    assert status_and_code(await refused(bot.studio().send("hello"))) == expected


async def test_a_file_of_ten_mebibytes_passes_and_one_byte_more_does_not(
    bot: SmallBot,
) -> None:
    posted = await bot.studio().send(file=wav_file(content=bytes(10 * MEBIBYTE)))
    assert posted.attachments[0].size == 10 * MEBIBYTE
    error = await refused(bot.studio().send(file=wav_file(content=bytes(10 * MEBIBYTE + 1))))
    assert status_and_code(error) == (413, 40005)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ({"content": "x" * 2001}, "content: Must be 2000 or fewer in length."),
        ({"embed": discord.Embed(title="x" * 257)}, "embeds.0.title: Must be 256"),
        ({"embed": discord.Embed(description="x" * 4097)}, "embeds.0.description: Must be 4096"),
        (
            {"embeds": [discord.Embed(description="x" * 3001)] * 2},
            "embeds: Embed size exceeds maximum size of 6000",
        ),
        (
            {"embed": discord.Embed().add_field(name="n", value="x" * 1025)},
            "embeds.0.fields.0.value: Must be 1024",
        ),
        ({"content": "x", "nonce": "n" * 26}, "nonce: Must be 25"),
        (
            {"content": "x", "reference": discord.MessageReference(message_id=7, channel_id=8)},
            "Invalid Form Body",
        ),
    ],
    ids=["content", "title", "description", "sum", "field", "nonce", "reference"],
)
async def test_a_form_beyond_its_limits_is_refused_with_the_place(
    bot: SmallBot, message: dict[str, Any], fault: str
) -> None:
    if "reference" in message:
        message["reference"].channel_id = bot.studio().id
    error = await refused(bot.studio().send(**message))
    assert status_and_code(error) == (400, 50035)
    assert fault in str(error).replace("\nIn ", " ")


BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "same"}


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ([BUTTON, BUTTON], "components.0.components.1.custom_id"),
        ([BUTTON | {"label": "x" * 81}], "components.0.components.0.label"),
        ([BUTTON | {"custom_id": "x" * 101}], "components.0.components.0.custom_id"),
        ([BUTTON | {"custom_id": str(n)} for n in range(6)], "components.0.components"),
        ([], "components.0.components"),
        ([{"type": 2, "style": 5, "label": "no url"}], "components.0.components.0.url"),
    ],
)
async def test_components_are_held_to_their_limits(
    bot: SmallBot, row: list[dict[str, Any]], place: str
) -> None:
    route = discord.http.Route("POST", "/channels/{c}/messages", c=bot.studio().id)
    body = {"content": "x", "components": [{"type": 1, "components": row}]}
    error = await refused(bot.http.request(route, json=body))
    assert status_and_code(error) == (400, 50035)
    assert f"In {place}:" in error.text


@pytest.mark.parametrize("content", ["", "   "])
async def test_an_empty_message_is_refused(bot: SmallBot, content: str) -> None:
    assert status_and_code(await refused(bot.studio().send(content))) == (400, 50006)


async def test_what_is_not_there_is_unknown(bot: SmallBot) -> None:
    studio = bot.studio()
    assert (await refused(studio.fetch_message(5))).code == 10008
    assert (await refused(bot.fetch_channel(5))).code == 10003
    assert (await refused(bot.fetch_user(5))).code == 10013
    assert (await refused(studio.guild.fetch_member(5))).code == 10007
    assert (await refused(bot.fetch_guild(5))).code == 10004


async def test_an_unknown_route_is_recorded(discord_: Rehearsal, bot: SmallBot) -> None:
    error = await refused(bot.http.request(discord.http.Route("GET", "/sticker-packs")))
    assert error.status == 404
    (unknown,) = discord_.unknown_routes
    assert (unknown.method, unknown.path) == ("GET", "/sticker-packs")
    discord_.unknown_routes.clear()


async def test_a_post_repeated_with_its_nonce_appears_once(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    first = await bot.studio().send("once", nonce="n1", file=wav_file())
    second = await bot.studio().send("once", nonce="n1", file=wav_file())
    other = await bot.studio().send("once", nonce="n2")
    assert first.id == second.id != other.id
    assert len(discord_.person("Ada").messages()) == 2


async def test_a_reply_to_what_is_gone_fails_unless_told_not_to(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    gone = await bot.studio().send("soon gone")
    await gone.delete()
    error = await refused(bot.studio().send("re", reference=gone))
    assert status_and_code(error) == (400, 50035)
    posted = await bot.studio().send("re", reference=gone.to_reference(fail_if_not_exists=False))
    assert posted.reference is None


async def test_a_reply_carries_the_message_it_replies_to(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    asked = await discord_.person("Ada").send("a tune, please")
    await eventually(lambda: bot.heard)
    posted = await bot.heard[0].reply("here", mention_author=False)
    (_, reply) = discord_.person("Ada").messages()
    assert reply["type"] == 19
    assert reply["referenced_message"]["content"] == "a tune, please"
    assert reply["message_reference"]["message_id"] == asked["id"]
    assert posted.mentions == []


@pytest.mark.parametrize(
    ("allowed", "mentioned"),
    [
        (None, ["Ada", "Grace"]),
        (discord.AllowedMentions.none(), []),
        (discord.AllowedMentions(users=True), ["Ada", "Grace"]),
        ("Grace alone", ["Grace"]),
    ],
)
async def test_only_allowed_mentions_mention(
    bot: SmallBot, discord_: Rehearsal, allowed: Any, mentioned: list[str]
) -> None:
    ada, grace = discord_.person("Ada"), discord_.person("Grace")
    if allowed == "Grace alone":
        allowed = discord.AllowedMentions(users=[discord.Object(int(grace.id))])
    text = f"<@{ada.id}> and <@!{grace.id}> @everyone"
    posted = await bot.studio().send(text, allowed_mentions=allowed)
    assert [user.display_name for user in posted.mentions] == mentioned
    assert not posted.mention_everyone


async def test_an_edit_keeps_removes_and_adds_attachments(bot: SmallBot) -> None:
    message = await bot.studio().send("two", files=[wav_file("a.wav"), wav_file("b.wav")])
    edited = await message.edit(content="still two")
    assert [a.filename for a in edited.attachments] == ["a.wav", "b.wav"]
    edited = await message.edit(attachments=[edited.attachments[1], wav_file("c.wav", b"new")])
    assert [a.filename for a in edited.attachments] == ["b.wav", "c.wav"]
    assert await edited.attachments[0].read() == WAV
    assert await edited.attachments[1].read() == b"new"
    assert edited.edited_at is not None
    assert (await message.edit(attachments=[])).attachments == []


async def test_an_attachment_keeps_its_description_and_gets_a_safe_name(bot: SmallBot) -> None:
    file = discord.File(wav_file().fp, "my song?/é.wav", description="a song")
    (attachment,) = (await bot.studio().send(file=file)).attachments
    assert attachment.description == "a song"
    assert attachment.filename == "é.wav"


async def test_others_messages_are_neither_edited_nor_deleted(
    bot: SmallBot, discord_: Rehearsal
) -> None:
    posted = await discord_.person("Ada").send("mine")
    message = bot.studio().get_partial_message(int(posted["id"]))
    assert status_and_code(await refused(message.edit(content="yours"))) == (403, 50005)
    assert status_and_code(await refused(message.delete())) == (403, 50013)
    discord_.faults.allow(Permission.MANAGE_MESSAGES, discord_.person("Ada").channel("studio"))
    await message.delete()
    assert discord_.person("Ada").messages() == []


async def test_closed_direct_messages_are_refused(bot: SmallBot, discord_: Rehearsal) -> None:
    grace = discord_.person("Grace")
    discord_.faults.close_dms(grace.user)
    user = await bot.fetch_user(int(grace.id))
    assert status_and_code(await refused(user.send("psst"))) == (403, 50007)


async def test_history_is_read_newest_first_between_its_bounds(bot: SmallBot) -> None:
    sent = [await bot.studio().send(str(number)) for number in range(4)]
    history = [m.content async for m in bot.studio().history(limit=2)]
    assert history == ["3", "2"]
    between = bot.studio().history(after=sent[0], before=sent[3])
    assert sorted([m.content async for m in between]) == ["1", "2"]
