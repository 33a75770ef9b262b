"""The buttons under a board: what each is for, and that old ones are still understood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jam_people import ANNA, BEN, after, ev, failed, making, now, played, started

from bot.locales import phrases
from bot.ui.jam_buttons import JamButton, JamPress, board_view
from musicgen_core.jams import Jam, Mode


async def presses(jam: Jam) -> dict[str, JamPress]:
    """Return what the board's buttons are for, by their action."""
    # A view needs a running loop.
    view: Any = board_view(replace(jam, id="0" * 32), phrases("en-US"))
    return {button.press.action: button.press for button in view.children}


async def test_undo_names_the_part_at_the_tracks_end_and_nothing_else_does() -> None:
    jam = played(played(started(), ANNA), BEN)
    found = await presses(jam)
    assert {action: one.choice for action, one in found.items() if one.choice} == {"undo": 2}
    undone = after(jam, ev.Undone(at=now(jam), by=ANNA, take=2))
    assert (await presses(undone))["undo"].choice == 1


async def test_an_undo_button_from_before_is_still_understood() -> None:
    pattern: Any = JamButton.__discord_ui_compiled_template__
    old = f"mindjam:jam:undo:{'0' * 32}:4:0"
    match = pattern.fullmatch(old)
    button: Any = await JamButton.from_custom_id(None, None, match)  # type: ignore[arg-type]
    assert button.press == JamPress("undo", "0" * 32, 4, 0)


async def test_pass_stands_there_only_where_somebody_is_waited_for() -> None:
    assert "pass" in await presses(started())
    assert "pass" not in await presses(making(started(), ANNA))
    jam = started(Mode.OPEN)
    assert "pass" not in await presses(jam)
    jam = making(jam, BEN)
    assert "pass" in await presses(after(jam, failed(jam)))
