"""Audio prompts in words, for a model that their sound does not reach.

A codec that gives a clip back hands all of it on. One with few voices, as the built-in
checkpoint's, is left with little of a clip that other voices made; there the tempo and the key that
are heard go into the prompt. A checkpoint says by itself that it wants that.
"""

from __future__ import annotations

import numpy as np

from musicgen_core.hearing import hear
from musicgen_core.model.edges import decoded
from musicgen_core.model.protocols import Codec
from musicgen_core.requests import Codes, Samples
from musicgen_core.wording import KEY, TEMPO

FAITHFUL = 10.0
"""How much larger than its error a sound is that the codec gives back: 10 dB."""
_COMPARED = 10.0
"""Seconds of a prompt's end that are compared."""
_LISTENED = 30.0
"""Seconds of it that are listened to: where a tempo or key changes, the last one goes on."""


def described(
    text: str | None, codec: Codec, sound: Samples, codes: Codes
) -> tuple[str | None, str | None]:
    """Add to a prompt what is heard in a sound that the codec does not give back.

    Args:
        text: the prompt; a tempo or key that it names stays as it is.
        codec: what encoded the sound.
        sound: the audio prompt [C, N] at the codec's rate; its last sample ends the last frame.
        codes: its end encoded, [C * K, P].

    Returns:
        The prompt, and what was added to it; None for either that is not there.
    """
    if gives_back(codec, sound, codes):
        return text, None
    added = in_words(sound, codec.sample_rate, text or "")
    return ", ".join(part for part in (text, added) if part) or None, added


def in_words(sound: Samples, rate: int, text: str = "") -> str | None:
    """Return the tempo and key at the end of a sound [C, N], those that a text does not name.

    They may be guessed: a model that is told nothing finds none of them.
    """
    tempo_named, key_named = TEMPO.search(text), KEY.search(text)
    if tempo_named and key_named:
        return None
    heard = hear(sound[:, -round(_LISTENED * rate) :], rate, sure=False)
    words = []
    if heard.tempo is not None and not tempo_named:
        words.append(f"{heard.tempo:.0f} bpm")
    if heard.key is not None and not key_named:
        words.append(heard.key)
    return ", ".join(words) or None


def gives_back(codec: Codec, sound: Samples, codes: Codes) -> bool:
    """Tell whether codes [C * K, P] hold the end of a sound [C, N]."""
    frames = min(codes.shape[1], round(_COMPARED * codec.sample_rate / codec.hop))
    end = sound[:, -frames * codec.hop :]
    error = end - decoded(codec, codes[:, -frames:], len(sound))
    return bool(np.square(end).sum() >= FAITHFUL * np.square(error).sum())
