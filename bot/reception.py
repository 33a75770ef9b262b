"""The reception: whether somebody may have what they wish, and the job that comes of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import discord
from discord.utils import format_dt

from bot.attachments import AttachmentReader
from bot.locales import format_seconds
from bot.musical_terms import in_known_terms
from bot.origin import Origin
from bot.refusal import Refusal
from bot.settings import Settings
from bot.ui.quoting import quote
from bot.wish import Wish
from musicgen_core.storage import ClipRecord, JobRecord, NewJob, ServerSettings
from musicgen_core.workshop import Workshop

MIN_SECONDS, MAX_SECONDS = 1, 30
MOST_VARIATIONS = 4
HOUR = timedelta(hours=1)
ANSWERABLE = 600.0
"""Seconds of work after which a command can surely be answered still; Discord gives 15 minutes."""


class Follower(Protocol):
    """Who sees a job through; Delivery is one."""

    def follow(self, job: JobRecord, origin: Origin) -> None:
        """See a job through in the background."""
        ...


class Reception:
    """Takes wishes, from wherever they come."""

    def __init__(
        self,
        settings: Settings,
        workshop: Workshop,
        attachments: AttachmentReader,
        delivery: Follower,
    ) -> None:
        self.settings, self._workshop = settings, workshop
        self._attachments, self._delivery = attachments, delivery

    async def order(
        self, origin: Origin, wish: Wish, clip: discord.Attachment | None = None
    ) -> JobRecord:
        """Accept a wish and see it through.

        Args:
            origin: who asks, and where.
            wish: what for.
            clip: a file that is to be continued.

        Raises:
            InvalidRequest: it cannot be made, or not here, or not for them.
            QueueFull: too much is waiting.
        """
        rules = await self.rules(origin.server_id)
        check_place(rules, origin)
        wish = self._checked(replace(wish, model=self.model(wish.model, rules)), rules)
        if not origin.here:
            self._check_answerable(wish)
        if clip is None and wish.parent_id is None and (wish.from_second or wish.hear_seconds):
            raise Refusal("no_clip_given")
        await self.check_hour(origin, rules, wish.variations)
        audio = await self._attachments.read(clip) if clip is not None else None
        values: dict[str, Any] = wish.values()
        new = NewJob(
            **values,
            person_id=origin.person_id,
            server_id=origin.server_id,
            channel_id=origin.channel_id,
            locale=await self.locale(origin, rules),
        )
        job = await self._workshop.accept(new, audio)
        self._delivery.follow(job, origin)
        return job

    async def rules(self, server_id: int | None) -> ServerSettings:
        """Return what a server has set; nothing in direct messages."""
        if server_id is None:
            return ServerSettings(0)
        return await self._workshop.storage.preferences.server(server_id)

    async def locale(self, origin: Origin, rules: ServerSettings) -> str:
        """Return the language of an answer for everyone: the person's own, else the server's."""
        own = await self._workshop.storage.preferences.person(origin.person_id)
        return own.language or rules.language or origin.locale

    @property
    def models(self) -> tuple[str, ...]:
        """What people may choose from; the bot's default is first."""
        return self._workshop.service.models

    def model(self, wanted: str | None, rules: ServerSettings) -> str | None:
        """Return the model that plays: the one wanted, the server's, or the bot's.

        None where there is only one: that is then no matter of anybody's choice.

        Raises:
            Refusal: there is no such model.
        """
        if wanted is not None and self.known(wanted) is None:
            known = ", ".join(map(quote, self.models))
            raise Refusal("unknown_model", name=quote(wanted), known=known)
        if len(self.models) == 1:
            return None
        return self.known(wanted) or self.known(rules.model) or self.models[0]

    def known(self, model: str | None) -> str | None:
        """Return a model's name as we write it; None: there is no such one, or not any more."""
        name = (model or "").strip().casefold()
        return next((known for known in self.models if known.casefold() == name), None)

    def onward(self, job: JobRecord, clip: ClipRecord) -> Wish:
        """Return a wish to go on from a clip; a model that has left gives way to the server's."""
        return replace(Wish.onward(job, clip), model=self.known(job.model))

    def longest(self, model: str | None = None) -> float:
        """Return the longest clip that a server may allow, None: of the bot's default model."""
        service = self._workshop.service
        info = service.info_of(service.model(model))
        # What was never loaded says itself, when it is, what is too long for it.
        return min(self.settings.max_seconds, info.max_seconds if info else MAX_SECONDS)

    def most_seconds(self, rules: ServerSettings, model: str | None = None) -> float:
        """Return the longest clip that may be asked for."""
        longest = self.longest(model)
        return min(longest, rules.longest_seconds or longest)

    def _checked(self, wish: Wish, rules: ServerSettings) -> Wish:
        """Return the wish with its length; refuse what is out of range."""
        limit = self.settings.max_prompt_chars
        if len(wish.prompt or "") > limit:
            raise Refusal("prompt_long", length=len(wish.prompt or ""), limit=limit)
        most = self.most_seconds(rules, wish.model)
        seconds = min(self.settings.default_seconds, most) if wish.seconds is None else wish.seconds
        if not MIN_SECONDS <= seconds <= most:
            raise Refusal("seconds_range", low=MIN_SECONDS, high=format_seconds(most))
        if not 1 <= wish.variations <= MOST_VARIATIONS:
            raise Refusal("variations_range", high=MOST_VARIATIONS)
        known = in_known_terms(wish)
        # What is blocked may be either, what they wrote or what it is called here.
        if word := blocked_word(wish, rules) or blocked_word(known, rules):
            raise Refusal("blocked_word", word=word)
        return replace(known, seconds=seconds)

    def _check_answerable(self, wish: Wish) -> None:
        """Refuse what a command could not be answered with any more: no other way leads there."""
        service = self._workshop.service
        speed = service.speed_of(service.model(wish.model))
        most = math.inf if speed is None else speed * ANSWERABLE / wish.variations
        if (wish.seconds or 0) > most:
            raise Refusal("seconds_brought_along", high=format_seconds(max(MIN_SECONDS, most)))

    async def check_hour(self, origin: Origin, rules: ServerSettings, clips: int) -> None:
        """Refuse what passes the clips that a person may ask for in an hour.

        The takes of a jam's turn, of which one is kept, count as one clip.

        Raises:
            Refusal: the text tells how many clips it may be.
        """
        limit = rules.clips_an_hour or self.settings.clips_an_hour
        if not limit:
            return
        if clips > limit:
            raise Refusal("variations_range", high=limit)
        since = datetime.now(UTC) - HOUR
        storage, who = self._workshop.storage, (origin.person_id, origin.server_id)
        turns = [(when, 1) for when in await storage.jams.turns_since(*who, since)]
        asked = sorted([*await storage.jobs.asked_since(*who, since), *turns])
        if room := room_again(asked, limit - clips):
            raise Refusal("hour_spent", limit=limit, when=format_dt(room, "R"))


