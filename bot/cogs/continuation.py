"""Continuing a clip: from its menu, or by replying to it with a mention of the bot."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.answered import Answered, sound_of
from bot.incident import log_incident
from bot.locales import ENGLISH, Phrases, phrases
from bot.origin import Origin
from bot.reception import Reception
from bot.refusal import Refusal, sentence
from bot.retrying import UNREACHABLE
from bot.spoken import spoken_wish
from bot.ui.forms import ContinueForm
from bot.wish import Wish
from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import Storage

log = logging.getLogger(__name__)

MENU = "command.continue.menu"


class Continuation(commands.Cog):
    """Goes on where a clip ends, or anywhere in it."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        reception: Reception,
        storage: Storage,
        say: Callable[[discord.Interaction], Phrases],
        locale: str,
        suggested: Callable[[discord.Message], Awaitable[bool]],
    ) -> None:
        self._bot, self._reception, self._suggested = bot, reception, suggested
        self._answered = Answered(bot, reception, storage)
        self._say, self._locale = say, locale
        # Context menus cannot be declared inside a class.
        self._menu = app_commands.ContextMenu(
            name=locale_str(phrases(ENGLISH)(MENU), key=MENU), callback=self.continue_this
        )
        self._menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
        self._menu.allowed_contexts = app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        )

    async def cog_load(self) -> None:
        """Add the menu."""
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def continue_this(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Ask what comes next; the message may be anybody's."""
        say = self._say(interaction)
        parent = await self._answered.parent(message)
        sound = None if parent else sound_of(message)
        if parent is None and sound is None:
            raise Refusal("no_sound_here")

        async def take(answered: discord.Interaction, wish: Wish) -> None:
            origin = Origin.of_interaction(answered, self._locale)
            await self._reception.order(origin, wish, sound)

        length = sound.duration if sound is not None else None
        form = ContinueForm(say, parent or Wish(), take, length)
        await interaction.response.send_modal(form)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take a mention as a wish; a reply to a clip, or a file, as what is continued.

        Where a jam asks for words, they are a suggestion to it.
        """
        me = self._bot.user
        if me is None or message.author.bot or message.is_system():  # a pin, somebody who joined
            return
        if not self._is_meant(message, me):
            return
        origin = Origin.of_message(message, self._locale)
        try:
            if not names_sound(message) and await self._suggested(message):
                return
            wish, sound = await self._asked(message, origin)
            await self._reception.order(origin, wish, sound)
        except Exception as exc:  # noqa: BLE001 - an event's root; ours is logged
            await apologize(message, exc, phrases(await self._language(origin)))

    async def _language(self, origin: Origin) -> str:
        """Return the language of a refusal, which is the one that the clip would have had."""
        try:
            rules = await self._reception.rules(origin.server_id)
            return await self._reception.locale(origin, rules)
        except StorageUnavailable as exc:
            log.warning("Nobody's preferences can be read: %s", exc)
            return origin.locale

    def _is_meant(self, message: discord.Message, me: discord.ClientUser) -> bool:
        """Whether a message is for the bot: it names it, or is written to it alone.

        A reply to one of its messages names it unless its author has turned the mention off; then
        Discord shows the bot no word of it.
        """
        return message.guild is None or any(user.id == me.id for user in message.mentions)

    async def _asked(
        self, message: discord.Message, origin: Origin
    ) -> tuple[Wish, discord.Attachment | None]:
        """Return what somebody asks for in their own words, and the file that is continued.

        Raises:
            Refusal: they ask for nothing, or Discord does not show the clip that they mean.
        """
        wish = spoken_wish(message.content)
        own = sound_of(message)
        if own is not None:
            return wish, own
        answered = await self._answered.message(message)
        if answered is not None:
            if parent := await self._answered.parent(answered):
                return parent.adding(wish), None
            if sound := sound_of(answered):
                return wish, sound
            if not self._answered.is_ours(answered):
                language = await self._language(origin)
                raise Refusal("hidden_clip", menu=phrases(language)(MENU))
        if wish.prompt is None and wish.seconds is None:
            raise Refusal("nothing_asked")
        return wish, None


def names_sound(message: discord.Message) -> bool:
    """Whether a message brings a sound, or replies to one that does."""
    answered = message.reference.resolved if message.reference else None
    if isinstance(answered, discord.Message) and sound_of(answered) is not None:
        return True
    return sound_of(message) is not None


async def apologize(message: discord.Message, error: Exception, say: Phrases) -> None:
    """Answer a message that could not be granted, in one sentence that pings nobody."""
    text = sentence(error, say)
    if text is None:
        text = say("refusal.apology", id=log_incident("A message failed", error))
    try:
        await message.reply(text, mention_author=False)
    except UNREACHABLE as exc:
        log_incident("Nobody could be told of a failure", exc)
