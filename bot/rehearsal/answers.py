"""How the bot answers interactions: the callback, and the webhook that follows it."""

from enum import IntEnum
from typing import Any

from bot.rehearsal.bodies import File
from bot.rehearsal.command_rules import CHAT_INPUT
from bot.rehearsal.form_rules import checked_form
from bot.rehearsal.interactions import Interaction, Interactions, Kind
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.postbox import REPLY, Postbox
from bot.rehearsal.refusals import FormErrors, Json, too_many_follow_ups, unknown
from bot.rehearsal.rules import Flag
from bot.rehearsal.world import DM, Message, World

FOLLOW_UPS_ELSEWHERE = 5
_COMMAND_MESSAGE, _MENU_MESSAGE = 20, 23


class Answer(IntEnum):
    """The types of callback."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


_FITTING = {
    Kind.COMMAND: {Answer.MESSAGE, Answer.DEFERRED_MESSAGE, Answer.MODAL},
    Kind.COMPONENT: set(Answer) - {Answer.AUTOCOMPLETE},
    Kind.AUTOCOMPLETE: {Answer.AUTOCOMPLETE},
    Kind.MODAL: set(Answer) - {Answer.AUTOCOMPLETE, Answer.MODAL},
}


class Answers:
    """Carries out what the bot answers; the channel's permissions do not bind interactions."""

    def __init__(
        self,
        world: World,
        payloads: Payloads,
        postbox: Postbox,
        interactions: Interactions,
    ) -> None:
        self._world, self._payloads = world, payloads
        self._postbox, self._interactions = postbox, interactions

    def callback(self, interaction_id: str, token: str, body: Any, files: list[File]) -> Json:
        """Acknowledge an interaction; a refused body leaves it unacknowledged."""
        interaction = self._interactions.waiting(interaction_id, token)
        body = body if isinstance(body, dict) else {}
        errors = FormErrors()
        errors.choice("type", body.get("type"), {int(kind) for kind in _FITTING[interaction.kind]})
        errors.raise_if_any()
        answer, data = Answer(body["type"]), body.get("data") or {}
        message = self._carry_out(interaction, answer, data, files)
        interaction.acked = True
        interaction.settle()
        told: Json = {"id": interaction.id, "type": int(interaction.kind)}
        if message is None:
            return {"interaction": told}
        told |= {
            "response_message_id": message.id,
            "response_message_loading": bool(message.flags & Flag.LOADING),
            "response_message_ephemeral": bool(message.flags & Flag.EPHEMERAL),
        }
        if answer not in (Answer.MESSAGE, Answer.UPDATE):
            return {"interaction": told}
        resource = {"type": int(answer), "message": self._payloads.message(message)}
        return {"interaction": told, "resource": resource}

    def _carry_out(
        self, interaction: Interaction, answer: Answer, data: Json, files: list[File]
    ) -> Message | None:
        match answer:
            case Answer.MESSAGE:
                interaction.original = self._respond(interaction, data, files)
            case Answer.DEFERRED_MESSAGE:
                interaction.original = self._postbox.thinking(
                    self._world.bot, interaction.channel, **self._how(interaction, data)
                )
                interaction.deferred = True
            case Answer.DEFERRED_UPDATE | Answer.UPDATE:
                interaction.original = interaction.source
                if answer is Answer.UPDATE and interaction.source is not None:
                    source = interaction.source
                    self._world.message(source.channel_id, source.id)
                    self._postbox.edit(source, data, files)
            case Answer.AUTOCOMPLETE:
                interaction.choices = _checked_choices(data)
            case Answer.MODAL:
                self._interactions.open_form(interaction, checked_form(data))
        return interaction.original

    def _how(self, interaction: Interaction, data: Json) -> Json:
        """Return how a response to this interaction is posted: to whom, as what."""
        kind = 0
        if interaction.kind is Kind.COMMAND:
            kind = _COMMAND_MESSAGE if interaction.command_type == CHAT_INPUT else _MENU_MESSAGE
        hidden = (data.get("flags") or 0) & Flag.EPHEMERAL or self._unwelcome(interaction)
        reply_to = interaction.source and (interaction.source.channel_id, interaction.source.id)
        return {
            "type": kind,
            "visible_to": interaction.user.id if hidden else None,
            "webhook_id": self._world.bot.id,
            "interaction": interaction.stub(),
            "reply_to": reply_to,
        }

    def _unwelcome(self, interaction: Interaction) -> bool:
        """Tell whether a person brought the bot where they may not show it to others."""
        user, channel = interaction.user.id, interaction.channel
        welcome = self._world.may(user, channel, Permission.USE_EXTERNAL_APPS)
        return "0" not in interaction.owners and channel.type != DM and not welcome

    def _respond(self, interaction: Interaction, data: Json, files: list[File]) -> Message:
        return self._postbox.post(
            self._world.bot, interaction.channel, data, files, **self._how(interaction, data)
        )

    def follow_up(self, token: str, body: Any, files: list[File]) -> Message:
        """Post a follow-up; the first one after a deferral fills in the deferred message."""
        interaction = self._interactions.followed(token)
        data: Json = body if isinstance(body, dict) else {}
        if interaction.deferred and interaction.original is not None:
            interaction.deferred = False
            if interaction.original.flags & Flag.LOADING:
                return self._postbox.edit(interaction.original, data, files)
        if "0" not in interaction.owners and interaction.follow_ups >= FOLLOW_UPS_ELSEWHERE:
            raise too_many_follow_ups()
        how = self._how(interaction, data)
        original = interaction.original
        if original is not None:
            how["reply_to"] = (original.channel_id, original.id)
            how["interaction"] |= {"original_response_message_id": original.id}
        message = self._postbox.post(
            self._world.bot, interaction.channel, data, files, **(how | {"type": REPLY})
        )
        interaction.follow_ups += 1
        return message

    def find(self, token: str, which: str) -> Message:
        """Return a message of an interaction, `@original` or by id; raises `Refusal`."""
        interaction = self._interactions.followed(token)
        if which == "@original":
            which = interaction.original.id if interaction.original else ""
        message = self._world.messages.get(interaction.channel.id, {}).get(which)
        if message is None or message.webhook_id is None:
            raise unknown("Message")
        return message

    def edit(self, token: str, which: str, body: Any, files: list[File]) -> Message:
        """Edit a message of an interaction."""
        message = self.find(token, which)
        return self._postbox.edit(message, body if isinstance(body, dict) else {}, files)

    def delete(self, token: str, which: str) -> None:
        """Delete a message of an interaction."""
        self._postbox.delete(self.find(token, which))


def _checked_choices(data: Json) -> list[Json]:
    errors = FormErrors()
    choices = errors.count("data.choices", data.get("choices"), 25)
    for index, choice in enumerate(choices):
        errors.length(f"data.choices.{index}.name", choice.get("name"), 1, 100)
    errors.raise_if_any()
    return choices
