"""A jam's sound: takes from files to a track, its previews, its mix and its stems."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np

from musicgen_core import audio as audio_io
from musicgen_core.audio import Samples
from musicgen_core.hearing import hear
from musicgen_core.jams.mix import Part, join, master, stems
from musicgen_core.jams.settings import LEAD_SECONDS, Curve, Seam
from musicgen_core.requests import AudioPrompt, Clip

SHORT_FADE = 0.3
"""Seconds at the end of an ending that the model made."""


@dataclass(frozen=True, slots=True)
class Reel:
    """Takes as files, in the order of the track, and what they become together."""

    files: tuple[bytes, ...]
    players: tuple[int | None, ...]
    rate: int
    channels: int
    seam: Seam

    def parts(self) -> list[Part]:
        """Return what each take added."""
        return [
            Part(*audio_io.read(io.BytesIO(data)), player)
            for data, player in zip(self.files, self.players, strict=True)
        ]

    def join(self, *more: Part) -> Samples:
        """Return the track [channels, samples] at `rate`, followed by other parts."""
        return join([*self.parts(), *more], self.rate, self.channels, self.seam)

    @property
    def lap(self) -> int:
        """Samples of the track under a seam."""
        return round(self.seam.overlap_seconds * self.rate)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model is to hear, and where in it the next take begins."""

    prompt: AudioPrompt
    from_second: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A part as a WAV file, and what was measured of it."""

    data: bytes
    seconds: float
    rate: int
    channels: int
    tempo: float | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Mixdown:
    """A mastered piece as a WAV file; `loudness` in LUFS, None for silence."""

    data: bytes
    seconds: float
    loudness: float | None


def listen(reel: Reel, seconds: float, clip: AudioPrompt | None, spliced: float) -> Heard:
    """Return the track's last `seconds`, with a person's clip behind it if there is one.

    Args:
        reel: the track; without files there is nothing before the clip.
        seconds: how much the model hears.
        clip: what a player gave.
        spliced: the seconds of it, from its beginning, that are part of the take; 0: the take
            only answers it.
    """
    track = reel.join() if reel.files else np.zeros((reel.channels, 0), np.float32)
    lap = reel.lap if reel.files else 0
    begins = track.shape[1] - lap
    if clip is not None:
        length = round((spliced or clip.seconds) * clip.sample_rate)
        given = Part(clip.samples[:, :length], clip.sample_rate)
        meeting = Seam(reel.seam.overlap_seconds, Curve.EQUAL_POWER)
        parts = [Part(track, reel.rate)] if track.shape[1] else []
        track = join([*parts, given], reel.rate, reel.channels, meeting)
    if not spliced:
        begins = track.shape[1] - lap
    first = max(0, min(begins, track.shape[1] - round(seconds * reel.rate)))
    heard = AudioPrompt(track[:, first:], reel.rate)
    return Heard(heard, (begins - first) / reel.rate)


def cut(clip: Clip, from_second: float) -> Cut:
    """Return a clip from a second on, and its tempo and key as they are heard there.

    What lies before the new part is the track's own end: under a seam, both are the same sound.
    """
    begins = round(from_second * clip.sample_rate)
    samples = clip.samples[:, begins:]
    heard = hear(samples, clip.sample_rate)
    return Cut(
        audio_io.encode(samples, clip.sample_rate),
        samples.shape[1] / clip.sample_rate,
        clip.sample_rate,
        samples.shape[0],
        heard.tempo,
        heard.key,
    )


def previews(reel: Reel, candidates: tuple[bytes, ...], limit: int) -> list[tuple[str, bytes]]:
    """Return (format, bytes) of each candidate after the track's last seconds."""
    made = []
    for data in candidates:
        part = Part(*audio_io.read(io.BytesIO(data)))
        track = reel.join(part)
        length = round((part.samples.shape[1] / part.rate + LEAD_SECONDS) * reel.rate)
        found = audio_io.encode_within(limit, track[:, -length:], reel.rate)
        made.append(found or ("WAV", b""))
    return made


def whole(reel: Reel, limit: int, title: str) -> tuple[str, bytes] | None:
    """Return (format, bytes) of the track in the best format that fits; None: none does."""
    return audio_io.encode_within(limit, reel.join(), reel.rate, title=title)


def again(data: bytes, limit: int, title: str) -> tuple[str, bytes] | None:
    """Return (format, bytes) of a WAV file of ours in the best format that fits, its words kept."""
    if len(data) <= limit:
        return "WAV", data
    samples, rate = audio_io.read(io.BytesIO(data))
    comment = audio_io.comment_of(data)
    return audio_io.encode_within(limit, samples, rate, "FLAC", title=title, comment=comment)


def outline(reel: Reel, count: int) -> tuple[float, ...]:
    """Return the track's peaks in `count` equal stretches, 0 to 1."""
    track = np.abs(reel.join()).max(axis=0, initial=0.0)
    starts = np.linspace(0, track.shape[0], count, endpoint=False).astype(int)
    peaks = np.maximum.reduceat(track, starts)
    return tuple(float(peak) for peak in peaks / max(float(peaks.max()), 1e-3))


def mixdown(reel: Reel, outro: tuple[Clip, float] | None, title: str, comment: str) -> Mixdown:
    """Return the mastered track, with what a clip has from a second on as its ending, or a fade."""
    more = []
    if outro is not None:
        clip, from_second = outro
        begins = round(from_second * clip.sample_rate)
        more.append(Part(clip.samples[:, begins:], clip.sample_rate))
    track = reel.join(*more)
    made = master(track, reel.rate, fade_seconds=SHORT_FADE) if more else master(track, reel.rate)
    data = audio_io.encode(made.samples, made.rate, title=title, comment=comment)
    loudness = round(made.loudness, 2) if np.isfinite(made.loudness) else None
    return Mixdown(data, made.samples.shape[1] / made.rate, loudness)


def zipped(reel: Reel, names: dict[int | None, str], limit: int) -> bytes | None:
    """Return a zip of each player's parts, each file as long as the track; None: it is too large.

    FLAC, because silence takes no room in it; else Vorbis.
    """
    sounds = [*stems(reel.parts(), reel.rate, reel.channels, reel.seam)]
    for file_format in ("FLAC", "OGG"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for number, (player, samples) in enumerate(sounds, 1):
                name = f"{number}-{names[player]}.{file_format.lower()}"
                archive.writestr(name, audio_io.encode(samples, reel.rate, file_format))
        if packed.tell() <= limit:
            return packed.getvalue()
    return None
