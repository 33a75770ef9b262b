"""The child's side of AudioSandbox: decode bytes that nobody vouches for, within limits."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import soundfile

from musicgen_core import audio
from musicgen_core.errors import InvalidRequest
from musicgen_core.executors.pipes import receive, send
from musicgen_core.requests import AudioPrompt

RATES = range(4_000, 192_001)
MOST_CHANNELS = 8
_POLITE = 5
"""Niceness: a clip that is being made does not wait for a file that is being read."""


def serve(orders: Connection, reports: Connection, cpu_seconds: float, memory: int) -> None:
    """Report None when ready, then an AudioPrompt or an InvalidRequest for each `decode`."""
    _silence_libraries()
    os.nice(_POLITE)
    _limit(resource.RLIMIT_CORE, 0)
    _limit_memory(memory)
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent is gone
        send(reports, None)
        while True:
            asked = receive(orders)
            used = resource.getrusage(resource.RUSAGE_SELF)
            _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + cpu_seconds) + 1)
            try:
                send(reports, decode(*asked))
            except InvalidRequest as refusal:
                send(reports, refusal)


def decode(data: bytes, max_seconds: float, until: float | None) -> AudioPrompt:
    """Return what a file holds, see `audio.read`: its first two channels at its own rate.

    Raises:
        InvalidRequest: it is not audio, is damaged from the start, is silent, or passes a limit.
    """
    opened = False
    try:
        # What cannot be opened is left to audio.read, which has the words for it.
        with contextlib.suppress(soundfile.SoundFileError):
            _check_header(soundfile.info(io.BytesIO(data)))
            opened = True
        prompt = AudioPrompt(*audio.read(io.BytesIO(data), max_seconds, until))
    except MemoryError as exc:
        raise InvalidRequest("The audio file takes too much memory to decode.") from exc
    except InvalidRequest as exc:
        if opened and isinstance(exc.__cause__, soundfile.SoundFileError):
            raise InvalidRequest("The audio file is damaged; please save it anew.") from exc
        raise
    if audio.is_silent(prompt.samples):
        raise InvalidRequest("The audio file is silent; send one that I can hear.")
    return prompt


def _check_header(header: soundfile._SoundFileInfo) -> None:
    if header.samplerate not in RATES:
        raise InvalidRequest(
            f"The audio has {header.samplerate} samples a second; "
            f"I accept {RATES.start} to {RATES.stop - 1}."
        )
    if header.channels > MOST_CHANNELS:
        raise InvalidRequest(
            f"The audio has {header.channels} channels; I accept up to {MOST_CHANNELS}."
        )


def _silence_libraries() -> None:
    """Keep Python's own stderr, drop what mpg123 prints about every damaged file."""
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    with Path(os.devnull).open("w", encoding="ascii") as null:
        os.dup2(null.fileno(), 2)


def _limit(kind: int, soft: int) -> None:
    """Lower a soft limit; the hard one stays, so that the next file can have its own."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(kind, (soft, hard))


def _limit_memory(more: int) -> None:
    """Allow `more` bytes beside what is mapped now; only Linux can tell, and enforces it."""
    with contextlib.suppress(FileNotFoundError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + more)
