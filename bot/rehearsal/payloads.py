"""Everything as the JSON that Discord sends; messages as each reader may see them."""

from bot.rehearsal.cdn import Cdn, content_type
from bot.rehearsal.place_payloads import PlacePayloads, moment
from bot.rehearsal.refusals import Json
from bot.rehearsal.rules import Flag
from bot.rehearsal.world import DM, Attachment, Message, World


class Payloads(PlacePayloads):
    """Adds messages and their files, whose addresses the CDN signs."""

    def __init__(self, world: World, cdn: Cdn) -> None:
        super().__init__(world)
        self._cdn = cdn

    def attachment(self, attachment: Attachment) -> Json:
        """Return an attachment object with a fresh signed address."""
        url = self._cdn.url(attachment)
        payload: Json = {
            "id": attachment.id,
            "filename": attachment.filename,
            "size": len(attachment.content),
            "url": url,
            "proxy_url": url,
            "content_type": content_type(attachment.filename),
        }
        if attachment.description:
            payload["description"] = attachment.description
        return payload

    def message(self, message: Message, *, with_reference: bool = True) -> Json:
        """Return a message object, everything in it."""
        payload: Json = {
            "id": message.id,
            "channel_id": message.channel_id,
            "type": message.type,
            "author": self.user(message.author),
            "content": message.content,
            "timestamp": moment(message.sent),
            "edited_timestamp": None if message.edited is None else moment(message.edited),
            "flags": int(message.flags),
            "tts": False,
            "pinned": message.pinned is not None,
            "mention_everyone": message.mention_everyone,
            "mentions": [self.user(self._world.user(who)) for who in message.mentions],
            "mention_roles": message.mention_roles,
            "attachments": [self.attachment(file) for file in message.attachments],
            "embeds": message.embeds,
            "components": message.components,
        }
        if message.reactions:
            payload["reactions"] = self._reactions(message)
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.webhook_id is not None:
            payload |= {"webhook_id": message.webhook_id, "application_id": message.webhook_id}
        if message.interaction is not None:
            payload |= self._interaction(message.interaction)
        if message.flags & Flag.HAS_THREAD and message.id in self._world.channels:
            payload["thread"] = self.channel(self._world.channels[message.id])
        if message.reply_to is not None and with_reference:
            payload |= self._reference(*message.reply_to)
        return payload

    def _reactions(self, message: Message) -> list[Json]:
        bot = self._world.bot.id
        return [
            {
                "emoji": {"id": None, "name": emoji},
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "burst_colors": [],
                "me_burst": False,
                "me": bot in users,
            }
            for emoji, users in message.reactions.items()
        ]

    def _reference(self, channel_id: str, message_id: str) -> Json:
        reference: Json = {"type": 0, "channel_id": channel_id}
        channel = self._world.channels.get(channel_id)
        if channel is not None and channel.guild_id is not None:
            reference["guild_id"] = channel.guild_id
        if not message_id:  # of a thread as a whole
            return {"message_reference": reference}
        reference["message_id"] = message_id
        found = self._world.messages.get(channel_id, {}).get(message_id)
        replied = None if found is None else self.message(found, with_reference=False)
        return {"message_reference": reference, "referenced_message": replied}

    def _interaction(self, stub: Json) -> Json:
        metadata = self._metadata(stub)
        user = metadata["user"]
        payload: Json = {"interaction_metadata": metadata}
        if stub["type"] == 2 and "original_response_message_id" not in stub:
            old = {"id": stub["id"], "type": 2, "name": stub["name"], "user": user}
            payload["interaction"] = old
        return payload

    def _metadata(self, stub: Json) -> Json:
        """Return an interaction's metadata; a form's names, in turn, what opened it."""
        told = ("id", "type", "original_response_message_id", "interacted_message_id")
        metadata = {key: stub[key] for key in told if key in stub}
        metadata["user"] = self.user(self._world.user(stub["user_id"]))
        metadata["authorizing_integration_owners"] = stub["owners"]
        if "opened_by" in stub:
            metadata["triggering_interaction_metadata"] = self._metadata(stub["opened_by"])
        return metadata

    def message_for_bot(self, message: Message, *, content_intent: bool) -> Json:
        """Return a message as the bot gets it: what it may not read is empty."""
        payload = self.message(message)
        replied = payload.get("referenced_message")
        if not content_intent and not self._readable(message):
            self._empty(payload)
        if not content_intent and replied and message.reply_to:
            original = self._world.message(*message.reply_to)
            if not self._readable(original):
                self._empty(replied)
        return payload

    def _readable(self, message: Message) -> bool:
        """Tell whether the bot may read a message without the message-content intent.

        A reply that pings mentions whom it answers, so replies to the bot's regular messages
        count unless the person turned the ping off; responses of interactions are never pinged.
        """
        bot = self._world.bot.id
        channel = self._world.channels.get(message.channel_id)
        if message.author.id == bot or (channel and channel.type == DM):
            return True
        return bot in message.mentions

    @staticmethod
    def _empty(payload: Json) -> None:
        payload |= {"content": "", "embeds": [], "attachments": [], "components": []}

    def dispatched(self, message: Message, *, content_intent: bool) -> Json:
        """Return MESSAGE_CREATE or MESSAGE_UPDATE; ephemeral ones do not name the guild."""
        payload = self.message_for_bot(message, content_intent=content_intent)
        channel = self._world.channels[message.channel_id]
        if channel.guild_id is not None and message.visible_to is None:
            payload["guild_id"] = channel.guild_id
            member = self._world.member(message.author.id, channel)
            if member is not None and message.webhook_id is None:
                payload["member"] = self.partial_member(member)
        return payload
