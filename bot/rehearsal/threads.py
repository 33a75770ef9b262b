"""Threads: started, renamed, archived, locked, joined and left, each told to everybody."""

from typing import Any

from bot.rehearsal.events import (
    ChannelDeleted,
    Events,
    MessageCreated,
    MessageUpdated,
    ThreadCreated,
    ThreadDeleted,
    ThreadMembersChanged,
    ThreadUpdated,
)
from bot.rehearsal.refusals import Refusal
from bot.rehearsal.rules import Flag
from bot.rehearsal.world import PRIVATE_THREAD, PUBLIC_THREAD, Channel, Message, Thread, User, World

STARTED, STARTER = 18, 21


def require_awake(channel: Channel) -> None:
    """Raise `Refusal` 50083 for what is not done in an archived thread."""
    if channel.thread is not None and channel.thread.archived:
        raise Refusal(400, 50083, "Thread is archived")


class Threads:
    """The life of threads and the end of channels; whoever calls has checked the permissions."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events

    def start(
        self,
        owner: User,
        parent: Channel,
        name: str,
        *,
        message: Message | None = None,
        private: bool = False,
        **settings: Any,
    ) -> Channel:
        """Start a thread, on a message or on its own; raises `Refusal` 160004 for a second one."""
        if message is not None and message.id in self._world.channels:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        now = self._world.clock()
        thread = Channel(
            message.id if message else self._world.snowflakes.next(),
            PRIVATE_THREAD if private else PUBLIC_THREAD,
            name,
            guild_id=parent.guild_id,
            thread=Thread(parent.id, owner.id, now, now, members={owner.id: now}, **settings),
        )
        self._world.keep(thread)
        self._events.emit(ThreadCreated(thread))
        if message is not None:
            message.flags |= Flag.HAS_THREAD
            self._events.emit(MessageUpdated(message))
            self._notice(STARTER, owner, thread, (parent.id, message.id))
        elif not private:
            self._notice(STARTED, owner, parent, (thread.id, ""), name)
        return thread

    def _notice(
        self, kind: int, author: User, channel: Channel, about: tuple[str, str], text: str = ""
    ) -> None:
        """Let Discord say in a channel what the thread is, or what it is about."""
        world = self._world
        notice = Message(
            world.snowflakes.next(),
            channel.id,
            author,
            world.clock(),
            type=kind,
            content=text,
            reply_to=about,
        )
        world.messages[channel.id][notice.id] = notice
        self._events.emit(MessageCreated(notice))

    def change(self, channel: Channel, name: str | None = None, **settings: Any) -> None:
        """Rename a thread or set fields of it, such as `archived` and `locked`."""
        thread = _thread_of(channel)
        channel.name = channel.name if name is None else name
        if "archived" in settings and settings["archived"] != thread.archived:
            thread.changed = self._world.clock()
        for key, value in settings.items():
            setattr(thread, key, value)
        self._events.emit(ThreadUpdated(channel))

    def join(self, channel: Channel, user: User) -> None:
        """Add somebody to a thread."""
        thread = _thread_of(channel)
        if user.id not in thread.members:
            thread.members[user.id] = self._world.clock()
            self._events.emit(ThreadMembersChanged(channel, added=(user.id,)))

    def leave(self, channel: Channel, user: User) -> None:
        """Take somebody out of a thread."""
        if _thread_of(channel).members.pop(user.id, None) is not None:
            self._events.emit(ThreadMembersChanged(channel, removed=(user.id,)))

    def written_in(self, channel: Channel, author: User) -> None:
        """Let a message open an archived thread and bring its author in."""
        if channel.thread is None:
            return
        if channel.thread.archived:
            self.change(channel, archived=False)
        self.join(channel, author)

    def delete(self, channel: Channel) -> None:
        """Delete a thread, or a channel with its threads, and everything in it."""
        for thread in self._world.threads(channel):
            self.delete(thread)
        self._world.remove(channel)
        gone = ChannelDeleted(channel) if channel.thread is None else ThreadDeleted(channel)
        self._events.emit(gone)


def _thread_of(channel: Channel) -> Thread:
    if channel.thread is None:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    return channel.thread
