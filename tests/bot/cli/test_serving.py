"""A command that runs until it is stopped."""

from __future__ import annotations

import gc

from bot.cli.serving import set_aside


def test_what_was_imported_is_not_looked_through_again() -> None:
    try:
        set_aside()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 1_000
    finally:
        gc.unfreeze()
