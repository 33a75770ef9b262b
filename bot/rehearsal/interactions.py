"""Interactions: what people do, told to the bot, which must answer within its time."""

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bot.rehearsal.command_rules import CHAT_INPUT
from bot.rehearsal.events import Events, FormOpened, InteractionCreated, InteractionFailed
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import Json, Refusal, unknown
from bot.rehearsal.world import Channel, Message, User, World

ACKNOWLEDGE_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0
_FAILED = {"en": "The application did not respond", "zh": "该应用未响应"}


class Kind(IntEnum):
    """What the person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass
class Interaction:
    """One act of a person and what the bot made of it."""

    id: str
    token: str
    kind: Kind
    user: User
    channel: Channel
    created: float
    command: str = ""
    command_type: int = CHAT_INPUT
    owners: Json = field(default_factory=dict)
    follow_ups: int = 0
    acked: bool = False
    error: str | None = None
    original: Message | None = None
    source: Message | None = None
    opened_by: "Interaction | None" = None
    modal: Json | None = None
    choices: list[Json] | None = None
    deferred: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    timer: asyncio.TimerHandle | None = None

    def stub(self) -> Json:
        """Return what messages tell about the interaction they answer."""
        about = {"id": self.id, "type": int(self.kind), "user_id": self.user.id}
        about |= {"name": self.command, "owners": self.owners}
        if self.kind is Kind.COMPONENT and self.source is not None:
            about["interacted_message_id"] = self.source.id
        return about | ({"opened_by": self.opened_by.stub()} if self.opened_by else {})

    def settle(self) -> None:
        """Note that the bot answered, or that its time is over."""
        if self.timer is not None:
            self.timer.cancel()
        self.settled.set()


class Interactions:
    """Starts interactions, keeps their time, and finds them again."""

    def __init__(
        self,
        world: World,
        events: Events,
        payloads: Payloads,
        acknowledge_seconds: float = ACKNOWLEDGE_SECONDS,
    ) -> None:
        self._world, self._events, self._payloads = world, events, payloads
        self._acknowledge_seconds = acknowledge_seconds
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def start(
        self,
        kind: Kind,
        user: User,
        channel: Channel,
        locale: str,
        data: Json,
        *,
        extra: Json | None = None,
        **fields: Any,
    ) -> Interaction:
        """Tell the bot what a person did and start its time; `fields` are the interaction's."""
        token = secrets.token_urlsafe(96)
        interaction = Interaction(
            self._world.snowflakes.next(), token, kind, user, channel, self._world.clock(), **fields
        )
        self._by_id[interaction.id] = self._by_token[token] = interaction
        loop = asyncio.get_running_loop()
        interaction.timer = loop.call_later(
            self._acknowledge_seconds, self._give_up, interaction, locale
        )
        payload = self._payloads.interaction(
            interaction.id, token, int(kind), user, channel, locale, data, interaction.owners
        )
        self._events.emit(InteractionCreated(payload | (extra or {})))
        return interaction

    def waiting(self, interaction_id: str, token: str) -> Interaction:
        """Return the interaction that may be acknowledged; raises `Refusal` 10062 or 40060."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.error:
            raise unknown("Interaction")
        age = self._world.clock() - interaction.created
        if interaction.acked and age <= TOKEN_SECONDS:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        if age > (TOKEN_SECONDS if interaction.acked else self._acknowledge_seconds):
            raise unknown("Interaction")
        return interaction

    def followed(self, token: str) -> Interaction:
        """Return the interaction for its webhook; raises `Refusal` 10015 or 50027."""
        interaction = self._by_token.get(token)
        if interaction is None or not interaction.acked:
            raise unknown("Webhook")
        if self._world.clock() - interaction.created > TOKEN_SECONDS:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        return interaction

    def open_form(self, interaction: Interaction, form: Json) -> None:
        """Show a person the form that the bot answered with."""
        interaction.modal = form
        self._events.emit(FormOpened(interaction.id, interaction.user, form))

    def find(self, interaction_id: str) -> Interaction | None:
        """Return an interaction by its id."""
        return self._by_id.get(interaction_id)

    def close(self) -> None:
        """Stop every timer."""
        for interaction in self._by_id.values():
            interaction.settle()

    def _give_up(self, interaction: Interaction, locale: str) -> None:
        interaction.error = _FAILED["zh" if locale.startswith("zh") else "en"]
        interaction.settle()
        # The client shows an empty list of choices then, and a form says it itself.
        if interaction.kind not in (Kind.AUTOCOMPLETE, Kind.MODAL):
            self._events.emit(
                InteractionFailed(interaction.id, interaction.user, interaction.error)
            )
