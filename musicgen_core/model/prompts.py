"""What a model gets of a request: text ids, the audio prompt's codes, every value resolved."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import numpy as np

from musicgen_core import audio
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.protocols import Codec, Row
from musicgen_core.model.windows import Window
from musicgen_core.requests import (
    MAX_SEED,
    AudioPrompt,
    Codes,
    GenerationDefaults,
    GenerationRequest,
    Samples,
)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A request and what the model gets of it."""

    request: GenerationRequest
    row: Row
    prompt: Samples
    """The audio prompt at the model's rate and channels [C, N]; N = 0 without one."""


def prepare(
    checkpoint: Checkpoint,
    codec: Codec,
    defaults: GenerationDefaults,
    window: Window,
    request: GenerationRequest,
) -> Prepared:
    """Tokenize, resample and encode.

    Raises:
        InvalidRequest: the request cannot be made by this checkpoint.
    """
    frames = request.frames(codec.sample_rate / codec.hop)
    channels = checkpoint.config.decoder.channels
    sound, codes = np.zeros((channels, 0), np.float32), None
    if request.audio is not None:
        sound = resampled_prompt(request.audio, codec.sample_rate, channels)
        codes = encode_prompt(codec, sound, max(window.heard, window.context - frames))
    row = Row(
        frames=frames,
        seed=secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed,
        sampling=request.sampling.over(defaults),
        text_ids=None if request.prompt is None else checkpoint.processor.tokenize(request.prompt),
        prompt=codes,
    )
    return Prepared(request, row, sound)


def resampled_prompt(prompt: AudioPrompt, rate: int, channels: int) -> Samples:
    """Return an audio prompt as the clip will hold it: [C, N] at the model's rate."""
    return audio.fit(prompt.samples, prompt.sample_rate, rate, channels)


def encode_prompt(codec: Codec, sound: Samples, most_frames: int) -> Codes:
    """Encode the end of a prompt [C, N] to codes [C * K, P], P at most `most_frames`.

    Frames are counted from the end, so that the new part begins on the sample where the prompt
    ends; up to a hop less one sample at the beginning is not heard. Channels are interleaved.

    Raises:
        InvalidRequest: the prompt is shorter than one frame.
    """
    frames = min(sound.shape[1] // codec.hop, most_frames)
    if frames == 0:
        shortest = codec.hop / codec.sample_rate
        raise InvalidRequest(f"The audio prompt is shorter than {shortest:g} s, one frame.")
    heard = np.ascontiguousarray(sound[:, sound.shape[1] - frames * codec.hop :])
    streams = np.stack([codec.encode(channel) for channel in heard], axis=1)
    return streams.reshape(-1, frames)
