"""A jam in the embedded Discord, as its people see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.rehearsal.handle import Handle
from bot.rehearsal.people import Person
from bot.rehearsal.server import Rehearsal

Message = dict[str, Any]
PATIENCE = 60.0


class JamStage:
    """The one jam of a test: its thread, its board, and what people do there."""

    def __init__(self, discord: Rehearsal, place: str) -> None:
        self.discord, self.place = discord, place
        self.turn = 0
        """The last turn that was played."""

    @classmethod
    async def started(cls, discord: Rehearsal, owner: Person, **options: Any) -> JamStage:
        """Start a jam and wait for its board."""
        known = set(discord.world.channels)
        await owner.slash("jam start", {"title": "Rain", "seconds_per_turn": 3, **options})
        board = await discord.wait_for_message(
            lambda m: bool(button(m, "join")) and m["channel_id"] not in known, PATIENCE
        )
        return cls(discord, board["channel_id"])

    async def wait(self, fits: Callable[[Message], object]) -> Message:
        """Return the first message of the jam that fits."""
        return await self.discord.wait_for_message(
            lambda m: m["channel_id"] == self.place and fits(m), PATIENCE
        )

    async def board(self, text: str = "") -> Message:
        """Return the board once it says `text`."""
        return await self.wait(lambda m: m["content"].startswith("## ") and board(m)
                               and text in m["content"])  # fmt: skip

    async def press(self, who: Person, action: str, message: Message | None = None) -> Handle:
        """Press a button of the board, or of another message."""
        where = message or await self.wait(lambda m: button(m, action))
        return await who.press(where, button(where, action))

    async def play(self, who: Person, direction: str, **values: Any) -> None:
        """Play the open turn."""
        board = await self.wait(lambda m: turn_of(m) > self.turn)
        self.turn = turn_of(board)
        form = await who.press(board, button(board, "play"))
        assert form.modal is not None, form.original
        await who.submit(form, {"direction": direction, **values})

    async def vote(self, turn: int) -> Message:
        """Return the message under which candidates of a turn are voted on."""
        return await self.wait(lambda m: f":{turn}:1" in button(m, "take"))

    async def solo(self, player: Person, turn: int) -> Message:
        """Play a turn where nobody else votes, take the first candidate, and return the track."""
        await self.play(player, "rain")
        vote = await self.vote(turn)
        await player.press(vote, button(vote, "take", 1))
        return await self.track(turn)

    async def track(self, take: int) -> Message:
        """Return the message with the whole track up to a take."""
        return await self.wait(lambda m: f"up to part {take}:" in m["content"])

    def messages(self) -> list[Message]:
        """Return every message of the thread."""
        world = self.discord.world
        return [self.discord._payloads.message(m) for m in world.messages[self.place].values()]


def button(message: Message, action: str, choice: int | None = None) -> str:
    """Return the id of a message's button; empty: it has none."""
    ids = [
        b["custom_id"] for row in message.get("components", ()) for b in row["components"]
        if b["custom_id"].startswith(f"mindjam:jam:{action}:")
    ]  # fmt: skip
    wanted = [i for i in ids if choice is None or i.endswith(f":{choice}")]
    return wanted[0] if wanted else ""


def turn_of(message: Message) -> int:
    """Return the turn that a board lets people play; 0: none."""
    return int(button(message, "play").split(":")[-2]) if button(message, "play") else 0


def board(message: Message) -> bool:
    """Tell a board from everything else that a jam posts."""
    return bool(button(message, "join") or button(message, "fork")) and not button(message, "like")
