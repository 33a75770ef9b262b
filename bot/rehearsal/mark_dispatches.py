"""Reactions and pins as the gateway tells them."""

from bot.rehearsal.events import PinsChanged, ReactionAdded, ReactionRemoved, ReactionsCleared
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.place_payloads import moment
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import Channel, World


class MarkDispatches:
    """Names and payloads of these events; `Dispatches` knows who hears them."""

    def __init__(self, world: World, payloads: Payloads) -> None:
        self._world, self._payloads = world, payloads

    def pins(self, event: PinsChanged) -> tuple[str, Json]:
        """Return CHANNEL_PINS_UPDATE with the time of the newest pin."""
        channel = event.channel
        times = [m.pinned for m in self._world.messages[channel.id].values() if m.pinned]
        newest = moment(max(times)) if times else None
        return "CHANNEL_PINS_UPDATE", {
            "channel_id": channel.id,
            "last_pin_timestamp": newest,
        } | _guild(channel)

    def reaction(
        self, event: ReactionAdded | ReactionRemoved | ReactionsCleared, channel: Channel
    ) -> tuple[str, Json]:
        """Return MESSAGE_REACTION_ADD, _REMOVE, _REMOVE_ALL or _REMOVE_EMOJI."""
        place: Json = {"channel_id": channel.id, "message_id": event.message.id} | _guild(channel)
        if event.emoji is None:
            return "MESSAGE_REACTION_REMOVE_ALL", place
        place["emoji"] = {"id": None, "name": event.emoji}
        if isinstance(event, ReactionsCleared):
            return "MESSAGE_REACTION_REMOVE_EMOJI", place
        place |= {"user_id": event.user.id, "burst": False, "type": 0}
        if isinstance(event, ReactionRemoved):
            return "MESSAGE_REACTION_REMOVE", place
        member = self._world.member(event.user.id, channel)
        if member is not None:
            place["member"] = self._payloads.member(member)
        return "MESSAGE_REACTION_ADD", place | {"message_author_id": event.message.author.id}


def _guild(channel: Channel) -> Json:
    return {} if channel.guild_id is None else {"guild_id": channel.guild_id}
