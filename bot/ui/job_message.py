"""The message that follows a job: an interaction's answer as long as it lives, and after it."""

from __future__ import annotations

from typing import Any

import discord

TOKEN_GONE = {10015, 50027}
"""Discord's codes for the webhook of an interaction that has expired."""


class Gone(Exception):
    """A message that cannot be edited any more."""


class JobMessage:
    """Shows a job's status, and may become what brings its clips.

    Args:
        posted: the message in its channel; None where the bot does not get there.
        interaction: what it answers; its token edits it for 15 minutes.
    """

    def __init__(
        self, posted: discord.PartialMessage | None, interaction: discord.Interaction | None = None
    ) -> None:
        self.posted, self._interaction = posted, interaction
        self._taken = self._doubtful = False

    @property
    def id(self) -> int:
        """What logs call it."""
        return self.posted.id if self.posted else self._token_id

    @property
    def place(self) -> int:
        """What Discord counts its edits for: its interaction, else its channel."""
        return self.posted.channel.id if self.posted and not self.answers else self._token_id

    @property
    def _token_id(self) -> int:
        return self._interaction.id if self._interaction else 0

    @property
    def answers(self) -> bool:
        """Whether it is edited by its interaction's token, beside whatever its channel limits."""
        return self._interaction is not None and not self._interaction.is_expired()

    @property
    def is_status(self) -> bool:
        """Whether it still shows a status, and nothing brings the clips in its place."""
        return not self._taken

    async def edit(self, **changes: Any) -> object:
        """Change content, buttons or attachments of a status.

        Raises:
            Gone: its interaction has expired, or it brings the clips.
            discord.HTTPException: Discord does not do it.
        """
        if self._taken:
            raise Gone
        if self._doubtful:
            changes.setdefault("attachments", [])
        return await self._edit(changes)

    async def become(self, text: str, *, files: list[discord.File], **options: Any) -> Any:
        """Become what brings the clips: as often as one likes, there is only one such message.

        From now on it is no status any more, not even while Discord's answer is waited for.

        Raises:
            Gone: its interaction has expired.
            discord.HTTPException: Discord does not do it.
        """
        self._taken = True
        return await self._edit({"content": text, "attachments": files, **options})

    def stay_status(self) -> None:
        """Be a status again, as the clips go elsewhere; should they have come, edits drop them."""
        self._taken, self._doubtful = False, True

    async def _edit(self, changes: dict[str, Any]) -> Any:
        if self._interaction is not None and self.answers:
            try:
                return await self._interaction.edit_original_response(**changes)
            except discord.HTTPException as exc:
                if exc.code not in TOKEN_GONE or self.posted is None:
                    raise
            self._interaction = None
            for file in changes.get("attachments", ()):
                if isinstance(file, discord.File):
                    file.fp.seek(0)
        if self.posted is None:
            raise Gone
        return await self.posted.edit(**changes)
