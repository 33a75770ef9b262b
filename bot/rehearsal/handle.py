"""What a person sees of one command or button press of theirs."""

from collections.abc import Callable

from bot.rehearsal.interactions import Interaction
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import Message


class Handle:
    """The interaction from its person's side: answered or not, and with what."""

    def __init__(self, interaction: Interaction, show: Callable[[Message], Json]) -> None:
        self.interaction, self._show = interaction, show

    @property
    def id(self) -> str:
        """The interaction's id."""
        return self.interaction.id

    @property
    def acked(self) -> bool:
        """Whether the bot answered in time."""
        return self.interaction.acked

    @property
    def error(self) -> str | None:
        """What the person reads when the bot did not answer in time."""
        return self.interaction.error

    @property
    def original(self) -> Json | None:
        """The response as it is now; None while there is none."""
        message = self.interaction.original
        return None if message is None else self._show(message)

    @property
    def choices(self) -> list[Json] | None:
        """What autocomplete offered."""
        return self.interaction.choices

    @property
    def modal(self) -> Json | None:
        """The form that was opened."""
        return self.interaction.modal

    async def settled(self) -> "Handle":
        """Wait until the bot answered or its time was over."""
        await self.interaction.settled.wait()
        return self