def room_again(asked: Sequence[tuple[datetime, int]], most: int) -> datetime | None:
    """Return when at most `most` of the clips asked for are of the last hour; None: they are now.

    `asked` says when, the oldest first, and how many.
    """
    count = sum(clips for _, clips in asked)
    room = None
    for when, clips in asked:
        if count <= most:
            break
        count, room = count - clips, when + HOUR
    return room


def check_place(rules: ServerSettings, origin: Origin) -> None:
    """Refuse where the server does not want the bot used, or by whom it does not.

    Raises:
        Refusal: the text names the channels or roles that are wanted.
    """
    if rules.channels and not {origin.channel_id, origin.parent_id} & set(rules.channels):
        raise Refusal("wrong_channel", channels=" ".join(f"<#{c}>" for c in rules.channels))
    if rules.roles and not origin.roles & set(rules.roles):
        raise Refusal("wrong_role", roles=" ".join(f"<@&{r}>" for r in rules.roles))


def blocked_word(wish: Wish, rules: ServerSettings) -> str | None:
    """Return the first blocked word that is in a wish; whole words, in any case."""
    text = " ".join(filter(None, (wish.prompt, wish.style, wish.key)))
    for word in rules.blocked_words or ():
        # Chinese has no spaces between words: there a word counts wherever it stands.
        before, behind = (r"(?<!\w)", r"(?!\w)") if word.isascii() else ("", "")
        if re.search(f"{before}{re.escape(word)}{behind}", text, re.IGNORECASE):
            return word
    return None
