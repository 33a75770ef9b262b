"""Buttons of jams; their ids name the jam, the turn and the choice, and survive a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

import discord
from discord import ui

from bot.locales import Phrases
from musicgen_core.jams import Candidate, Jam, Mode, Phase, Suggestion

STYLES = {
    "play": discord.ButtonStyle.primary,
    "suggest": discord.ButtonStyle.primary,
    "finish": discord.ButtonStyle.danger,
    "take": discord.ButtonStyle.primary,
    "choose": discord.ButtonStyle.primary,
}
_TURNS = {Mode.VOTE: ("suggest",), Mode.RADIO: ("suggest",)}
"""What is done with a turn in modes in which nobody plays it alone."""
MOST_WORDS = 20
"""Suggestions that have a button: Discord takes 25 in a message."""


@dataclass(frozen=True, slots=True)
class JamPress:
    """What a button is for; 0 where it names no turn or choice."""

    action: str
    jam: str
    turn: int = 0
    choice: int = 0

    @property
    def custom_id(self) -> str:
        """The button's id."""
        return f"mindjam:jam:{self.action}:{self.jam}:{self.turn}:{self.choice}"


class JamPresses(Protocol):
    """What presses are answered by."""

    async def press(self, press: JamPress, interaction: discord.Interaction) -> None:
        """Do what a button says, for whoever pressed it."""
        ...


class JamHome(Protocol):
    """What a button needs of the client it was pressed on."""

    jam_presses: JamPresses

    async def report(self, interaction: discord.Interaction, error: Exception) -> None:
        """Tell the person what went wrong."""
        ...


class JamButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"mindjam:jam:(?P<action>[a-z]{1,10}):(?P<jam>[0-9a-f]{32})"
    r":(?P<turn>[0-9]{1,9}):(?P<choice>[0-9]{1,9})",
):
    """Does something in a jam."""

    def __init__(self, press: JamPress, label: str = "", *, row: int | None = None) -> None:
        super().__init__(
            ui.Button(
                label=label or press.action,
                style=STYLES.get(press.action, discord.ButtonStyle.secondary),
                custom_id=press.custom_id,
            ),
            row=row,
        )
        self.press = press

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from what Discord sends when it is pressed."""
        turn, choice = int(match["turn"]), int(match["choice"])
        return cls(JamPress(match["action"], match["jam"], turn, choice))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it, or say why not."""
        home = cast("JamHome", interaction.client)
        try:
            await home.jam_presses.press(self.press, interaction)
        except Exception as exc:  # noqa: BLE001 - this is the press's task root; report logs it
            await home.report(interaction, exc)


def board_view(jam: Jam, say: Phrases) -> ui.View:
    """Return the buttons under a board: what can be done in this phase by somebody."""
    view, turn = ui.View(timeout=None), jam.turn.number if jam.turn else 0
    rows: tuple[tuple[str, ...], ...] = (
        ("join", "leave", *_TURNS.get(jam.mode, ("play", "pass"))),
        ("undo", "fork", "finish"),
    )
    if jam.phase is Phase.MAKING:
        rows = (rows[0], ("cancel", *rows[1]))
    if not jam.phase.played:
        again = jam.phase is Phase.FINISHED and jam.mix is None
        rows = (("fork", "finish") if again else ("fork",),)
    for row, actions in enumerate(rows):
        for action in actions:
            if _in_vain(action, jam):
                continue
            # What is taken back is the part that people see at the end, and no other.
            choice = jam.head or 0 if action == "undo" else 0
            press = JamPress(action, jam.id, turn, choice)
            view.add_item(JamButton(press, say(f"jam.button.{action}"), row=row))
    return view


def _in_vain(action: str, jam: Jam) -> bool:
    """Whether nobody could fork, or pass, as the jam stands."""
    if action == "fork":
        return not jam.takes
    # In an open jam only who has a try again is waited for.
    waited_for = jam.phase is Phase.WAITING and jam.turn and jam.turn.player is not None
    return action == "pass" and not waited_for


def vote_view(jam: Jam, action: str, turn: int, choices: Sequence[int], say: Phrases) -> ui.View:
    """Return a button for each of some candidates; `action` is take or choose."""
    view = ui.View(timeout=None)
    for choice in choices:
        label = say("jam.button.take", number=choice)
        view.add_item(JamButton(JamPress(action, jam.id, turn, choice), label))
    return view


def numbers(candidates: Sequence[Candidate]) -> list[int]:
    """Return what candidates are called by."""
    return [candidate.number for candidate in candidates]


def words_view(jam: Jam, turn: int, suggestions: Sequence[Suggestion], say: Phrases) -> ui.View:
    """Return a button for each of the last suggestions."""
    view = ui.View(timeout=None)
    for one in suggestions[-MOST_WORDS:]:
        label = say("jam.button.words", number=one.number)
        view.add_item(JamButton(JamPress("words", jam.id, turn, one.number), label))
    return view


def mix_view(jam: Jam, say: Phrases) -> ui.View:
    """Return the buttons under a finished piece."""
    view = ui.View(timeout=None)
    for action in ("like", "stems", "fork"):
        view.add_item(JamButton(JamPress(action, jam.id), say(f"jam.button.{action}")))
    return view
