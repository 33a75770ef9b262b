"""Texts in WAV files, of any length: libsndfile reads none over 2045 bytes and loses longer ones.

The layout is that of Microsoft and IBM, *Multimedia Programming Interface and Data
Specifications 1.0* (1991): a LIST chunk of the type INFO, its texts ended by a zero byte.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_FIRST = 12
"""Bytes before the first chunk: RIFF, a size, WAVE."""
_HEAD = 8
"""Bytes of a chunk before its body: name and size."""
_SOUND = b"data"


def with_info(wav: bytes, *, title: str = "", comment: str = "", software: str = "") -> bytes:
    """Return a WAV file with texts before its sound; empty ones are left out."""
    texts = ((b"INAM", title), (b"ICMT", comment), (b"ISFT", software))
    body = b"".join(_chunk(name, text.encode("utf-8") + b"\0") for name, text in texts if text)
    info = _chunk(b"LIST", b"INFO" + body)
    at = next(start - _HEAD for name, start, _ in _chunks(wav, _FIRST, len(wav)) if name == _SOUND)
    size = struct.pack("<I", len(wav) + len(info) - _HEAD)
    return wav[:4] + size + wav[8:at] + info + wav[at:]


def comment_in(wav: bytes) -> str | None:
    """Return the comment in a WAV file's texts; None where it has none, or is no WAV file.

    Raises:
        UnicodeDecodeError: the comment is not UTF-8.
    """
    if wav[:4] != b"RIFF" or wav[8:_FIRST] != b"WAVE":
        return None
    for name, start, stop in _chunks(wav, _FIRST, len(wav)):
        if name == b"LIST" and wav[start : start + 4] == b"INFO":
            for field, begins, ends in _chunks(wav, start + 4, stop):
                if field == b"ICMT":
                    return wav[begins:ends].rstrip(b"\0").decode("utf-8")
    return None


def _chunks(data: bytes, at: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each chunk and where its body begins and ends."""
    while at + _HEAD <= stop:
        name, size = struct.unpack_from("<4sI", data, at)
        start, at = at + _HEAD, at + _HEAD + size + size % 2
        yield name, start, min(start + size, stop)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
