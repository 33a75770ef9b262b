"""Rows made together by an engine, as codes: what a session does without text and sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from musicgen_core.model.protocols import Engine, Row
from musicgen_core.requests import Codes, Progress


def made_codes(
    engine: Engine, rows: Sequence[Row], on_progress: Callable[[Progress], None] | None = None
) -> list[Codes]:
    """Each row's new codes [K, frames]; progress is the longest row's."""
    ensemble = engine.ensemble()
    seats = [ensemble.join(row) for row in rows]

    def report() -> None:
        if on_progress is not None:
            done = max(seat.frames for seat in seats)
            on_progress(Progress(done, max(row.frames for row in rows)))

    while not all(seat.done for seat in seats):
        ensemble.step(report)
        report()
    return [seat.codes(0) for seat in seats]
