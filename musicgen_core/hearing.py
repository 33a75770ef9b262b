"""What a clip sounds like: its tempo and its key, where it has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from musicgen_core import audio

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

RATE = 22_050
"""Hertz at which sound is listened to."""
_HOP, _WINDOW = 256, 8192
_LONGEST = 60.0
"""Seconds that are listened to, from the middle."""
_SHORTEST = 2.0
"""Seconds in which a beat can be told from chance."""
_TEMPI = (50.0, 200.0)
_LIKELY_TEMPO, _SPREAD = 110.0, 0.35
"""Where people tap, and how many octaves to either side they still do."""
_ONSETS = 0.3
"""How much onsets must stand out, in the unit of librosa's onset strength."""
_LOWEST, _HIGHEST = 50.0, 500.0
"""Hertz between which keys are heard; above, partials of other pitches drown the notes."""
_BEAT = 0.3
"""How well onsets must repeat, of 1."""
_TONALITY = 0.55
"""How well the best key must fit, of 1."""
_GUESS = 0.5
"""How much of that is enough for a guess."""
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# How well each pitch class fits into a key, from the tonic on: fitted to 400 composed pieces by
# recipes/builtin/key_profiles.py, where they are right more often than Krumhansl's.
MAJOR = (1.58, -0.97, 0.20, -1.00, 0.95, 0.23, -1.45, 1.75, -0.96, 0.25, -0.64, 0.06)
MINOR = (1.62, -0.88, -0.12, 1.17, -1.01, 0.44, -1.53, 1.46, 0.21, -1.05, 0.27, -0.56)
PROFILES: Floats = np.array((MAJOR, MINOR))


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in a clip."""

    tempo: float | None = None
    """Beats a minute; None where there is no beat."""
    key: str | None = None
    """As in "A minor"; None where there is no tonality."""


def hear(samples: Samples, rate: int, *, sure: bool = True) -> Heard:
    """Listen to float32 [channels, samples] at `rate` Hz; what is not `sure` may be a guess.

    Of 58 foreign clips (recipes/builtin/strangers.py) it is sure of 41 tempos and 30 keys, of which
    36 and 23 are right; of guesses, 54 and 58, of which 44 and 43 are.
    """
    if audio.is_silent(samples, 1e-3):
        return Heard()
    mono = audio.with_channels(samples, 1)
    room = max(0, mono.shape[1] - round(_LONGEST * rate)) // 2
    sound = audio.resample(mono[:, room : mono.shape[1] - room], rate, RATE)[0]
    doubt = 1.0 if sure else _GUESS
    return Heard(hear_tempo(sound, doubt * _BEAT), hear_key(sound, doubt * _TONALITY))


def hear_tempo(sound: Samples, least: float = _BEAT) -> float | None:
    """Return the beats a minute of mono sound at 22 050 Hz, whose onsets repeat so well."""
    if len(sound) < _SHORTEST * RATE:
        return None
    periods, strength = pulse(sound)
    tempi = 60 * RATE / _HOP / periods
    octaves = np.log2(tempi / _LIKELY_TEMPO)
    best = int(np.argmax(strength * np.exp(-0.5 * (octaves / _SPREAD) ** 2)))
    if strength[best] < least:
        return None
    return round(float(60 * RATE / _HOP / _summit(periods, strength, best)), 1)


def pulse(sound: Samples) -> tuple[Floats, Floats]:
    """Return periods in frames [P] and how far onsets repeat after each, -1 to 1 [P]."""
    import librosa
    from librosa.onset import onset_strength

    onsets = onset_strength(y=sound, sr=RATE, hop_length=_HOP)
    if onsets.std() < _ONSETS:
        onsets = np.zeros_like(onsets)
    onsets = onsets - onsets.mean()
    alike = librosa.autocorrelate(onsets)
    # Later periods have fewer pairs to agree.
    alike = alike / np.maximum(alike[0], 1e-9) * len(onsets) / np.arange(len(onsets), 0, -1)
    fastest, slowest = (round(60 * RATE / _HOP / tempo) for tempo in reversed(_TEMPI))
    periods = np.arange(fastest, min(slowest, len(alike) // 2))
    return periods.astype(np.float64), alike[periods].astype(np.float64)


def _summit(periods: Floats, strength: Floats, at: int) -> float:
    """The top of the parabola through a peak and its neighbors."""
    if not 0 < at < len(strength) - 1:
        return float(periods[at])
    left, top, right = strength[at - 1 : at + 2]
    curve = left - 2 * top + right
    return float(periods[at] + (0.5 * (left - right) / curve if curve < 0 else 0.0))


def hear_key(sound: Samples, least: float = _TONALITY) -> str | None:
    """Return the key of mono sound at 22 050 Hz, if it fits so well."""
    if len(sound) < _WINDOW:
        return None
    scores = key_scores(pitch_classes(sound))
    mode, tonic = np.unravel_index(int(scores.argmax()), scores.shape)
    if scores[mode, tonic] < least:
        return None
    return f"{TONICS[tonic]} {('major', 'minor')[mode]}"


def pitch_classes(sound: Samples) -> Floats:
    """Return how much there is of each pitch class from C on, [12]."""
    import librosa
    from librosa.filters import chroma

    loud = np.abs(librosa.stft(sound, n_fft=_WINDOW, hop_length=_WINDOW // 4)).mean(axis=1)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    heard = (hertz > _LOWEST) & (hertz < _HIGHEST)
    bank = chroma(sr=RATE, n_fft=_WINDOW, octwidth=None)
    classes: Floats = np.asarray(bank[:, heard] @ loud[heard], dtype=np.float64)
    return classes


def key_scores(classes: Floats, profiles: Floats = PROFILES) -> Floats:
    """Correlate pitch classes [12] with profiles [2, 12] at every tonic, [major and minor, 12]."""
    turned = [np.roll(profile, tonic) for profile in profiles for tonic in range(12)]
    if np.ptp(classes) < 1e-9:
        return np.zeros((2, 12))
    return np.corrcoef([classes, *turned])[0, 1:].reshape(2, 12)
