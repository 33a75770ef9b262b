"""A jam's pictures and words, without Discord."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from jam_people import ANNA, BEN, CLEO, after, asks, ev, made, now, started
from PIL import Image

from bot.locales import LOCALES, phrases
from bot.ui.cards import CREAM
from bot.ui.jam_board import (
    BARS,
    COLORS,
    FLOOR,
    MARGIN,
    colors_of,
    draw_track,
    draw_tree,
    track_picture,
    tree_picture,
)
from bot.ui.jam_words import board_text, mix_text
from musicgen_core.jams import Jam, JamSettings, begin, graft, open_jam

NAMES = {ANNA: "Anna", BEN: "小林", CLEO: "Cleo", None: "radio"}


def played(jam: Jam, *people: int) -> Jam:
    """Return the jam after turns of some people, everybody voting for the first take."""
    for person in people:
        jam = after(
            jam,
            asks(jam, person),
        )
        jam = after(jam, made(jam))
        number = jam.turn.number
        for voter in (ANNA, BEN, CLEO):
            jam = after(jam, ev.TakeVoted(at=now(jam), by=voter, turn=number, candidate=1))
    return jam


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def near(color: tuple[int, ...], wanted: str) -> bool:
    meant = [int(wanted[place : place + 2], 16) for place in (1, 3, 5)]
    return all(abs(one - other) < 16 for one, other in zip(color, meant, strict=True))


def test_each_part_has_its_players_color_and_seams_stand_between() -> None:
    jam = played(started(), ANNA, BEN, CLEO)
    picture = pixels(draw_track(track_picture(jam, (1.0,) * BARS, NAMES, phrases("en-US"))))
    assert picture.size == (1000, 320)
    third = (1000 - 2 * MARGIN) // 3
    for place, color in enumerate(COLORS[:3]):
        row = [picture.getpixel((MARGIN + place * third + x, 150)) for x in range(20, third - 20)]
        assert any(near(pixel, color) for pixel in row), color
        others = [other for other in COLORS[:3] if other != color]
        assert not any(near(pixel, other) for pixel in row for other in others)
    seam = [picture.getpixel((MARGIN + third + x, FLOOR + 4)) for x in range(-4, 4)]
    assert any(near(pixel, CREAM) for pixel in seam)


def test_a_color_stays_a_players_when_a_part_is_taken_back() -> None:
    jam = played(started(), ANNA, BEN)
    undone = after(jam, ev.Undone(at=now(jam), by=ANNA))
    assert colors_of(undone) == colors_of(jam)


def test_what_was_taken_back_lies_dim_in_the_tree_and_the_head_is_framed() -> None:
    jam = played(started(), ANNA, BEN)
    jam = after(jam, ev.Undone(at=now(jam), by=ANNA))
    jam = played(jam, CLEO)
    shown = tree_picture(jam, NAMES)
    assert [(b.part.number, b.lane, b.in_track, b.is_head) for b in shown.boxes] == [
        (1, 0, True, False), (2, 1, False, False), (3, 0, True, True)
    ]  # fmt: skip
    assert shown.edges == ((1, 2), (1, 3))
    picture = pixels(draw_tree(shown))
    dim, head = picture.getpixel((900, 76 + 58 + 10)), picture.getpixel((900, 76 + 10))
    assert not near(dim, COLORS[1])
    assert near(head, COLORS[2])


@pytest.mark.parametrize("locale", LOCALES)
def test_a_board_with_many_members_and_long_words_is_one_message(locale: str) -> None:
    jam = started(others=tuple(range(10**18, 10**18 + 60)))
    jam = after(jam, asks(jam, ANNA, "*" * 300))
    text = board_text(jam, phrases(locale))
    assert len(text) <= 2000
    assert "+46" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_credits_name_everybody_who_is_heard_and_nobody_else(locale: str) -> None:
    jam = played(started(), ANNA, BEN)
    jam = after(jam, ev.Undone(at=now(jam), by=ANNA), ev.FinishAsked(at=now(jam), by=ANNA))
    text = mix_text(jam, phrases(locale))
    assert f"<@{ANNA}>" in text
    assert f"<@{BEN}>" not in text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_fork_names_its_parent_and_who_played_there(locale: str) -> None:
    parent = replace(played(started(), ANNA, BEN, CLEO), server=3, place=9)
    child = begin(
        id="child", title="Snow", prompt="rock", owner=CLEO, settings=JamSettings(), seed=1,
        at=now(parent), server=3, place=10,
    )  # fmt: skip
    child, _ = open_jam(graft(child, parent, 2))
    for text in (board_text(child, phrases(locale)), mix_text(child, phrases(locale))):
        (line,) = [line for line in text.splitlines() if "Rain" in line]
        assert "[Rain](https://discord.com/channels/3/9)" in line
        assert (f"<@{ANNA}>" in line, f"<@{BEN}>" in line, f"<@{CLEO}>" in line) == (
            True, True, False,
        )  # fmt: skip
    older = replace(child, parent=None)
    assert phrases(locale)("jam.fork.unnamed") in mix_text(older, phrases(locale))
