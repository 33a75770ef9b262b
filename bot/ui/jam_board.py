"""A jam as a picture: the track with each member's parts in their color, and the tree of takes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.locales import Phrases
from bot.ui.cards import CREAM, FAINT, MARGIN, NIGHT, RULE, TEXT, WIDTH, clock
from bot.ui.jam_words import facts
from bot.ui.lettering import TYPEFACE, fitted
from musicgen_core.jams import Jam, starts, track
from musicgen_core.jams.tree_layout import layout

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

COLORS = (
    "#ff8f5e", "#8a7fd6", "#4fc3b0", "#f2c14e", "#e86a92", "#6fb1fc", "#a3d977", "#c98bdb",
)  # fmt: skip
"""Of members, in the order in which they first played."""
HEIGHT = 320
TOP, FLOOR = 104, 238
"""Of the track, in pixels from above."""
BARS = (WIDTH - 2 * MARGIN) // 4
LANE, BOX = 58, 40
"""Pixels of a lane of the tree, and of a box in it."""
MOST_LANES = 24
"""What lies below is left out: the picture stays one that Discord shows."""


@dataclass(frozen=True, slots=True)
class PicturePart:
    """A take in a picture, from `start` on, in seconds."""

    number: int
    start: float
    seconds: float
    color: str
    label: str


@dataclass(frozen=True, slots=True)
class TrackPicture:
    """What the picture of a track shows; `peaks` are from 0 to 1."""

    title: str
    facts: str
    parts: tuple[PicturePart, ...]
    peaks: tuple[float, ...]
    empty: str
    """What stands there as long as nothing is played."""

    @property
    def seconds(self) -> float:
        """The track's length."""
        return self.parts[-1].start + self.parts[-1].seconds if self.parts else 0.0


@dataclass(frozen=True, slots=True)
class TreeBox:
    """A take in the picture of a tree."""

    part: PicturePart
    lane: int
    in_track: bool
    is_head: bool
    forks: int


@dataclass(frozen=True, slots=True)
class TreePicture:
    """What the picture of a tree shows; an edge is (parent, child), both numbers of takes."""

    title: str
    boxes: tuple[TreeBox, ...]
    edges: tuple[tuple[int, int], ...]
    lanes: int
    seconds: float


def track_picture(
    jam: Jam, peaks: tuple[float, ...], names: Mapping[int | None, str], say: Phrases
) -> TrackPicture:
    """Put together what the picture of a jam's track shows."""
    takes, colors = track(jam), colors_of(jam)
    parts = tuple(
        PicturePart(take.number, start, take.seconds, colors[take.player], names[take.player])
        for take, start in zip(takes, starts(jam, takes), strict=True)
    )
    told = "   ·   ".join(facts(jam, say)[1:])
    return TrackPicture(jam.title, told, parts, peaks, say("jam.picture.empty"))


def tree_picture(jam: Jam, names: Mapping[int | None, str]) -> TreePicture:
    """Put together what the picture of a jam's tree shows."""
    laid, colors = layout(jam), colors_of(jam)
    boxes = tuple(
        TreeBox(
            PicturePart(
                node.take.number, node.start, node.take.seconds,
                colors[node.take.player], names[node.take.player],
            ),
            node.lane, node.in_track, node.is_head, len(node.forks),
        )
        for node in laid.nodes
        if node.lane < MOST_LANES
    )  # fmt: skip
    drawn = {box.part.number for box in boxes}
    edges = tuple((e.parent, e.child) for e in laid.edges if {e.parent, e.child} <= drawn)
    return TreePicture(jam.title, boxes, edges, min(laid.lanes, MOST_LANES), laid.seconds)


def colors_of(jam: Jam) -> dict[int | None, str]:
    """Return each player's color; it stays theirs for the whole jam."""
    players = dict.fromkeys(take.player for take in jam.takes)
    return {player: COLORS[place % len(COLORS)] for place, player in enumerate(players)}


