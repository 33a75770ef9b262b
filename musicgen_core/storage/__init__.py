"""What outlives the process: jobs, clips, jams, settings; in SQLite or PostgreSQL, and as files."""

from musicgen_core.storage.checkup import (
    DatabaseState,
    FolderState,
    database_state,
    folder_state,
)
from musicgen_core.storage.inventory import Holdings
from musicgen_core.storage.jams import JamChange, JamFork, LikedJam
from musicgen_core.storage.records import (
    ClipPage,
    ClipRecord,
    Delivered,
    JobRecord,
    NewClip,
    NewJob,
    PersonSettings,
    ServerSettings,
    StoredFile,
)
from musicgen_core.storage.store import Storage
from musicgen_core.storage.sweeper import Swept

__all__ = [
    "ClipPage",
    "ClipRecord",
    "DatabaseState",
    "Delivered",
    "FolderState",
    "Holdings",
    "JamChange",
    "JamFork",
    "JobRecord",
    "LikedJam",
    "NewClip",
    "NewJob",
    "PersonSettings",
    "ServerSettings",
    "Storage",
    "StoredFile",
    "Swept",
    "database_state",
    "folder_state",
]
