"""What the buttons and forms of jams do; who may is the core's to say."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import discord

from bot.attachments import AttachmentReader
from bot.clip_names import clip_name
from bot.incident import tell
from bot.jams.bandstand import Bandstand
from bot.jams.opening import Opening
from bot.locales import Phrases
from bot.refusal import Refusal
from bot.retrying import UNREACHABLE
from bot.ui.jam_buttons import JamPress
from bot.ui.jam_forms import ForkForm, TurnForm, WordsForm
from musicgen_core.errors import JamRefusal
from musicgen_core.jams import Ending, Jam, Mode, apply
from musicgen_core.jams import events as ev
from musicgen_core.storage import Storage

Action = Callable[[JamPress, discord.Interaction], Awaitable[None]]
UNDO_BY_VOTE = "undo_not_yours"
FOR_ANYBODY = "leave", "like"
"""What also those may do whom the server does not let use the bot."""


class JamPresses:
    """Answers presses of jams' buttons."""

    def __init__(
        self,
        bandstand: Bandstand,
        opening: Opening,
        storage: Storage,
        attachments: AttachmentReader,
        say: Callable[[discord.Interaction], Phrases],
    ) -> None:
        self._bandstand, self._opening = bandstand, opening
        self._jams, self._attachments, self._say = storage.jams, attachments, say
        self._actions: dict[str, Action] = {
            "join": partial(self._event, ev.Joined),
            "leave": partial(self._event, ev.Left),
            "pass": partial(self._of_turn, ev.Passed),
            "cancel": partial(self._of_turn, ev.CancelAsked),
            "play": self._play,
            "suggest": self._suggest,
            "undo": self._undo,
            "fork": self._fork,
            "finish": self._finish,
            "take": self._vote,
            "choose": self._vote,
            "words": self._vote,
            "like": self._like,
            "stems": self._stems,
        }

    async def press(self, press: JamPress, interaction: discord.Interaction) -> None:
        """Do what a button says.

        Raises:
            InvalidRequest: it cannot be done, or not by them.
        """
        if press.action not in self._actions:
            raise Refusal("unknown_button")
        self._bandstand.rooms.meet(interaction)
        if press.action not in FOR_ANYBODY:
            await self._opening.check_place(interaction)
        await self._actions[press.action](press, interaction)

    async def finish(self, jam_id: str, interaction: discord.Interaction, ending: Ending) -> None:
        """Ask for the mix; the interaction is acknowledged already."""
        event = ev.FinishAsked(**self._who(interaction), ending=ending)
        await self._bandstand.happen(jam_id, event)

    async def send_stems(self, jam: Jam, interaction: discord.Interaction) -> None:
        """Send a zip of everybody's parts; the interaction is acknowledged already.

        Raises:
            Refusal: nothing is played, or it is too large.
        """
        if jam.head is None:
            raise Refusal("jam_empty")
        names = await self._bandstand.rooms.names(jam, self._say(interaction))
        safe = {who: "".join(c if c.isalnum() else "-" for c in name)[:40] or "player"
                for who, name in names.items()}  # fmt: skip
        data = await self._bandstand.studio.stems(jam, safe, interaction.filesize_limit)
        if data is None:
            raise Refusal("stems_large")
        file = discord.File(io.BytesIO(data), clip_name(jam.title, "stems", "zip"))
        text = self._say(interaction)("jam.answer.stems")
        await interaction.followup.send(text, file=file, ephemeral=True)

    async def _event(
        self, kind: type[ev.Joined | ev.Left], press: JamPress, interaction: discord.Interaction
    ) -> None:
        await interaction.response.defer()
        await self._bandstand.happen(press.jam, kind(**self._who(interaction)))

    async def _of_turn(
        self,
        kind: type[ev.Passed | ev.CancelAsked],
        press: JamPress,
        interaction: discord.Interaction,
    ) -> None:
        await interaction.response.defer()
        event = kind(**self._who(interaction), turn=press.turn)
        await self._bandstand.happen(press.jam, event)

    async def _play(self, press: JamPress, interaction: discord.Interaction) -> None:
        jam = await self._jam(press.jam)
        # Tried without effect, so that nobody fills in a form in vain.
        apply(jam, ev.TurnAsked(**self._who(interaction), turn=press.turn))
        await self._opening.check_hour(interaction)
        form = TurnForm(self._say(interaction), partial(self._played, press))
        await interaction.response.send_modal(form)

    async def _played(
        self,
        press: JamPress,
        interaction: discord.Interaction,
        direction: str,
        clip: discord.Attachment | None,
        *,
        splice: bool,
    ) -> None:
        await self._opening.check_words(interaction, direction)
        await self._opening.check_hour(interaction)
        file = None
        if clip is not None:
            file = await self._bandstand.studio.keep(await self._attachments.read(clip))
        event = ev.TurnAsked(
            **self._who(interaction), turn=press.turn, direction=direction, clip=file,
            splice=splice and file is not None,
        )  # fmt: skip
        await self._bandstand.happen(press.jam, event)
        await self._done(interaction)

    async def _suggest(self, press: JamPress, interaction: discord.Interaction) -> None:
        jam = await self._jam(press.jam)
        apply(jam, ev.Suggested(**self._who(interaction), words="?"))
        if jam.mode is Mode.VOTE:  # whose words are chosen has the turn
            await self._opening.check_hour(interaction)
        form = WordsForm(self._say(interaction), partial(self._suggested, press))
        await interaction.response.send_modal(form)

    async def _suggested(
        self, press: JamPress, interaction: discord.Interaction, words: str
    ) -> None:
        await self._opening.check_words(interaction, words)
        event = ev.Suggested(**self._who(interaction), words=words)
        await self._bandstand.happen(press.jam, event)
        await self._done(interaction)

    async def _undo(self, press: JamPress, interaction: discord.Interaction) -> None:
        """Take the last part back; whoever may not alone has voted for it."""
        await interaction.response.defer()
        try:
            await self._bandstand.happen(press.jam, ev.Undone(**self._who(interaction)))
        except JamRefusal as exc:
            if exc.key != UNDO_BY_VOTE:
                raise
            await self._bandstand.happen(press.jam, ev.UndoVoted(**self._who(interaction)))
            await tell(interaction, self._say(interaction)("jam.answer.voted"))

    async def _fork(self, press: JamPress, interaction: discord.Interaction) -> None:
        jam = await self._jam(press.jam)
        if not jam.takes:
            raise Refusal("jam_empty")
        form = ForkForm(self._say(interaction), jam, partial(self._forked, press))
        await interaction.response.send_modal(form)

    async def _forked(
        self, press: JamPress, interaction: discord.Interaction, title: str, take: int
    ) -> None:
        jam = await self._jam(press.jam)
        child = await self._opening.fork(interaction, jam, title, take)
        await tell(interaction, self._say(interaction)("jam.answer.forked", place=child.place))

    async def _finish(self, press: JamPress, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await self.finish(press.jam, interaction, Ending.FADE)

    async def _vote(self, press: JamPress, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        who = self._who(interaction) | {"turn": press.turn}
        event: ev.Press
        match press.action:
            case "take":
                event = ev.TakeVoted(**who, candidate=press.choice)
            case "choose":
                event = ev.Chosen(**who, candidate=press.choice)
            case _:
                self._opening.require_open()
                event = ev.SuggestionVoted(**who, suggestion=press.choice)
        await self._bandstand.happen(press.jam, event)
        await tell(interaction, self._say(interaction)("jam.answer.voted"))

    async def _like(self, press: JamPress, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        liked, likes = await self._jams.like(press.jam, interaction.user.id)
        key = "jam.answer.liked" if liked else "jam.answer.unliked"
        await tell(interaction, self._say(interaction)(key, likes=likes))

    async def _stems(self, press: JamPress, interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.send_stems(await self._jam(press.jam), interaction)

    async def _jam(self, jam_id: str) -> Jam:
        jam = await self._jams.get(jam_id)
        if jam is None:
            raise JamRefusal("unknown")
        return jam

    def _who(self, interaction: discord.Interaction) -> dict[str, Any]:
        """Return what every press tells."""
        manager = interaction.permissions.manage_messages
        return {"at": self._bandstand.clock(), "by": interaction.user.id, "manager": manager}

    @staticmethod
    async def _done(interaction: discord.Interaction) -> None:
        """Withdraw the "thinking": the board tells the rest."""
        with contextlib.suppress(*UNREACHABLE):
            await interaction.delete_original_response()
