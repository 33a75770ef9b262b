"""What `mindjam doctor` says of the database and the clips' folder; it changes neither."""

from __future__ import annotations

import asyncio

from bot.finding import Finding
from bot.settings import Settings
from musicgen_core.errors import StorageUnavailable
from musicgen_core.storage import database_state, folder_state

GIBIBYTE = 1 << 30
ENOUGH_ROOM = GIBIBYTE
"""Some hundreds of clips of 30 s as WAV."""


def database(settings: Settings) -> Finding:
    """Say whether the database can be reached, and which schema it has."""
    try:
        state = asyncio.run(database_state(settings.database))
    except StorageUnavailable as exc:
        return Finding("database", "bad", str(exc))
    if state.too_new:
        text = f"{state.address}, schema {state.schema}; this mindjam knows up to {state.newest}"
        return Finding("database", "bad", text, "update mindjam, or set another `database`")
    if state.schema is None:
        return Finding("database", "ok", f"{state.address}, to be made at the first start")
    text = f"{state.address}, schema {state.schema}"
    if state.schema != state.newest:
        text += f", to be brought to {state.newest} at the next start"
    return Finding("database", "ok", text)


def clips_folder(settings: Settings) -> Finding:
    """Say whether clips can be written, and how much room there is."""
    state = folder_state(settings.clips)
    text = f"{settings.clips}, {state.free_bytes / GIBIBYTE:.1f} GiB free"
    if not state.writable:
        remedy = "change its permissions, or set another folder as `clips`"
        return Finding("clips' folder", "bad", f"{settings.clips} cannot be written", remedy)
    if not state.exists:
        text += ", to be made at the first start"
    if state.free_bytes < ENOUGH_ROOM:
        remedy = "make room, or have old clips deleted with the setting keep_days"
        return Finding("clips' folder", "note", text, remedy)
    return Finding("clips' folder", "ok", text)
