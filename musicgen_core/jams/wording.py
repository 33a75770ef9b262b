"""What the model is told, and which seeds it gets: both follow from the jam alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from musicgen_core.errors import JamRefusal
from musicgen_core.jams.jam import Jam, Take
from musicgen_core.jams.tree import track
from musicgen_core.wording import KEY, TEMPO

LONGEST_WORDS = 300
_GOING_ON = re.compile(
    r"\W*(?:(?:just|please|now)\s+)?(?:go|carry|play|keep)\s+(?:on|going)\W*"
    r"|\W*(?:continue|more of (?:it|that|this))\W*"
    r"|[，。！\s]*(?:请?继续|接着来|接下去)吧?[，。！\s]*",
    re.IGNORECASE,
)
"""Says nothing of the sound, but models look for it: the built-in one read the key of G in "go"."""
_BPM = re.compile(r"\d+(?:\.\d+)?\s*bpm\b|每分钟\s*\d+\s*拍|速度\s*\d+", re.IGNORECASE)
_TONIC = re.compile(
    r"\b[A-G](?:[#b♯♭]|[- ](?:sharp|flat))?\s*(?:major|minor)\b|[升降]?[A-G][#b♯♭]?\s*[大小]调",
    re.IGNORECASE,
)


def worded(text: str) -> str:
    """Return what a person wrote on one line, without what no database and no model takes.

    Raises:
        JamRefusal: `words_long`.
    """
    text = " ".join(text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8").split())
    if len(text) > LONGEST_WORDS:
        raise JamRefusal("words_long", length=len(text), limit=LONGEST_WORDS)
    return text


def turn_prompt(jam: Jam, direction: str) -> str:
    """Return the jam's prompt with a direction; tempo and key are kept unless it names others.

    What was said exactly is kept in those words: an ear may be wrong. What was heard is kept else.
    """
    takes = track(jam)
    tempo = kept_tempo(takes)
    parts = [jam.prompt, "" if _GOING_ON.fullmatch(direction) else direction]
    if not TEMPO.search(direction):
        parts.append(_kept(jam.prompt, takes, TEMPO, _BPM, f"{tempo:.0f} bpm" if tempo else ""))
    if not KEY.search(direction):
        parts.append(_kept(jam.prompt, takes, KEY, _TONIC, kept_key(takes) or ""))
    return ", ".join(part for part in parts if part)


def _kept(
    prompt: str, takes: Sequence[Take], named: re.Pattern[str], exact: re.Pattern[str], heard: str
) -> str:
    """Return what keeps the tempo or key of a track; nothing where the prompt itself does."""
    if (last := _last_named(takes, named)) is not None:
        said = exact.search(takes[last].direction)
        return said.group() if said else heard
    return "" if exact.search(prompt) else heard


def kept_tempo(takes: Sequence[Take]) -> float | None:
    """Return the beats a minute that a track keeps: those of its first take that has any.

    Takes before the last one whose direction named a tempo do not count any more.
    """
    since = _last_named(takes, TEMPO) or 0
    return next((take.tempo for take in takes[since:] if take.tempo), None)


def kept_key(takes: Sequence[Take]) -> str | None:
    """Return the key that a track keeps, likewise."""
    since = _last_named(takes, KEY) or 0
    return next((take.key for take in takes[since:] if take.key), None)


def _last_named(takes: Sequence[Take], pattern: re.Pattern[str]) -> int | None:
    """Return the place of the last take whose direction names something; None: none does."""
    named = (place for place, take in enumerate(takes) if pattern.search(take.direction))
    return max(named, default=None)


def seeds_of(jam: Jam, turn: int, attempt: int, count: int) -> tuple[int, ...]:
    """Return a seed in [0, 2**32) for each candidate of an attempt."""
    return tuple(
        int.from_bytes(
            hashlib.sha256(f"{jam.id}:{jam.seed}:{turn}.{attempt}.{number}".encode()).digest()[:4]
        )
        for number in range(1, count + 1)
    )
