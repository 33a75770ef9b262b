"""The seam of a continuation: how the new part takes over from the original without being heard.

A codec gives the end of the original back in its own words: louder or softer, and for sound that
it was not made for, as another waveform altogether. The new part goes on from those words, not
from the original, so level and waveform have to be led from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

FADE = 0.03
"""Seconds in which the original's echo fades out and the new part fades in."""
EASE = 2.0
"""Seconds in which the original's level gives way to the new part's own."""
RECOVERY = 0.15
"""Seconds in which what is louder or softer only right behind the seam gets its own level back."""
LEVEL = 0.2
"""Seconds on either side of the seam over which levels are compared."""
_GRAIN = 0.05
"""Seconds next to the seam over which waveforms and, once more, levels are compared; those before
it make the echo."""
RING = 0.5
"""Seconds in which the room falls silent where the new part begins with a rest."""
_REST = 0.7
"""How loud the new part's beginning is, at most, beside the original's end, to be a rest: -3 dB."""
_STRANGE, _DOUBTFUL = 0.6, 0.3
"""Correlation up to which a waveform is another one, and over how much more it is believed."""
_TRIALS = 8
_ORDER = 32
_MOST = 8.0
"""The largest ratio of levels that is matched, 18 dB either way."""
_SILENCE = 1e-3
"""Root mean square below which a level means nothing, -60 dB."""


class Seam:
    """Joins a codec's sound to the original that it continues, in pieces of any size.

    Args:
        original: the original at the codec's rate, [C, N].
        known: how many of its last samples the decoded sound begins with.
        rate: samples per second.
    """

    def __init__(self, original: Samples, known: int, rate: int) -> None:
        self._end, self._rate = original[:, original.shape[1] - known :], rate
        self._heard: list[Samples] = [original[:, :0]]
        self._joint: Joint | None = None
        self._made = 0

    def feed(self, decoded: Samples) -> Samples:
        """Decoded sound [C, n], the original's end first -> the new part's next samples [C, m].

        The first come when there is enough of the new part to tell how loud it is.
        """
        if self._joint is not None:
            return self._join(self._joint, decoded)
        self._heard.append(decoded)
        needed = self._end.shape[1] + _count(LEVEL, self._rate)
        return self.finish() if sum(x.shape[1] for x in self._heard) >= needed else decoded[:, :0]

    def finish(self) -> Samples:
        """Return what waits, however short the new part is."""
        heard, known = np.concatenate(self._heard, axis=1), self._end.shape[1]
        self._heard = [heard[:, :0]]
        if self._joint is None:
            self._joint = Joint.of(self._end, heard[:, :known], heard[:, known:], self._rate)
            heard = heard[:, known:]
        return self._join(self._joint, heard)

    def _join(self, joint: Joint, decoded: Samples) -> Samples:
        joined = joint.apply(decoded, self._made)
        self._made += decoded.shape[1]
        return joined


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """What is done to the new part.

    Just before the seam the original is `share * decoded + rest`. Behind it `rest` goes on as an
    echo that fades out, and the decoded sound passes from `share` to its own strength. So a codec
    that repeats the original changes nothing, and one that does not is crossfaded.

    How loud the new part is to begin is told by what the codec made of the original, as far as
    that is the original; as far as it is not, the new part begins as loud as the original ends.
    """

    level: float
    """The gain that gives way in EASE seconds."""
    onset: float
    """A further gain, given up in RECOVERY seconds."""
    likeness: Floats
    """Correlation of the two waveforms, 0 to 1, [C, 1]."""
    share: Floats
    """[C, 1]"""
    echo: Floats
    """How `rest` would go on, [C, samples of the fade]."""
    ring: Floats
    """What is left in the room of an original that nothing follows at once, [C, samples or 0]."""
    rate: int

    @classmethod
    def of(cls, original: Samples, decoded: Samples, new: Samples, rate: int) -> Joint:
        """Compare what is known twice, [C, n] each, and the new part's beginning [C, m]."""
        grain = _count(_GRAIN, rate)
        ours, theirs = (x[:, -grain:].astype(np.float64) for x in (original, decoded))
        product = (ours * theirs).sum(axis=1, keepdims=True)
        energies = [(x * x).sum(axis=1, keepdims=True) + 1e-12 for x in (ours, theirs)]
        likeness = (product / np.sqrt(energies[0] * energies[1])).clip(0.0, 1.0)
        likeness *= np.clip((likeness - _STRANGE) / _DOUBTFUL, 0.0, 1.0)
        share = likeness * np.sqrt(energies[0] / energies[1])
        echo = [extrapolate(rest, _count(FADE, rate)) for rest in ours - share * theirs]
        span, trusted = _count(LEVEL, rate), float(likeness.mean())
        end = original[:, -span:]
        needed = level_ratio(end, new[:, :span])
        level = level_ratio(end, decoded[:, -span:]) ** trusted * needed ** (1 - trusted)
        joint = cls(level, 1.0, likeness, share, np.stack(echo), ours[:, :0], rate)
        for _ in range(_TRIALS):
            # The echo and the gain's fall have their part in how loud it is: try, and correct.
            behind = joint.apply(new[:, :grain], 0)
            off = level_ratio(original[:, -grain:], behind) ** (1 - trusted)
            joint = replace(joint, onset=joint.onset * off)
        lost = _lost(ours, joint.apply(new[:, :grain], 0)) * (1 - trusted)
        return replace(joint, ring=lost * reverberation(end, grain, rate)) if lost else joint

    def apply(self, new: Samples, start: int) -> Samples:
        """Decoded samples [C, n], the first of which is `start` behind the seam -> joined ones."""
        strength = self._strength(start + np.arange(new.shape[1]))
        joined = new * strength
        echo = self.echo[:, start : start + new.shape[1]]
        length = echo.shape[1]
        if length:
            fading = _fall(self.echo.shape[1])[start : start + length]
            # Chosen so that the power stays the same, however alike the two are.
            rising = np.sqrt(1 - fading**2 * (1 - self.likeness**2)) - self.likeness * fading
            head = new[:, :length] * (strength[:length] * rising + self.share * fading)
            joined[:, :length] = head + echo * fading
        ring = self.ring[:, start : start + new.shape[1]]
        joined[:, : ring.shape[1]] += ring
        return joined.astype(np.float32)

    def _strength(self, at: npt.NDArray[np.int64]) -> Floats:
        """The gain at samples behind the seam: from `level * onset` to 1."""
        left, near = (
            0.5 + 0.5 * np.cos(np.pi * np.minimum(at / (seconds * self.rate), 1.0))
            for seconds in (EASE, RECOVERY)
        )
        strength: Floats = self.level**left * self.onset**near
        return strength


