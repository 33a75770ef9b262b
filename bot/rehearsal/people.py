"""Simulated people: they type commands, post, press buttons, and tell what they got."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rehearsal.acts import Acts
from bot.rehearsal.bodies import File
from bot.rehearsal.events import Events
from bot.rehearsal.handle import Handle
from bot.rehearsal.interactions import Interaction
from bot.rehearsal.marks import Marks
from bot.rehearsal.onlookers import Onlooker
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.permissions import Permission
from bot.rehearsal.postbox import Postbox
from bot.rehearsal.refusals import Declined, Json, Refusal
from bot.rehearsal.rules import walk
from bot.rehearsal.sentences import decline
from bot.rehearsal.threads import Threads
from bot.rehearsal.world import Channel, Message, User, World

Upload = tuple[str, bytes]
_DECLINED = {50006: "empty", 40005: "large", 50035: "much"}


class Person(Onlooker):
    """One member of the studio; what Discord's client would not let them do raises `Declined`."""

    def __init__(
        self,
        user: User,
        world: World,
        events: Events,
        payloads: Payloads,
        postbox: Postbox,
        acts: Acts,
    ) -> None:
        super().__init__(user, world, events, payloads)
        self._postbox, self._acts = postbox, acts

    async def slash(
        self,
        command: str,
        options: Mapping[str, Any] | None = None,
        /,
        *,
        channel: str = "studio",
        locale: str | None = None,
        **typed: Any,
    ) -> Handle:
        """Use `/command` or `/group sub` and wait for the bot to acknowledge or be too late.

        Options come as keywords, or in a mapping where their names are taken; a file is a pair
        of name and bytes, a user is a `Person` or an id.
        """
        plain, files = _told({**(options or {}), **typed})
        return await self.type_command(command, plain, files, channel, locale).settled()

    def type_command(
        self,
        command: str,
        typed: Mapping[str, Any],
        files: Mapping[str, File],
        channel: str,
        locale: str | None = None,
    ) -> Handle:
        """Use a command without waiting; file options name a key of `files`."""
        where, locale = self.channel(channel), locale or self.user.locale
        return self._handle(self._acts.command(self.user, where, command, typed, files, locale))

    async def complete(
        self,
        command: str,
        option: str,
        *,
        channel: str = "studio",
        locale: str | None = None,
        **typed: Any,
    ) -> list[Json]:
        """Return the choices that the bot offers while `option` is typed; none if it fails."""
        return await self.suggestions(command, option, typed, channel, locale) or []

    async def suggestions(
        self,
        command: str,
        option: str,
        typed: Mapping[str, Any],
        channel: str,
        locale: str | None = None,
    ) -> list[Json] | None:
        """Return the choices for a half-typed option; None when the bot does not answer."""
        where, locale = self.channel(channel), locale or self.user.locale
        handle = self._handle(
            self._acts.autocomplete(self.user, where, command, option, typed, locale)
        )
        return (await handle.settled()).choices

    async def menu(
        self,
        name: str,
        target: "Json | str | Person",
        *,
        channel: str = "studio",
        locale: str | None = None,
    ) -> Handle:
        """Use a context-menu command on a message (its payload or id) or on a person."""
        return await self.open_menu(name, target, channel, locale).settled()

    def open_menu(
        self, name: str, target: "Json | str | Person", channel: str, locale: str | None = None
    ) -> Handle:
        """Use a context-menu command without waiting."""
        aimed = target.user if isinstance(target, Person) else self.message(target)
        where = self.channel(channel)
        if isinstance(aimed, Message):
            where = self._world.channel(aimed.channel_id)
        return self._handle(
            self._acts.menu(self.user, where, name, aimed, locale or self.user.locale)
        )

    async def press(
        self,
        message: Json | str,
        button: str,
        values: list[str] | None = None,
        *,
        locale: str | None = None,
    ) -> Handle:
        """Press a button, by `custom_id` or label, or choose values from a select; wait."""
        found = self.message(message)
        ids = [c["custom_id"] for _, c in walk(found.components) if c.get("label") == button]
        return await self.press_component(
            found.id, ids[0] if ids else button, values, locale
        ).settled()

    def press_component(
        self, message: str, custom_id: str, values: list[str] | None, locale: str | None = None
    ) -> Handle:
        """Press a component without waiting."""
        locale = locale or self.user.locale
        return self._handle(
            self._acts.component(self.user, self.message(message), custom_id, values, locale)
        )

    async def submit(self, opened: Handle, values: Mapping[str, Any]) -> Handle:
        """Send the form that a command or button opened, answers by `custom_id`; wait.

        An answer is a text, or a list of texts, of people and ids, or of files as pairs.
        """
        plain, files = _told(values)
        return await self.submit_form(opened.id, plain, files).settled()

    def submit_form(
        self,
        form: str,
        values: Mapping[str, Any],
        files: Mapping[str, File],
        locale: str | None = None,
    ) -> Handle:
        """Send a form, by the id of what opened it, without waiting."""
        locale = locale or self.user.locale
        return self._handle(self._acts.submit(self.user, form, values, files, locale))

    async def send(
        self,
        content: str = "",
        *,
        channel: str = "studio",
        files: Sequence[Upload] = (),
        reply_to: Json | str | None = None,
        ping: bool = True,
    ) -> Json:
        """Post a message with files given as pairs of name and bytes; return its payload.

        A reply pings whom it answers unless told otherwise.
        """
        uploads = [File(f"files[{n}]", *file) for n, file in enumerate(files)]
        return self.post(content, channel, uploads, reply_to, ping=ping)

    def post(
        self,
        content: str,
        channel: str,
        files: list[File],
        reply_to: Json | str | None = None,
        *,
        ping: bool = True,
    ) -> Json:
        """Post a message; raises `Declined` where this person may not or it is too much."""
        where = self.channel(channel)
        if not self._world.may_post(self.id, where):
            raise decline("no_posting", self.user.locale, channel=where.name)
        if files and not self._world.may(self.id, where, Permission.ATTACH_FILES):
            raise decline("no_files", self.user.locale, channel=where.name)
        body: Json = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": self.message(reply_to).id}
            everything = ["users", "roles", "everyone"]
            body["allowed_mentions"] = {"parse": everything, "replied_user": ping}
        try:
            return self._show(self._postbox.post(self.user, where, body, files))
        except Refusal as refusal:
            raise self._declined(refusal) from refusal

    def start_thread(
        self,
        name: str,
        *,
        channel: str = "studio",
        message: Json | str | None = None,
        private: bool = False,
    ) -> Channel:
        """Start a thread, on a message or on its own; raises `Declined`."""
        where = self.channel(channel)
        wanted = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        if where.thread is not None or not self._world.may(self.id, where, wanted):
            raise decline("no_threads", self.user.locale, channel=where.name)
        on = None if message is None else self.message(message)
        return Threads(self._world, self._events).start(
            self.user, where, name, message=on, private=private
        )

    def react(self, message: Json | str, emoji: str, *, on: bool = True) -> None:
        """Add a reaction or, with `on` false, take one's own away; raises `Declined`."""
        found, marks = self.message(message), Marks(self._world, self._events)
        where = self._world.channel(found.channel_id)
        if not on:
            marks.unreact(found, self.user, emoji)
            return
        known = emoji in found.reactions or self._world.may(
            self.id, where, Permission.ADD_REACTIONS
        )
        if not known or found.visible_to is not None:
            raise decline("no_reactions", self.user.locale, channel=where.name)
        try:
            marks.react(found, self.user, emoji)
        except Refusal as refusal:
            raise self._declined(refusal) from refusal

    def _handle(self, interaction: Interaction) -> Handle:
        return Handle(interaction, self._show)

    def _declined(self, refusal: Refusal) -> Declined:
        """Return what this person is told when Discord refuses their message."""
        key = _DECLINED.get(refusal.code)
        return decline(key, self.user.locale) if key else Declined(f"{refusal.message}.")


def _told(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, File]]:
    """Return answers as plain data, people as ids and files as fields, and the files."""
    files: dict[str, File] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(one) for one in value]
        if isinstance(value, tuple):
            field = f"files[{len(files)}]"
            files[field] = File(field, *value)
            return field
        return value.id if isinstance(value, Person) else value

    return {name: plain(value) for name, value in values.items()}, files
