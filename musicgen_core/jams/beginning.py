"""How a jam begins: with nothing, or with the track of another."""

from __future__ import annotations

from dataclasses import replace

from musicgen_core.jams.jam import Jam, Member, Model, Origin, Parent
from musicgen_core.jams.settings import JamSettings
from musicgen_core.jams.tree import find_take, track
from musicgen_core.jams.wording import worded


def begin(
    *,
    id: str,  # noqa: A002
    title: str,
    prompt: str,
    owner: int,
    settings: JamSettings,
    seed: int,
    at: float,
    server: int | None = None,
    place: int | None = None,
    model: Model | None = None,
) -> Jam:
    """Return a jam that nothing has happened to; `open_jam` opens its first turn.

    Raises:
        JamRefusal: `words_long`.
    """
    return Jam(
        id=id, title=worded(title), prompt=worded(prompt), owner=owner, settings=settings,
        seed=seed, created=at, server=server, place=place, model=model,
        members=(Member(owner, 1),), seats=1,
    )  # fmt: skip


def graft(jam: Jam, parent: Jam, number: int) -> Jam:
    """Return a jam that begins with the track up to a take of another, with credit to it.

    The takes are copied, not referred to, so that the fork stays whole whatever becomes of the
    other jam; their files are the same.

    Raises:
        JamRefusal: `no_such_take`.
    """
    find_take(parent, number)
    line = track(parent, number)
    takes = tuple(
        replace(take, number=place, parent=place - 1 or None, origin=Origin(parent.id, take.number))
        for place, take in enumerate(line, start=1)
    )
    return replace(
        jam, takes=takes, head=len(takes), base=len(takes), rate=parent.rate,
        unposted=len(takes), forked_from=Origin(parent.id, number),
        parent=Parent(parent.title, parent.place),
    )  # fmt: skip
