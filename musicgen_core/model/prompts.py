"""What a model gets of a request: text ids, the audio prompt's codes, every value resolved."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

import numpy as np

from musicgen_core import audio
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.describing import described
from musicgen_core.model.edges import spoiled_frames
from musicgen_core.model.protocols import Codec, Row
from musicgen_core.model.windows import Window
from musicgen_core.requests import (
    MAX_SEED,
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
    remade: int = 0
    """Frames at the prompt's end that the model does not hear but makes anew, before the others."""
    unread: float = 0.0
    """The share of the text's characters that the tokenizer has no piece for."""
    heard: str | None = None
    """What was heard in the audio prompt and is told to the model beside the text."""


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
    text, heard = request.prompt, None
    channels = checkpoint.config.decoder.channels
    sound, codes, remade = original_of(request, codec, channels), None, 0
    if request.audio is not None:
        most = max(window.heard, window.context - frames)
        codes = encode_prompt(codec, sound, min(most, heard_frames(request, codec)))
        if checkpoint.describes:
            text, heard = described(text, codec, sound, codes)
        remade = spoiled_frames(codec, sound, codes)
        codes = codes[:, : codes.shape[1] - remade]
    row = Row(
        frames=frames + remade,
        seed=secrets.randbelow(MAX_SEED + 1) if request.seed is None else request.seed,
        sampling=request.sampling.over(defaults),
        text_ids=None if text is None else checkpoint.processor.tokenize(text),
        prompt=codes,
    )
    unread = 0.0 if request.prompt is None else checkpoint.processor.unread(request.prompt)
    return Prepared(request, row, sound, remade, unread, heard)


def original_of(request: GenerationRequest, codec: Codec, channels: int) -> Samples:
    """Return an audio prompt as the clip will hold it: [C, N] at the model's rate, cut.

    Frames are counted from the end, as in `encode_prompt`: what the codec decoded itself is cut
    between two of its frames and is encoded as what it was, half a frame aside it would not be.
    """
    prompt = request.audio
    if prompt is None:
        return np.zeros((channels, 0), np.float32)
    sound = audio.fit(prompt.samples, prompt.sample_rate, codec.sample_rate, channels)
    if request.from_second is None:
        return sound
    length = sound.shape[1]
    dropped = round((length - request.from_second * codec.sample_rate) / codec.hop) * codec.hop
    return sound[:, : length - max(0, dropped)]


def heard_frames(request: GenerationRequest, codec: Codec) -> float:
    """Return how many frames of the audio prompt's end the request lets the model hear."""
    if request.hear_seconds is None:
        return math.inf
    return math.ceil(round(request.hear_seconds * codec.sample_rate / codec.hop, 6))


def encode_prompt(codec: Codec, sound: Samples, most_frames: float) -> Codes:
    """Encode the end of a prompt [C, N] to codes [C * K, P], P at most `most_frames`.

    Frames are counted from the end, so that the new part begins on the sample where the prompt
    ends; up to a hop less one sample at the beginning is not heard. Channels are interleaved.

    Raises:
        InvalidRequest: the prompt is shorter than one frame.
    """
    frames = int(min(sound.shape[1] // codec.hop, most_frames))
    if frames == 0:
        shortest = codec.hop / codec.sample_rate
        raise InvalidRequest(f"The audio prompt is shorter than {shortest:g} s, one frame.")
    heard = np.ascontiguousarray(sound[:, sound.shape[1] - frames * codec.hop :])
    streams = np.stack([codec.encode(channel) for channel in heard], axis=1)
    return streams.reshape(-1, frames)
