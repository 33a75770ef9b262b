"""Who may do what where: roles, then the channel's overwrites, as Discord computes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Permission(IntFlag):
    """The bits of Discord's permission set that the rehearsal looks at."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31


ALL = (1 << 53) - 1
MEMBERS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
)
DIRECT = MEMBERS | Permission.MENTION_EVERYONE
"""What both ends of a direct-message channel may do."""


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