def _lost(original: Floats, behind: Samples) -> float:
    """Root mean square that is missing behind the seam where a rest is; 0 where none is."""
    if not behind.size:
        return 0.0
    ours, theirs = (float(np.mean(np.square(x, dtype=np.float64))) for x in (original, behind))
    rest = max(ours, theirs) > _SILENCE**2 and theirs < _REST**2 * ours
    return float(np.sqrt(ours - theirs)) if rest else 0.0


def reverberation(sound: Samples, grain: int, rate: int) -> Floats:
    """What a room would still sound of [C, n] when it is over, its first grain at level 1, [C, m].

    Noise that falls by 60 dB in RING seconds is a room's impulse response (Moorer 1979).
    """
    count = _count(RING, rate)
    noise = np.random.default_rng(0).standard_normal(count)
    response = noise * 10 ** (-3 * np.arange(count) / count)
    size = sound.shape[1] + count
    spectrum = np.fft.rfft(sound, size, axis=1) * np.fft.rfft(response, size)
    ring: Floats = np.fft.irfft(spectrum, size, axis=1)[:, sound.shape[1] :]
    level = float(np.sqrt(np.mean(np.square(ring[:, :grain]))))
    return ring / level if level > 0 else ring[:, :0]


def level_ratio(original: Samples, decoded: Samples) -> float:
    """Return how much louder the original is, within 18 dB either way; 1 where one is silent."""
    ours, theirs = (
        float(np.sqrt(np.square(x, dtype=np.float64).sum() / max(x.size, 1)))
        for x in (original, decoded)
    )
    if min(ours, theirs) < _SILENCE:
        return 1.0
    return min(max(ours / theirs, 1 / _MOST), _MOST)


def extrapolate(known: Floats, count: int) -> Floats:
    """Continue a waveform [n] by linear prediction, [count] samples."""
    coefficients = burg(known, min(_ORDER, len(known) // 3))
    order = len(coefficients)
    line: Floats = np.concatenate([known, np.zeros(count)])
    for at in range(len(known), len(line)):
        line[at] = coefficients @ line[at - order : at][::-1]
    return line[len(known) :]


def burg(known: Floats, order: int) -> Floats:
    """Return the coefficients [order] that predict a sample from those before, the nearest first.

    Burg's method (1975), whose predictions never grow.
    """
    coefficients: Floats = np.zeros(0)
    forward, backward = known[1:], known[:-1]
    for _ in range(order):
        energy = forward @ forward + backward @ backward
        if energy < 1e-12:
            return np.pad(coefficients, (0, order - len(coefficients)))
        reflection = 2 * (forward @ backward) / energy
        coefficients = np.append(coefficients - reflection * coefficients[::-1], reflection)
        forward, backward = (
            (forward - reflection * backward)[1:],
            (backward - reflection * forward)[:-1],
        )
    return coefficients


def _count(seconds: float, rate: int) -> int:
    return max(1, round(seconds * rate))


def _fall(count: int) -> Floats:
    """A raised cosine from nearly 1 to nearly 0, [count]."""
    fall: Floats = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, count + 1) / (count + 1))
    return fall
