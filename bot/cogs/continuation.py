"""Continuing a clip: from its menu, or by replying to it with a mention of the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.incident import log_incident
from bot.locales import ENGLISH, Phrases, phrases
from bot.origin import Origin
from bot.reception import Reception
from bot.refusal import Refusal, sentence
from bot.retrying import UNREACHABLE
from bot.spoken import spoken_wish
from bot.ui.buttons import targets_of
from bot.ui.forms import ContinueForm
from bot.wish import Wish
from musicgen_core.storage import Storage

AUDIO = ("audio/", "video/ogg", "application/ogg")
"""What Discord calls files that hold sound; what they really hold is looked at later."""
SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".mp3", ".aiff", ".aif")
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
        self._bot, self._reception, self._storage = bot, reception, storage
        self._say, self._locale, self._suggested = say, locale, suggested
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
        parent = await self._parent(message)
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
        if message.author.bot or me is None or not self._is_meant(message, me):
            return
        origin = Origin.of_message(message, self._locale)
        try:
            if not names_sound(message) and await self._suggested(message):
                return
            wish, sound = await self._asked(message, origin)
            await self._reception.order(origin, wish, sound)
        except Exception as exc:  # noqa: BLE001 - an event's root; ours is logged
            await apologize(message, exc, phrases(origin.locale))

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
            Refusal: Discord does not show the clip that they mean.
        """
        wish = spoken_wish(message.content)
        own = sound_of(message)
        if own is not None:
            return wish, own
        answered = await self._answered(message)
        if answered is None:
            if wish.prompt is None and wish.seconds is None:
                raise Refusal("nothing_asked")
            return wish, None
        if parent := await self._parent(answered):
            said = [text for text in (parent.prompt, wish.prompt) if text]
            words = ", ".join(said) or None
            more = replace(wish, prompt=words, parent_id=parent.parent_id, model=parent.model)
            return more, None
        sound = sound_of(answered)
        if sound is None:
            raise Refusal("hidden_clip", menu=phrases(origin.locale)(MENU))
        return wish, sound

    async def _answered(self, message: discord.Message) -> discord.Message | None:
        """Return the message that this one replies to, if it is one that is still there."""
        reference = message.reference
        if reference is None or reference.message_id is None:
            return None
        if isinstance(reference.resolved, discord.Message):
            return reference.resolved
        try:
            return await message.channel.fetch_message(reference.message_id)
        except UNREACHABLE:
            return None

    async def _parent(self, message: discord.Message) -> Wish | None:
        """Return a wish to continue a clip of ours; None: the message is not one of our results."""
        me = self._bot.user
        if me is None or message.author.id != me.id:
            return None
        clip = await self._storage.clips.get(targets_of(message).get("continue", ""))
        if clip is None or clip.deleted is not None:
            return None
        job = await self._storage.jobs.get(clip.job_id)
        if job is None:
            return Wish(parent_id=clip.id)
        model = self._reception.known(job.model)
        return Wish(prompt=job.prompt, model=model, parent_id=clip.id)


def sound_of(message: discord.Message) -> discord.Attachment | None:
    """Return the first attachment that may hold sound."""
    for attachment in message.attachments:
        kind = attachment.content_type or ""
        if kind.startswith(AUDIO) or attachment.filename.lower().endswith(SUFFIXES):
            return attachment
    return None


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
