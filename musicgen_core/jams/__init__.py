"""Jam sessions: members of a server make one track together; what the bot sees of them.

`begin` (and `graft`, for a fork) make a jam, `open_jam` opens it, `apply` takes it through events,
`due` tells what to do for it after a restart. Events and effects are modules of their own, and so
are `mix` (the sound) and `tree_layout` (the picture).
"""

from musicgen_core.jams.beginning import begin, graft
from musicgen_core.jams.due import due
from musicgen_core.jams.jam import (
    GONE,
    Candidate,
    Ending,
    Jam,
    Member,
    Mix,
    Model,
    Origin,
    Parent,
    Phase,
    Suggestion,
    Take,
    Timer,
    TimerName,
    Turn,
    Vote,
)
from musicgen_core.jams.machine import apply, open_jam
from musicgen_core.jams.settings import Curve, JamSettings, Mode, Seam
from musicgen_core.jams.tree import (
    Credit,
    credits_of,
    find_take,
    room_seconds,
    starts,
    track,
    track_seconds,
)
from musicgen_core.jams.wording import kept_key, kept_tempo

__all__ = [
    "GONE",
    "Candidate",
    "Credit",
    "Curve",
    "Ending",
    "Jam",
    "JamSettings",
    "Member",
    "Mix",
    "Mode",
    "Model",
    "Origin",
    "Parent",
    "Phase",
    "Seam",
    "Suggestion",
    "Take",
    "Timer",
    "TimerName",
    "Turn",
    "Vote",
    "apply",
    "begin",
    "credits_of",
    "due",
    "find_take",
    "graft",
    "kept_key",
    "kept_tempo",
    "open_jam",
    "room_seconds",
    "starts",
    "track",
    "track_seconds",
]
