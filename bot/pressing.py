"""The press's side of its pipes: listen and draw; heavy libraries load with the first clip."""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from bot.locales import phrases
from musicgen_core.executors.inbox import Inbox
from musicgen_core.executors.pipes import send
from musicgen_core.hearing import Heard
from musicgen_core.requests import Clip

log = logging.getLogger(__name__)

NICENESS = 10
"""A card may wait, though not for ever; the bot's answers and the music may not."""


@dataclass(frozen=True, slots=True)
class Print:
    """An order: a clip, its title, and the locale of its words."""

    clip: Clip
    say: str
    title: str | None = None
    """None: the prompt."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """What people get beside a clip."""

    card: bytes | None = None
    """A PNG; None where it could not be drawn."""
    alt_text: str = ""
    """A sentence for those who do not see the card; empty without one."""
    heard: Heard = field(default_factory=Heard)


def serve(orders: Connection, reports: Connection, log_level: int) -> None:
    """Report a Presentation for each Print until orders end."""
    os.nice(NICENESS)
    logging.basicConfig(
        level=log_level, format="%(asctime)s press %(levelname)s %(name)s: %(message)s"
    )
    # Who makes way would draw on for a minute when nobody wants it any more.
    inbox: Inbox[Print] = Inbox(orders)
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        while (prints := inbox.next_orders(wait=True)) is not None:
            for each in prints:
                send(reports, present(each))


def present(order: Print) -> Presentation:
    """Listen and draw; what is wrong with the card costs the card alone."""
    try:
        return _with_card(order)
    except Exception:
        log.exception("A card could not be drawn")
        return Presentation()


def _with_card(order: Print) -> Presentation:
    from bot.ui.cards import Card, describe, draw
    from musicgen_core.hearing import hear

    clip, made, say = order.clip, order.clip.provenance, phrases(order.say)
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
    return Presentation(draw(card, say), describe(card, say), heard)
