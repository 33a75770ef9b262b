"""How a jam comes into the world: a thread of its own, or the channel where there are none."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace

import discord

from bot.jams.bandstand import Bandstand
from bot.locales import format_seconds
from bot.origin import Origin
from bot.reception import Reception, blocked_word, check_place
from bot.refusal import Refusal
from bot.wish import Wish
from musicgen_core.jams import Curve, Jam, JamSettings, Mode, Model, Seam, apply, begin
from musicgen_core.jams.events import Forked
from musicgen_core.storage import ServerSettings
from musicgen_core.workshop import Workshop, draw_seed

log = logging.getLogger(__name__)

LONGEST_NAME = 100
"""Of a thread."""
SEAM = Seam(0.01, Curve.LINEAR)
"""A part begins with the track's own end: two versions of the same sound."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A jam as somebody wants it."""

    title: str
    prompt: str
    settings: JamSettings
    model: Model


class Opening:
    """Begins jams and forks, where their people may have them."""

    def __init__(
        self, bandstand: Bandstand, reception: Reception, workshop: Workshop, locale: str
    ) -> None:
        self._bandstand, self._reception = bandstand, reception
        self._workshop, self._locale = workshop, locale

    async def start(
        self,
        interaction: discord.Interaction,
        title: str,
        prompt: str,
        seconds: float,
        mode: Mode,
        model: str | None = None,
        takes: int | None = None,
        hear_seconds: float | None = None,
    ) -> Jam:
        """Begin a jam in a thread of its own, played by one model, else by the server's.

        Raises:
            Refusal: not here, not by them, not so long, or not by such a model.
            JamRefusal: its words are too long.
        """
        rules = await self._reception.rules(interaction.guild_id)
        model = self._reception.model(model, rules)
        most = self._reception.most_seconds(rules, model)
        if seconds > most:
            raise Refusal("seconds_range", low=2, high=format_seconds(most))
        usual = self._reception.settings
        settings = JamSettings(
            mode=mode, seconds_per_turn=seconds, longest_seconds=self._longest(rules), seam=SEAM,
            candidates=takes or usual.jam_takes, vote_seconds=usual.jam_vote_seconds,
            hear_seconds=hear_seconds or usual.jam_hear_seconds,
        )  # fmt: skip
        plays = self._bandstand.studio.model(model)
        jam = await self._planned(interaction, Plan(title, prompt, settings, plays))
        return await self._bandstand.begin(jam)

    async def fork(
        self, interaction: discord.Interaction, parent: Jam, title: str, take: int
    ) -> Jam:
        """Begin a jam with a take of another.

        Raises:
            Refusal: not here, or not by them.
            JamRefusal: there is no such take, or they may not.
        """
        event = Forked(at=self._bandstand.clock(), by=interaction.user.id, take=take, child="")
        apply(parent, event)  # refused before there is a thread
        rules = await self._reception.rules(interaction.guild_id)
        settings = replace(parent.settings, longest_seconds=self._longest(rules))
        plays = self._bandstand.studio.model_of(parent)
        plan = Plan(title, parent.prompt, settings, plays)
        child = await self._planned(interaction, plan)
        event = replace(event, child=child.id)
        return (await self._bandstand.fork(parent.id, event, child)).child.jam

    def require_open(self) -> None:
        """Refuse what has something made, while nothing new is taken.

        Raises:
            InvalidRequest: the text says that it is for now.
        """
        self._workshop.require_open()

    async def check_place(self, interaction: discord.Interaction) -> None:
        """Refuse where the server does not want the bot used, or by whom it does not.

        Raises:
            Refusal: the text names the channels or roles that are wanted.
        """
        rules = await self._reception.rules(interaction.guild_id)
        check_place(rules, Origin.of_interaction(interaction, self._locale))

    async def check_hour(self, interaction: discord.Interaction) -> None:
        """Refuse a turn to who has had the clips that one may ask for in an hour.

        Raises:
            Refusal: the text tells how many.
        """
        rules = await self._reception.rules(interaction.guild_id)
        origin = Origin.of_interaction(interaction, self._locale)
        await self._reception.check_hour(origin, rules, 1)

    async def check_words(self, interaction: discord.Interaction, words: str) -> None:
        """Refuse words that the server does not want, and all while nothing new is taken.

        Raises:
            InvalidRequest: the text names the word, or says that it is for now.
        """
        self.require_open()
        rules = await self._reception.rules(interaction.guild_id)
        if word := blocked_word(Wish(prompt=words), rules):
            raise Refusal("blocked_word", word=word)

    def _longest(self, rules: ServerSettings) -> float:
        """Return the seconds that a track may have there."""
        return rules.jam_seconds or self._reception.settings.jam_seconds

    async def _planned(self, interaction: discord.Interaction, plan: Plan) -> Jam:
        """Return a jam that has its place."""
        await self.check_place(interaction)
        await self.check_words(interaction, f"{plan.title} {plan.prompt}")

        def planned(place: int | None) -> Jam:
            return begin(
                id=uuid.uuid4().hex, title=plan.title, prompt=plan.prompt,
                owner=interaction.user.id, settings=plan.settings, seed=draw_seed(),
                at=self._bandstand.clock(), server=interaction.guild_id, place=place,
                model=plan.model,
            )  # fmt: skip

        planned(None)  # refused before there is a thread
        return planned(await self._place(interaction, plan.title))

    async def _place(self, interaction: discord.Interaction, title: str) -> int:
        """Start a thread and return its id, else that of where the person is.

        Raises:
            Refusal: the bot may not write or send files there, or a jam is there already.
        """
        here, may = interaction.channel, interaction.app_permissions
        _require(may, "attach_files")
        channel = here.parent if isinstance(here, discord.Thread) else here
        threads = may.create_public_threads and may.send_messages_in_threads
        if threads and isinstance(channel, discord.TextChannel):
            name = " ".join(title.split())[:LONGEST_NAME] or "jam"
            try:
                thread = await channel.create_thread(
                    name=name, type=discord.ChannelType.public_thread
                )
            except discord.HTTPException as exc:  # there may be too many threads, too
                log.info("Channel %s takes no thread: %s", channel.id, exc)
            else:
                return thread.id
        inside = isinstance(here, discord.Thread)
        _require(may, "send_messages_in_threads" if inside else "send_messages")
        place = interaction.channel_id or 0
        if await self._workshop.storage.jams.in_place(place) is not None:
            raise Refusal("jam_here")
        return place


def _require(may: discord.Permissions, permission: str) -> None:
    """Refuse a jam that could show nothing.

    Raises:
        Refusal: the text names the permission that the bot lacks.
    """
    if not getattr(may, permission):
        raise Refusal(f"jam_needs_{permission}")
