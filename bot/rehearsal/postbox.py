"""Posting, editing and deleting messages, as the rules allow."""

import re
from collections.abc import Iterable
from typing import Any

from bot.rehearsal import rules
from bot.rehearsal.bodies import File
from bot.rehearsal.events import Events, MessageCreated, MessageDeleted, MessageUpdated
from bot.rehearsal.permissions import Permission
from bot.rehearsal.refusals import FormErrors, Json, Refusal
from bot.rehearsal.rules import Flag
from bot.rehearsal.threads import Threads, require_awake
from bot.rehearsal.world import Attachment, Channel, Message, User, World

REPLY = 19
NONCE_SECONDS = 300
_KEPT_FLAGS = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
_UNSAFE = re.compile(r"[^\w.\-()]")


class Postbox:
    """Turns checked bodies into messages of the world and tells everybody."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events
        self._threads = Threads(world, events)
        self._nonces: dict[tuple[str, str, str], Message] = {}

    def post(
        self,
        author: User,
        channel: Channel,
        body: Json,
        files: list[File],
        **how: Any,
    ) -> Message:
        """Post a message; `how` are further fields of it. Raises `Refusal` by the rules."""
        self._world.channel(channel.id)
        rules.check_message(body, files, self._world.guild.file_limit)
        again = self._posted_before(author, channel, body)
        if again is not None:
            return again
        content = (body.get("content") or "").strip()
        rules.check_not_empty(content, body.get("embeds"), body.get("components"), files)
        message = Message(
            self._world.snowflakes.next(),
            channel.id,
            author,
            self._world.clock(),
            content=content,
            nonce=body.get("nonce"),
            flags=(body.get("flags") or 0) & _KEPT_FLAGS,
            embeds=body.get("embeds") or [],
            components=rules.numbered(body.get("components")),
            **how,
        )
        message.flags |= Flag.EPHEMERAL if message.visible_to else 0
        if body.get("message_reference"):
            self._refer(message, body["message_reference"])
        self._set_mentions(message, channel, body.get("allowed_mentions"))
        message.attachments = self._upload(channel, body.get("attachments") or [], files)
        self._threads.written_in(channel, author)
        self._keep(message, body)
        return message

    def thinking(self, author: User, channel: Channel, **how: Any) -> Message:
        """Post the placeholder of a deferred response, which says that the bot is thinking."""
        self._world.channel(channel.id)
        message = Message(
            self._world.snowflakes.next(), channel.id, author, self._world.clock(), **how
        )
        message.flags = Flag.LOADING | (Flag.EPHEMERAL if message.visible_to else 0)
        self._threads.written_in(channel, author)
        self._keep(message, {})
        return message

    def edit(self, message: Message, body: Json, files: list[File]) -> Message:
        """Edit a message: what the body does not name stays."""
        rules.check_message(body, files, self._world.guild.file_limit)
        channel = self._world.channel(message.channel_id)
        require_awake(channel)
        content = message.content
        if "content" in body:
            content = (body["content"] or "").strip()
        embeds = message.embeds if "embeds" not in body else body["embeds"] or []
        components = message.components
        if "components" in body:
            components = rules.numbered(body["components"])
        kept = self._kept(message, body)
        if len(kept) + len(files) > rules.FILES:
            raise Refusal(400, 30015, "Maximum number of attachments in a message reached (10)")
        rules.check_not_empty(content, embeds, components, kept, files)
        message.content, message.embeds, message.components = content, embeds, components
        for attachment in message.attachments:
            if attachment not in kept:
                self._world.attachments.pop(attachment.id, None)
        message.attachments = kept + self._upload(channel, body.get("attachments") or [], files)
        if body.get("flags") is not None:
            kept_bits = message.flags & (Flag.EPHEMERAL | Flag.LOADING | Flag.HAS_THREAD)
            message.flags = body["flags"] & _KEPT_FLAGS | kept_bits
        if "content" in body or "allowed_mentions" in body:
            self._set_mentions(message, channel, body.get("allowed_mentions"))
        # The first edit of a deferred response is its first appearance to people.
        if message.flags & Flag.LOADING:
            message.flags &= ~Flag.LOADING
        else:
            message.edited = self._world.clock()
        self._events.emit(MessageUpdated(message))
        return message

    def delete(self, message: Message) -> None:
        """Delete a message and its files."""
        self._world.messages[message.channel_id].pop(message.id, None)
        for attachment in message.attachments:
            self._world.attachments.pop(attachment.id, None)
        self._events.emit(MessageDeleted(message))

    def keep_file(self, channel: Channel, file: File, description: str | None = None) -> Attachment:
        """Put a file on the CDN under the name that Discord makes of it."""
        name = _UNSAFE.sub("", file.filename.replace(" ", "_").rpartition("/")[2]) or "unknown"
        attachment = Attachment(
            self._world.snowflakes.next(), channel.id, name, file.content, description
        )
        self._world.attachments[attachment.id] = attachment
        return attachment

    def _posted_before(self, author: User, channel: Channel, body: Json) -> Message | None:
        if not body.get("enforce_nonce") or body.get("nonce") is None:
            return None
        message = self._nonces.get((author.id, channel.id, str(body["nonce"])))
        if message is None or self._world.clock() - message.sent > NONCE_SECONDS:
            return None
        return message

    def _keep(self, message: Message, body: Json) -> None:
        self._world.messages[message.channel_id][message.id] = message
        if body.get("nonce") is not None:
            self._nonces[message.author.id, message.channel_id, str(body["nonce"])] = message
        self._events.emit(MessageCreated(message))

    def _refer(self, message: Message, reference: Json) -> None:
        message_id = str(reference.get("message_id"))
        if str(reference.get("channel_id") or message.channel_id) != message.channel_id:
            raise Refusal(400, 50035, "Invalid Form Body")
        original = self._world.messages[message.channel_id].get(message_id)
        if original is not None and original.visible_to is None:
            message.reply_to, message.type = (message.channel_id, message_id), REPLY
        elif reference.get("fail_if_not_exists", True):
            errors = FormErrors()
            errors.add("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
            errors.raise_if_any()

    def _set_mentions(self, message: Message, channel: Channel, allowed: Json | None) -> None:
        every: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
        allowed = every if allowed is None else allowed
        parse = allowed.get("parse") or []
        users = {user.id for user in self._world.users}
        found = list(dict.fromkeys(_USER.findall(message.content)))
        message.mentions = list(_allowed(found, users, allowed, "users"))
        guild = self._world.guild_of(channel)
        roles = set(guild.roles if guild else ())
        message.mention_roles = list(
            _allowed(_ROLE.findall(message.content), roles, allowed, "roles")
        )
        original = message.reply_to and self._world.messages[channel.id].get(message.reply_to[1])
        # A response of an interaction belongs to a webhook, which nobody can ping.
        pinged = original and allowed.get("replied_user") and original.webhook_id is None
        if original and pinged and original.author.id not in message.mentions:
            message.mentions.append(original.author.id)
        may = self._world.may(message.author.id, channel, Permission.MENTION_EVERYONE)
        said = _EVERYONE.search(message.content) is not None
        message.mention_everyone = said and may and "everyone" in parse

    def _kept(self, message: Message, body: Json) -> list[Attachment]:
        if body.get("attachments") is None:
            return message.attachments
        by_id = {attachment.id: attachment for attachment in message.attachments}
        return [by_id[str(a["id"])] for a in body["attachments"] if str(a["id"]) in by_id]

    def _upload(self, channel: Channel, listed: list[Json], files: list[File]) -> list[Attachment]:
        about = {str(entry["id"]): entry for entry in listed}
        return [
            self.keep_file(channel, file, about.get(str(file.number), {}).get("description"))
            for file in files
        ]


def _allowed(found: Iterable[str], known: set[str], allowed: Json, kind: str) -> Iterable[str]:
    """Return what was mentioned, exists, and may be mentioned."""
    named = {str(entry) for entry in allowed.get(kind) or []}
    anyone = kind in (allowed.get("parse") or [])
    return (entry for entry in found if entry in known and (anyone or entry in named))


def require_author(message: Message, user: User) -> None:
    """Raise `Refusal` 50005 unless the message is this user's."""
    if message.author.id != user.id:
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
