"""The press's side of its pipes: encode, listen, draw; heavy libraries load with the first clip."""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from bot.locales import ENGLISH, Phrases, phrases
from musicgen_core.errors import BackendError
from musicgen_core.executors.pipes import receive, send
from musicgen_core.hearing import Heard
from musicgen_core.requests import Clip

log = logging.getLogger(__name__)

NICENESS = 5
"""A card may wait; the bot's answers and the music may not."""


@dataclass(frozen=True, slots=True)
class Print:
    """An order: a clip, and how it is wanted."""

    clip: Clip
    preferred: str
    limit: int | None
    """Bytes of the sound's file; None: the file is not wanted."""
    say: str = ENGLISH
    title: str | None = None
    with_card: bool = True

    def plain(self) -> Print:
        """Return the same order for the file alone."""
        return replace(self, with_card=False)


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip as a file: its format as in WAV, and its bytes."""

    file_format: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Presentation:
    """What people get of a clip."""

    sound: Sound | None
    """None where no format is small enough, or it was not wanted."""
    card: bytes | None
    """A PNG; None where it could not be drawn, or was not asked for."""
    alt_text: str
    """A sentence for those who do not see the card; empty without one."""
    heard: Heard


def serve(orders: Connection, reports: Connection, log_level: int) -> None:
    """Report a Presentation, or a BackendError, for each Print until orders end."""
    os.nice(NICENESS)
    logging.basicConfig(
        level=log_level, format="%(asctime)s press %(levelname)s %(name)s: %(message)s"
    )
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent is gone
        while True:
            order = receive(orders)
            try:
                answer: Presentation | BackendError = present(order)
            except Exception as exc:
                log.exception("A clip could not be encoded")
                answer = BackendError(f"The clip cannot be encoded ({type(exc).__name__}).")
            send(reports, answer)


def present(order: Print) -> Presentation:
    """Make everything; what is wrong with the card costs the card alone."""
    clip = order.clip
    found = None if order.limit is None else clip.encode_within(order.limit, order.preferred)
    sound = None if found is None else Sound(*found)
    plain = Presentation(sound, None, "", Heard())
    if not order.with_card:
        return plain
    try:
        return _with_card(plain, order, phrases(order.say))
    except Exception:
        log.exception("A card could not be drawn")
        return plain


def _with_card(plain: Presentation, order: Print, say: Phrases) -> Presentation:
    from bot.ui.cards import Card, describe, draw
    from musicgen_core.hearing import hear

    clip, made = order.clip, order.clip.provenance
    heard = hear(clip.samples, clip.sample_rate)
    card = Card(
        samples=clip.samples,
        sample_rate=clip.sample_rate,
        title=order.title or made.prompt or say("card.untitled"),
        seed=made.seed,
        prompt=made.prompt,
        heard=heard,
        new_from=clip.new_from,
    )
    drawn = replace(plain, alt_text=describe(card, say), heard=heard)
    return replace(drawn, card=draw(card, say))
