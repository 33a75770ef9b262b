"""A jam as text and back: what is stored between any two transitions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from musicgen_core.jams.jam import Jam

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> TypeAdapter[Jam]:
    from pydantic import TypeAdapter

    return TypeAdapter(Jam)


def to_json(jam: Jam) -> str:
    """Return the whole jam as JSON; fields that a later version adds need a default there."""
    return _adapter().dump_json(jam).decode("utf-8")


def from_json(text: str) -> Jam:
    """Return the jam that `to_json` wrote."""
    return _adapter().validate_json(text)


def files_of(jam: Jam) -> frozenset[str]:
    """Return the names of the files that the jam needs."""
    files = {take.file for take in jam.takes}
    if jam.turn:
        files |= {candidate.file for candidate in jam.turn.candidates}
        files |= {jam.turn.clip} if jam.turn.clip else set()
    if jam.mix:
        files.add(jam.mix.file)
    return frozenset(files)
