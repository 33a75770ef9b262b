"""Who may do what where: roles, then the channel's overwrites, as Discord computes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    """The bits of Discord's permission set that the rehearsal looks at."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


ALL = (1 << 53) - 1
MEMBERS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)
DIRECT = MEMBERS | Permission.MENTION_EVERYONE | Permission.PIN_MESSAGES
"""What both ends of a direct-message channel may do."""
MODERATORS = (
    Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.PIN_MESSAGES
    | Permission.MENTION_EVERYONE
)
ELSEWHERE = (
    Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.MENTION_EVERYONE
    | Permission.SEND_POLLS
)
"""What an application may do where a person brought it along and it is no member."""


@dataclass
class Overwrite:
    """A channel's exception for one role (type 0) or one member (type 1)."""

    id: str
    type: int
    allow: int = 0
    deny: int = 0


def apply_overwrites(
    base: int, overwrites: Iterable[Overwrite], everyone: str, roles: Iterable[str], member: str
) -> int:
    """Return the permission set after @everyone's, the roles' and the member's overwrites."""
    if base & Permission.ADMINISTRATOR:
        return ALL
    by_id = {overwrite.id: overwrite for overwrite in overwrites}
    none = Overwrite("", 0)
    whole = by_id.get(everyone, none)
    held = [by_id[role] for role in roles if role in by_id and role != everyone]
    own = by_id.get(member, none)
    base = (base & ~whole.deny) | whole.allow
    for overwrite in held:
        base &= ~overwrite.deny
    for overwrite in held:
        base |= overwrite.allow
    base = (base & ~own.deny) | own.allow
    return base if base & Permission.VIEW_CHANNEL else 0
