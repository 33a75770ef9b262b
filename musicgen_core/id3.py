"""ID3v2.4 tags for MP3 files: libsndfile's own hold no text but Latin-1."""

from __future__ import annotations

_UTF8 = b"\x03"


def id3_tag(*, title: str = "", comment: str = "", software: str = "") -> bytes:
    """Return a tag to stand before an MP3's first frame; empty texts are left out."""
    frames = b"".join(
        _frame(name, before + text.encode("utf-8"))
        for name, before, text in (
            (b"TIT2", _UTF8, title),
            (b"TSSE", _UTF8, software),
            # A comment has a language and a short description, here none.
            (b"COMM", _UTF8 + b"und\0", comment),
        )
        if text
    )
    return b"ID3\x04\x00\x00" + _synchsafe(len(frames)) + frames


def _frame(name: bytes, body: bytes) -> bytes:
    return name + _synchsafe(len(body)) + b"\0\0" + body


def _synchsafe(size: int) -> bytes:
    """Four bytes of seven bits each, so that no size looks like a frame of sound."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
