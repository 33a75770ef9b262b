"""What a jam posts: votes, tracks, the finished piece, and what happened."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from bot.clip_names import clip_name
from bot.jams.boards import track_file
from bot.jams.rooms import Rooms, pings
from bot.locales import Phrases
from bot.retrying import nonce, persistently
from bot.ui import jam_words
from bot.ui.jam_buttons import mix_view, numbers, vote_view, words_view
from musicgen_core.errors import MusicGenError
from musicgen_core.jams import Jam
from musicgen_core.jams.effects import (
    Announce,
    AskChoice,
    AskVote,
    Effect,
    PostMix,
    PostTrack,
    ShowSuggestions,
)
from musicgen_core.studio import Bench, Studio

log = logging.getLogger(__name__)

MakeFile = Callable[[], discord.File]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is posted."""

    text: str
    view: ui.View | None = None
    files: tuple[MakeFile, ...] = ()
    """What makes each file: one is used up by a try to send it."""
    pinged: tuple[int | None, ...] = field(default=())


class Posts:
    """Writes the messages of jams; none is posted twice, whatever dies meanwhile."""

    def __init__(self, rooms: Rooms, studio: Studio, bench: Bench) -> None:
        self._rooms, self._studio, self._bench = rooms, studio, bench

    async def announce(self, jam: Jam, said: Sequence[Announce]) -> None:
        """Say what happened, in one message; who has to do something is pinged."""
        say = await self._rooms.say(jam)
        called = tuple(int(str(one.fields["who"])) for one in said if one.key == "your_turn")
        text = jam_words.news_text(said, say)
        await self._send(jam, said[0].id, Letter(text, pinged=called))

    async def post(self, jam: Jam, effect: Effect) -> int:
        """Post or edit what an effect asks for; return its message.

        Raises:
            MusicGenError: it could not be made.
            discord.HTTPException: Discord does not take it.
        """
        say = await self._rooms.say(jam)
        if isinstance(effect, ShowSuggestions):
            return await self._show_suggestions(jam, effect, say)
        return await self._send(jam, effect.id, await self._letter(jam, effect, say))

    async def _letter(self, jam: Jam, effect: Effect, say: Phrases) -> Letter:
        match effect:
            case AskVote():
                made = await self._studio.previews(
                    jam, effect.candidates, self._rooms.filesize_limit(jam)
                )
                named = zip(numbers(effect.candidates), made, strict=True)
                files = tuple(_file(data, f"{n}.{kind.lower()}") for n, (kind, data) in named)
                view = vote_view(jam, "take", effect.turn, numbers(effect.candidates), say)
                return Letter(jam_words.vote_text(jam, say), view, files)
            case AskChoice():
                view = vote_view(jam, "choose", effect.turn, effect.choices, say)
                text = say("jam.vote.tie", who=effect.player)
                return Letter(text, view, pinged=(effect.player,))
            case PostTrack():
                return await self._track(jam, effect.take, say)
            case PostMix():
                return await self._mix(jam, say)
        raise TypeError(f"{effect} is not posted")

    async def _track(self, jam: Jam, take: int, say: Phrases) -> Letter:
        found = await self._studio.track(jam, take, self._rooms.filesize_limit(jam))
        if found is None:
            return Letter(say("jam.too_large"))
        kind, data = found
        file = _file(data, clip_name(jam.title, take, kind))
        return Letter(jam_words.track_text(jam, take, say), None, (file,))

    async def _mix(self, jam: Jam, say: Phrases) -> Letter:
        text, files = jam_words.mix_text(jam, say), []
        found = None
        if jam.mix is not None:
            found = await self._studio.mixed(jam, jam.mix, self._rooms.filesize_limit(jam))
        if found is None:
            text += "\n" + say("jam.too_large")
        else:
            kind, data = found
            files.append(_file(data, clip_name(jam.title, "mix", kind)))
        try:
            cover = await track_file(self._rooms, self._studio, self._bench, jam, say)
            files.append(_file(cover.fp.read(), "cover.png", cover.description))
        except MusicGenError as exc:
            log.warning("Jam %s has no cover: %s", jam.id, exc)
        return Letter(text, mix_view(jam, say), tuple(files))

    async def _show_suggestions(self, jam: Jam, effect: ShowSuggestions, say: Phrases) -> int:
        votes = jam.turn.wishes if jam.turn else ()
        text = jam_words.words_text(effect.turn, effect.suggestions, votes, say)
        view = words_view(jam, effect.turn, effect.suggestions, say)
        known = jam.post(effect.post)
        if known is None:
            return await self._send(jam, f"{jam.id}:{effect.post}", Letter(text, view))
        message = self._rooms.channel(jam).get_partial_message(known)
        none = discord.AllowedMentions.none()
        await persistently(lambda: message.edit(content=text, view=view, allowed_mentions=none))
        return known

    async def _send(self, jam: Jam, effect_id: str, letter: Letter) -> int:
        channel, options = self._rooms.channel(jam), dict[str, Any]()
        if letter.view is not None:
            options["view"] = letter.view
        sent: discord.Message = await persistently(
            lambda: channel.send(
                letter.text,
                files=[make() for make in letter.files],
                nonce=nonce(effect_id),
                allowed_mentions=pings(letter.pinged),
                suppress_embeds=True,
                **options,
            )
        )
        return sent.id


def _file(data: bytes, name: str, about: str | None = None) -> MakeFile:
    return lambda: discord.File(io.BytesIO(data), name, description=about)
