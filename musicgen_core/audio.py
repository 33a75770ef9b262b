"""Sound as arrays: read, resample, keep under full scale, write. Arrays are [channels, samples]."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from musicgen_core.errors import InvalidRequest
from musicgen_core.id3 import id3_tag
from musicgen_core.limiter import PeakLimiter
from musicgen_core.riff import comment_in, with_info

if TYPE_CHECKING:
    from os import PathLike
    from typing import BinaryIO

Samples = npt.NDArray[np.float32]

ACCEPTED = "WAV, FLAC, OGG, MP3 or AIFF"
FORMATS = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}
SOFTWARE = "mindjam"
_CHUNK = 1 << 16
_VORBIS = tuple(("OGG", level) for level in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0))
_MPEG = tuple(("MP3", level) for level in (0.0, 0.2, 0.4, 0.6, 0.8, 0.9))
_LADDER: dict[str, tuple[tuple[str, float | None], ...]] = {
    "WAV": (("WAV", None), ("FLAC", None), *_VORBIS),
    "FLAC": (("FLAC", None), *_VORBIS),
    "OGG": _VORBIS[1:],
    "MP3": _MPEG,
}
"""Formats and levels of compression by preferred format, the best first."""


def read(
    source: str | PathLike[str] | BinaryIO, max_seconds: float | None = None
) -> tuple[Samples, int]:
    """Return (float32 [channels, samples], rate in Hz) of an audio file; more than two: first two.

    Raises:
        InvalidRequest: the file is missing, is not audio, is empty, or passes `max_seconds`.
    """
    import soundfile

    if not hasattr(source, "read") and not Path(source).is_file():
        raise InvalidRequest(f"There is no audio file {os.fspath(source)}.")
    try:
        with soundfile.SoundFile(source) as file:
            limit = None if max_seconds is None else int(max_seconds * file.samplerate)
            samples = _read_at_most(file, limit)
            rate = int(file.samplerate)
    except soundfile.SoundFileError as exc:
        raise InvalidRequest(f"This file is not audio I can read; send {ACCEPTED}.") from exc
    if samples.shape[0] == 0:
        raise InvalidRequest("The audio file holds no sound.")
    return np.ascontiguousarray(samples.T[:2]), rate


def _read_at_most(file: Any, limit: int | None) -> Samples:
    """Read block by block, because a header's frame count is not to be trusted with memory."""
    blocks: list[Samples] = []
    total = 0
    while len(block := file.read(_CHUNK, dtype="float32", always_2d=True)):
        total += len(block)
        if limit is not None and total > limit:
            raise InvalidRequest(
                f"The audio is longer than {limit / file.samplerate:.0f} s, the most I accept."
            )
        blocks.append(block)
    return np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)


def resample(samples: Samples, rate: int, target: int) -> Samples:
    """Resample [channels, samples] with soxr's high quality (librosa's default)."""
    if rate == target:
        return samples
    import librosa

    out = librosa.resample(samples, orig_sr=rate, target_sr=target, res_type="soxr_hq")
    return np.ascontiguousarray(out, dtype=np.float32)


def with_channels(samples: Samples, channels: int) -> Samples:
    """Mix down to mono by the mean, or double mono to stereo."""
    if samples.shape[0] == channels:
        return samples
    mono = samples.mean(axis=0, keepdims=True, dtype=np.float32)
    return np.repeat(mono, channels, axis=0)


def fit(samples: Samples, rate: int, target: int, channels: int) -> Samples:
    """Return the audio prompt as a model hears it: its rate, its channels, within full scale."""
    return limit_peaks(with_channels(resample(samples, rate, target), channels), target)


def limit_peaks(samples: Samples, rate: int) -> Samples:
    """Return `samples` within full scale, without clipping; see PeakLimiter."""
    if np.abs(samples).max(initial=0.0) <= 1.0:
        return samples
    limiter = PeakLimiter(rate)
    return np.concatenate([limiter.feed(samples), limiter.finish()], axis=1)


def is_silent(samples: Samples, threshold: float = 1e-4) -> bool:
    """Tell whether nothing passes -80 dB of full scale."""
    return bool(np.abs(samples).max(initial=0.0) < threshold)


def format_of(path: str | PathLike[str]) -> str:
    """Return the file format that a path's suffix names.

    Raises:
        InvalidRequest: it names none that can be written.
    """
    name = Path(path).suffix.lstrip(".").upper() or "WAV"
    if name not in FORMATS:
        known = ", ".join(f".{known.lower()}" for known in FORMATS)
        raise InvalidRequest(f"I cannot write .{name.lower()} files; use one of {known}.")
    return name


def encode(
    samples: Samples,
    rate: int,
    file_format: str = "WAV",
    *,
    title: str = "",
    comment: str = "",
    compression: float | None = None,
) -> bytes:
    """Return a file's bytes: 16 bit where the format has bits, with metadata.

    `compression` is from 0, the best sound, to 1, the smallest file; None is the format's own.
    """
    import soundfile

    texts = {"title": title, "comment": comment, "software": SOFTWARE}
    sound = io.BytesIO()
    with soundfile.SoundFile(
        sound,
        "w",
        rate,
        samples.shape[0],
        FORMATS[file_format],
        format=file_format,
        compression_level=compression,
    ) as file:
        for field, text in texts.items():
            if text and file_format in {"FLAC", "OGG"}:
                setattr(file, field, text)
        # Vorbis and MP3 crash on one huge write in some builds of libsndfile.
        for start in range(0, samples.shape[1], _CHUNK):
            file.write(samples[:, start : start + _CHUNK].T)
    match file_format:
        case "MP3":
            return id3_tag(**texts) + sound.getvalue()
        case "WAV":
            return with_info(sound.getvalue(), **texts)
    return sound.getvalue()


def encode_within(
    limit: int,
    samples: Samples,
    rate: int,
    preferred: str = "WAV",
    *,
    title: str = "",
    comment: str = "",
) -> tuple[str, bytes] | None:
    """Return (format, bytes) of the best file of at most `limit` bytes; None where none is.

    The preferred format comes first, then what loses least: FLAC nothing, Vorbis little by little.
    """
    for file_format, compression in _LADDER[preferred]:
        data = encode(
            samples, rate, file_format, title=title, comment=comment, compression=compression
        )
        if len(data) <= limit:
            return file_format, data
    return None


def comment_of(data: bytes) -> str:
    """Return the comment in a file's metadata; empty where there is none, or no audio."""
    import soundfile

    try:
        if (comment := comment_in(data)) is not None:
            return comment
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            return str(file.comment or "")
    except (soundfile.SoundFileError, UnicodeDecodeError):
        return ""


def save(path: str | PathLike[str], data: bytes) -> None:
    """Write `data` under a temporary name and rename it, so that no half file is ever seen."""
    target = Path(path)
    partial = target.with_name(f".{target.name}.part")
    partial.write_bytes(data)
    partial.replace(target)
