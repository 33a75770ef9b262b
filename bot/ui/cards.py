"""The picture that comes with a clip: what it is, its waveform and its spectrogram, as a PNG."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bot.locales import Phrases, format_seconds
from bot.ui.lettering import TYPEFACE, fitted, lines
from bot.ui.sound_picture import Floats, levels, mel_levels
from bot.ui.spoken_key import spoken_key
from musicgen_core.hearing import Heard

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Samples = npt.NDArray[np.float32]

WIDTH, HEIGHT, DPI = 1000, 400, 100
MARGIN = 36
NIGHT, RULE = "#141420", "#2c2c40"
CREAM, TEXT, FAINT = "#fff1e0", "#bfc0d6", "#9294b0"
EMBER, OLD = "#ff8f5e", "#8a7fd6"
"""What is new, and what was there before."""
GLOW = (NIGHT, "#2b1f52", "#6a2a86", "#c0416c", "#ff8f5e", "#ffe6b8")
"""From silence to the loudest."""
BAR, GAP = 3, 1
"""Pixels of a bar of the waveform and of what is between two."""
MOST_BYTES = 150_000


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """What a card tells of a clip: float32 [channels, samples] at `sample_rate` Hz."""

    samples: Samples
    sample_rate: int
    title: str
    seed: int
    prompt: str | None = None
    """Left out where it is the title."""
    heard: Heard = field(default_factory=Heard)
    new_from: int = 0

    @property
    def seconds(self) -> float:
        """The clip's length."""
        return self.samples.shape[1] / self.sample_rate

    @property
    def seam(self) -> float:
        """Seconds to where the new part begins; 0 where all is new."""
        return self.new_from / self.sample_rate


def draw(card: Card, say: Phrases) -> bytes:
    """Return the card as a PNG of 1000 x 400 pixels and at most 150 kB."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="none")
    canvas = FigureCanvasAgg(figure)
    _background(figure)
    _words(figure, card, say)
    _waveform(_panel(figure, 158, 108), card)
    _spectrogram(_panel(figure, 44, 106), card)
    _time(figure, card, say)
    canvas.draw()
    return _png(np.asarray(canvas.buffer_rgba()))


def describe(card: Card, say: Phrases) -> str:
    """Return the card's text for those who do not see it, one sentence."""
    parts = [*facts(card, say)]
    if card.new_from:
        parts.append(say("card.new_from", time=clock(card.seam)))
    title = " ".join(card.title.split())
    title = title if len(title) <= 200 else title[:199].rstrip() + "…"
    return say("card.alt", title=title, facts=say("card.comma").join(parts))


def facts(card: Card, say: Phrases) -> list[str]:
    """Return length, tempo and key, as far as they are known."""
    told = [say("card.seconds", seconds=format_seconds(card.seconds))]
    if card.heard.tempo is not None:
        told.append(say("card.tempo", tempo=round(card.heard.tempo)))
    if card.heard.key is not None:
        told.append(spoken_key(card.heard.key, say))
    return told


def clock(seconds: float) -> str:
    """Write a moment as players do: 0:07, 1:02."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _background(figure: Figure) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes = _panel(figure, 0, HEIGHT, left=0)
    axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    corner = f"round,pad=0,rounding_size={MARGIN // 2}"
    axes.add_patch(FancyBboxPatch((0, 0), WIDTH, HEIGHT, boxstyle=corner, fc=NIGHT, lw=0))


def _panel(figure: Figure, bottom: int, height: int, left: int = MARGIN) -> Axes:
    """Return axes without decoration; pixels from the lower left corner."""
    axes = figure.add_axes(
        (left / WIDTH, bottom / HEIGHT, 1 - 2 * left / WIDTH, height / HEIGHT), frameon=False
    )
    axes.set(xticks=[], yticks=[])
    return axes


def _words(figure: Figure, card: Card, say: Phrases) -> None:
    seed = say("card.seed", seed=card.seed)
    _write(figure, WIDTH - MARGIN, 372, seed, 11, FAINT, "right")
    prompt = card.prompt if card.prompt != card.title else None
    room = WIDTH - 2 * MARGIN - 150
    title = fitted(card.title, 22, room)
    if title.endswith("…") and prompt is None:
        first, second = (*lines(card.title, 16, room, WIDTH - 2 * MARGIN), "")[:2]
        _write(figure, MARGIN, 374, first, 16, CREAM)
        _write(figure, MARGIN, 347, second, 16, CREAM)
    else:
        _write(figure, MARGIN, 372, title, 22, CREAM)
        _write(figure, MARGIN, 343, fitted(prompt or "", 13, WIDTH - 2 * MARGIN), 13, TEXT)
    height = 316 if prompt or title.endswith("…") else 334
    _write(figure, MARGIN, height, "   ·   ".join(facts(card, say)), 13, EMBER)


def _write(
    figure: Figure, x: float, y: float, text: str, size: int, color: str, align: str = "left"
) -> None:
    """Write one line of whole pixels' size, as wide as it was measured; y is its middle."""
    figure.text(
        x / WIDTH, y / HEIGHT, text, font=TYPEFACE, fontsize=size * 72 / DPI, color=color,
        ha=align, va="center_baseline", parse_math=False,
    )  # fmt: skip


def _waveform(axes: Axes, card: Card) -> None:
    """Draw peaks dim and loudness bright; the left side above the line, the right one below."""
    count = (WIDTH - 2 * MARGIN) // (BAR + GAP)
    peaks, loudness = levels(card.samples, count)
    tall = max(float(peaks.max(initial=0.0)), 0.05)
    places = np.arange(count) * (BAR + GAP) + BAR / 2
    old = (np.arange(count) + 0.5) / count * card.samples.shape[1] < card.new_from
    colors = np.where(old, OLD, EMBER)
    axes.set(xlim=(0, WIDTH - 2 * MARGIN), ylim=(-1.05, 1.05))
    for values, alpha in ((peaks, 0.42), (loudness, 1.0)):
        up, down = values[0] / tall, values[-1] / tall
        heights = np.maximum(up + down, 0.025)
        axes.bar(places, heights, BAR, -down, color=colors, alpha=alpha, lw=0)


def _spectrogram(axes: Axes, card: Card) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    glow = LinearSegmentedColormap.from_list("glow", GLOW)
    picture: Floats = mel_levels(card.samples, card.sample_rate, (WIDTH - 2 * MARGIN) // 2)
    axes.imshow(
        picture, cmap=glow, vmin=0, vmax=1, origin="lower", aspect="auto", interpolation="bicubic"
    )


def _time(figure: Figure, card: Card, say: Phrases) -> None:
    """Mark the seconds below and the seam through both pictures."""
    room, seam = WIDTH - 2 * MARGIN, card.seam / max(card.seconds, 1e-9)
    _write(figure, MARGIN, 24, "0:00", 11, FAINT)
    _write(figure, WIDTH - MARGIN, 24, clock(card.seconds), 11, FAINT, "right")
    if not 0 < seam < 1:
        return
    x = MARGIN + room * seam
    line: Any = _panel(figure, 0, HEIGHT, left=0)
    line.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    line.plot([x, x], [38, 272], color=CREAM, lw=2 * 72 / DPI, snap=True)
    label = say("card.new_from", time=clock(card.seam))
    _write(figure, min(max(x, 150), WIDTH - 170), 24, label, 11, CREAM, "center")


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Encode RGBA; with 256 colors where it would be too large otherwise."""
    from PIL import Image

    image = Image.fromarray(pixels)
    for picture in (image, image.quantize(256, method=Image.Quantize.FASTOCTREE)):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()
