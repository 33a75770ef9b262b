"""What is measured on sound: the codec, and continuations of our own and of foreign clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
import numpy.typing as npt

from musicgen_core.audio import limit_peaks
from musicgen_core.model.describing import in_words
from recipes.builtin.adherence import hear
from recipes.builtin.boundaries import jumps_at_boundaries
from recipes.builtin.composer.theory import Key
from recipes.builtin.conductor import END, MEANINGS
from recipes.builtin.figures import Figures
from recipes.builtin.shaping import OVERLAP, integrated_loudness
from recipes.builtin.soundfont import SAMPLE_RATE
from recipes.builtin.stock_codec import Sound, StockCodec, in_sixteen_bits, signal_to_noise
from recipes.builtin.strangers import Stranger
from recipes.builtin.voices import CONDUCTOR, Codes

Continue = Callable[[Sequence[str | None], Codes, int, int], Sequence[Codes]]
"""Texts, codes to go on from [B, 9, F], frames and a seed -> new codes [9, frames] each."""

_KEYS = {
    False: (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    True: (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
"""How well a pitch class fits a major and a minor key (Krumhansl and Kessler 1982)."""
_TEMPO_SLACK = 0.04


def codec_figures(codec: StockCodec, clips: Sequence[Codes]) -> Figures:
    """Encode and decode generated clips as people have them; their level.

    mindjam turns down what passes full scale; other software may cut it off, which hides marks.
    """
    equal, levels, sharp, wide = [], [], [], []
    ratios: dict[bool, list[float]] = {True: [], False: []}
    sounds = [codec.decode(codes) for codes in clips]
    for codes, sound in zip(clips, sounds, strict=True):
        for cut, found in ratios.items():
            had = in_sixteen_bits(sound if cut else limit_peaks(sound[None], SAMPLE_RATE)[0])
            heard = codec.encode(had)[:, : codes.shape[1]]
            found.append(signal_to_noise(had, codec.decode(heard)[: len(had)]))
            if not cut:
                equal.append(float((heard == codes).mean()))
        levels.append(20 * np.log10(float(np.sqrt(np.mean(sound**2))) + 1e-9))
        sharp.append(jumps_at_boundaries(sound, codes))
        wide.append(jumps_at_boundaries(sound, codes, OVERLAP))
    peaks = [float(np.abs(sound).max()) for sound in sounds]
    return {
        "clips": len(clips),
        "same tokens, least": round(min(equal), 4),
        "SNR dB, least": round(min(ratios[False]), 1),
        "SNR dB, median": round(median(ratios[False]), 1),
        "SNR dB, least, peaks cut off": round(min(ratios[True]), 1),
        "RMS dBFS, median": round(median(levels), 1),
        "LUFS, median": round(median(map(integrated_loudness, sounds)), 1),
        "peak, median": round(median(peaks), 3),
        "peak, most": round(max(peaks), 3),
        "clips over full scale": sum(peak > 1 for peak in peaks),
        "jump energy at frame boundaries": round(median(sharp), 3),
        "jump energy where frames overlap": round(median(wide), 3),
    }


def own_continuations(clips: Sequence[Codes], texts: Sequence[str | None], go_on: Continue,
                      frames: int, seed: int) -> Figures:  # fmt: skip
    """Continue generated clips: is the new part, heard alone, in the same tempo and key?"""
    follow = go_on(texts, np.stack(clips), frames, seed)
    before, after = ([hear(from_a_phrase(c)).attributes for c in part] for part in (clips, follow))
    tempo = [_same_tempo(a.bpm, b.bpm) for a, b in zip(before, after, strict=True)]
    key = [(a.tonic, a.minor) == (b.tonic, b.minor) for a, b in zip(before, after, strict=True)]
    return {"clips": len(clips), "tempo": round(float(np.mean(tempo)), 4),
            "key": round(float(np.mean(key)), 4)}  # fmt: skip


def from_a_phrase(codes: Codes) -> Codes:
    """Codes from the first phrase on, if the conductor says where: the ears expect one first."""
    told = (MEANINGS[token - 1] if 0 < token < END else None for token in codes[CONDUCTOR])
    starts = (at for at, m in enumerate(told) if m and m.sign.name == "place" and m.second == 0)
    return codes[:, next(starts, 0) :]


def _same_tempo(one: float | None, other: float | None, *, octaves: bool = False) -> bool:
    if not one or not other:
        return False
    ratios = (1.0, 2.0, 0.5) if octaves else (1.0,)
    return any(abs(one * ratio / other - 1) <= _TEMPO_SLACK for ratio in ratios)


def foreign_figures(codec: StockCodec, clips: Sequence[Stranger], go_on: Continue,
                    frames: int, seed: int) -> Figures:  # fmt: skip
    """What librosa hears in foreign clips, in what the codec makes of them, and afterwards.

    The model is told what the library hears in them, as always where it goes on from such clips.
    """
    codes = [codec.encode(clip.samples.astype(np.float32)) for clip in clips]
    heard = [codec.decode(c) for c in codes]
    shortest = min(c.shape[1] for c in codes)
    told = [in_words(clip.samples[None].astype(np.float32), SAMPLE_RATE) for clip in clips]
    followed = go_on(told, np.stack([c[:, -shortest:] for c in codes]), frames, seed)
    rows = []
    stages = ("clip", "encoded", "continued")
    for clip, again, following in zip(clips, heard, followed, strict=True):
        sounds = (clip.samples.astype(np.float32), again, codec.decode(following))
        rows.append([(_tempo(sound), _key(sound)) for sound in sounds])
    found: Figures = {"clips": len(clips), "names": [clip.name for clip in clips]}
    for i, stage in enumerate(stages):
        known = [(clip, *row[i]) for clip, row in zip(clips, rows, strict=True)]
        found[stage] = {
            "tempo": _share([_same_tempo(c.bpm, bpm, octaves=True) for c, bpm, _ in known]),
            "key": _share([(c.key.tonic, c.key.minor) == key for c, _, key in known]),
            "key or a neighbor": _share([_near(c.key, key) for c, _, key in known]),
        }
    played = [
        (clip, hear(from_a_phrase(c)).attributes) for clip, c in zip(clips, followed, strict=True)
    ]
    found["continued, by its notes"] = {
        "tempo": _share([_same_tempo(c.bpm, a.bpm, octaves=True) for c, a in played]),
        "key": _share([(a.tonic, a.minor) == (c.key.tonic, c.key.minor) for c, a in played]),
    }
    return found


def _share(met: Sequence[bool]) -> float:
    return round(float(np.mean(met)), 4)


def _near(key: Key, found: tuple[int, bool]) -> bool:
    """The same key, its relative, or one a fifth away: all but one pitch class are the same."""
    step = (found[0] - key.tonic) % 12
    if found[1] == key.minor:
        return step in {0, 5, 7}
    return step == (3 if key.minor else 9)


def _tempo(sound: Sound) -> float:
    import librosa

    beats = librosa.beat.beat_track(y=sound, sr=SAMPLE_RATE, hop_length=256)[0]
    return float(np.atleast_1d(beats)[0])


def _key(sound: Sound) -> tuple[int, bool]:
    """The key whose profile the chroma is most like (Krumhansl and Schmuckler)."""
    import librosa

    chroma: npt.NDArray[np.float64] = librosa.feature.chroma_cqt(y=sound, sr=SAMPLE_RATE)
    shares = chroma.mean(axis=1)
    scores = {
        (tonic, minor): float(np.corrcoef(np.roll(profile, tonic), shares)[0, 1])
        for minor, profile in _KEYS.items()
        for tonic in range(12)
    }
    return max(scores, key=lambda key: scores[key])
