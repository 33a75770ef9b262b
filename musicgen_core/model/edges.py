"""The end of an encoded prompt: frames that the codec hears wrong, for want of what follows.

EnCodec's convolutions look a few frames ahead, and behind a prompt's end there is nothing but its
mirror image. Where that spoils the last frames, the model had better make them anew than go on from
noise; what is heard there is the original in any case.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from musicgen_core.model.protocols import Codec
from musicgen_core.requests import Codes, Samples

LOOKAHEAD = 5
"""Frames that the encoder sees ahead, at most: its last convolution three, the others two."""
_JUDGED = 20
"""Frames before those, whose errors are usual."""
_SETTLING = 5
"""Frames in which the decoder's memory fills, not judged."""
_WORSE = 4.0
"""How much larger an error is that is not usual: 6 dB, and more than all of those judged."""
_SILENCE = 1e-8
"""Mean square of a frame in which errors mean nothing, -80 dB."""


def spoiled_frames(codec: Codec, sound: Samples, codes: Codes) -> int:
    """Count the frames at a prompt's end that come back much worse than those before.

    Args:
        codec: what encoded the sound.
        sound: the prompt [C, N] at the codec's rate; its last sample ends the last frame.
        codes: the same encoded, [C * K, P].

    Returns:
        How many of the last frames are spoiled, 0 to LOOKAHEAD.
    """
    count = min(codes.shape[1], _SETTLING + _JUDGED + LOOKAHEAD)
    if count < _SETTLING + 2 * LOOKAHEAD:
        return 0
    errors = _errors(codec, sound[:, -count * codec.hop :], codes[:, -count:])[_SETTLING:]
    usual = errors[:-LOOKAHEAD]
    worse = errors > max(_WORSE * np.median(usual), usual.max())
    spoiled = 0
    while spoiled < LOOKAHEAD and worse[-1 - spoiled]:
        spoiled += 1
    return spoiled


def decoded(codec: Codec, codes: Codes, channels: int) -> Samples:
    """Codes [C * K, P], channels interleaved -> samples [C, P * hop]."""
    return np.stack([codec.decode(codes[c::channels]) for c in range(channels)])


def _errors(codec: Codec, sound: Samples, codes: Codes) -> npt.NDArray[np.float64]:
    """The error's energy over the sound's in every frame, [P]; 0 where it is silent."""
    energies = []
    for signal in (sound - decoded(codec, codes, len(sound)), sound):
        frames = np.square(signal, dtype=np.float64).reshape(len(sound), -1, codec.hop)
        energies.append(frames.mean(axis=(0, 2)))
    error, own = energies
    return np.where(own > _SILENCE, error / np.maximum(own, _SILENCE), 0.0)