def draw_track(picture: TrackPicture) -> bytes:
    """Return the track as a PNG of 1000 x 320 pixels."""
    image, pen = _canvas(HEIGHT)
    _write(pen, MARGIN, 34, fitted(picture.title, 30, 480), 30, CREAM)
    _write(pen, WIDTH - MARGIN, 34, fitted(picture.facts, 20, 430), 20, TEXT, "rm")
    if not picture.parts:
        _write(pen, WIDTH / 2, (TOP + FLOOR) / 2, picture.empty, 24, FAINT, "mm")
        return _png(image)
    scale = (WIDTH - 2 * MARGIN) / picture.seconds
    _bars(pen, picture, scale)
    for place, part in enumerate(picture.parts):
        x = MARGIN + part.start * scale
        if place:
            pen.line((x, TOP - 18, x, FLOOR + 6), CREAM, 2)
        _write(pen, x + 6, TOP - 12, str(part.number), 16, CREAM if place else FAINT)
    _write(pen, MARGIN, FLOOR + 20, "0:00", 16, FAINT)
    _write(pen, WIDTH - MARGIN, FLOOR + 20, clock(picture.seconds), 16, FAINT, "rm")
    _legend(pen, picture)
    return _png(image)


def draw_tree(picture: TreePicture) -> bytes:
    """Return the tree as a PNG: time to the right, what was taken back dim, the head framed."""
    image, pen = _canvas(96 + LANE * max(1, picture.lanes))
    _write(pen, MARGIN, 34, fitted(picture.title, 30, WIDTH - 2 * MARGIN), 30, CREAM)
    scale = (WIDTH - 2 * MARGIN) / max(picture.seconds, 1.0)
    boxes = {box.part.number: box for box in picture.boxes}
    for parent, child in picture.edges:
        start, end = _frame(boxes[parent], scale), _frame(boxes[child], scale)
        x, y = start[2], (start[1] + start[3]) / 2
        pen.line((x, y, x, (end[1] + end[3]) / 2), FAINT, 2)
    for box in picture.boxes:
        _box(pen, box, _frame(box, scale))
    return _png(image)


def _bars(pen: ImageDraw, picture: TrackPicture, scale: float) -> None:
    middle, half = (TOP + FLOOR) / 2, (FLOOR - TOP) / 2
    step = (WIDTH - 2 * MARGIN) / max(len(picture.peaks), 1)
    for place, peak in enumerate(picture.peaks):
        x = MARGIN + place * step
        second = (x - MARGIN + step / 2) / scale
        color = next(
            (part.color for part in reversed(picture.parts) if part.start <= second), FAINT
        )
        tall = max(1.0, peak * half)
        pen.rectangle((x, middle - tall, x + step - 1.5, middle + tall), color)


def _legend(pen: ImageDraw, picture: TrackPicture) -> None:
    x: float = MARGIN
    for label, color in dict.fromkeys((part.label, part.color) for part in picture.parts):
        name = fitted(label, 20, 200)
        width = _font(20).getlength(name)
        if x + 26 + width > WIDTH - MARGIN:
            break
        pen.rounded_rectangle((x, HEIGHT - 38, x + 18, HEIGHT - 20), 5, color)
        _write(pen, x + 26, HEIGHT - 29, name, 20, TEXT)
        x += 26 + width + 30


def _frame(box: TreeBox, scale: float) -> tuple[float, float, float, float]:
    x, y = MARGIN + box.part.start * scale, 76 + box.lane * LANE
    # Seams overlap a little; boxes do not.
    return x, y, max(x + 6, x + box.part.seconds * scale - 3), y + BOX


def _box(pen: ImageDraw, box: TreeBox, frame: tuple[float, float, float, float]) -> None:
    fill = box.part.color if box.in_track else RULE
    edge = CREAM if box.is_head else box.part.color
    pen.rounded_rectangle(frame, 6, fill, edge, 3 if box.is_head else 1)
    forks = " ⑂" * bool(box.forks)
    text = fitted(f"{box.part.number}{forks} {box.part.label}", 18, frame[2] - frame[0] - 12)
    color = NIGHT if box.in_track else TEXT
    _write(pen, frame[0] + 7, (frame[1] + frame[3]) / 2, text, 18, color)


def _canvas(height: int) -> tuple[Image, ImageDraw]:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, height), NIGHT)
    return image, ImageDraw.Draw(image)


def _write(
    pen: Any, x: float, y: float, text: str, size: int, color: str, anchor: str = "lm"
) -> None:
    pen.text((x, y), text, color, _font(size), anchor)


@cache
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(TYPEFACE), size)


def _png(image: Image) -> bytes:
    buffer = io.BytesIO()
    image.quantize(64).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
