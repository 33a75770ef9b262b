"""list[GenerationRequest] -> list[Clip], for any engine."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from musicgen_core import audio
from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.errors import InvalidRequest
from musicgen_core.model.protocols import Codec, Engine, OnProgress, Row
from musicgen_core.model.windows import Window, generate_in_windows
from musicgen_core.requests import (
    MAX_SEED,
    AudioPrompt,
    Clip,
    Codes,
    GenerationDefaults,
    GenerationRequest,
    Provenance,
    Samples,
)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A request and what the model gets of it."""

    request: GenerationRequest
    row: Row
    prompt: Samples
    """The audio prompt at the model's rate and channels [C, N]; N = 0 without one."""


def generate(
    checkpoint: Checkpoint,
    engine: Engine,
    defaults: GenerationDefaults,
    requests: Sequence[GenerationRequest],
    on_progress: OnProgress,
) -> list[Clip]:
    """Make one clip for each request, all in one batch.

    Raises:
        InvalidRequest: a request cannot be made by this checkpoint.
        JobCancelled: `on_progress` raised it.
    """
    if not requests:
        return []
    window = Window.of(min(defaults.max_length, checkpoint.config.decoder.max_positions))
    prepared = [_prepare(checkpoint, engine.codec, defaults, window, r) for r in requests]
    made = generate_in_windows(engine, [p.row for p in prepared], window, on_progress)
    return [_finish(checkpoint, engine, p, codes) for p, codes in zip(prepared, made, strict=True)]


def _prepare(
    checkpoint: Checkpoint,
    codec: Codec,
    defaults: GenerationDefaults,
    window: Window,
    request: GenerationRequest,
) -> Prepared:
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


def decode_channels(codec: Codec, codes: Codes, channels: int) -> Samples:
    """Decode interleaved codes [C * K, F] to samples [C, F * hop]."""
    return np.stack([codec.decode(codes[channel::channels]) for channel in range(channels)])


def _finish(checkpoint: Checkpoint, engine: Engine, prepared: Prepared, codes: Codes) -> Clip:
    """Turn new codes into a clip; the codec hears the prompt's codes first, for its memory."""
    row, codec = prepared.row, engine.codec
    heard = 0 if row.prompt is None else row.prompt.shape[1]
    stream = codes if row.prompt is None else np.concatenate([row.prompt, codes], axis=1)
    sound = decode_channels(codec, stream, checkpoint.config.decoder.channels)
    new = audio.limit_peaks(sound[:, heard * codec.hop :], codec.sample_rate)
    new_from = prepared.prompt.shape[1]
    return Clip(
        samples=np.concatenate([prepared.prompt, new], axis=1),
        sample_rate=codec.sample_rate,
        new_from=new_from,
        provenance=Provenance(
            model=checkpoint.name,
            engine=engine.name,
            precision=engine.precision,
            prompt=prepared.request.prompt,
            seconds=prepared.request.seconds,
            seed=row.seed,
            sampling=row.sampling,
            prompt_seconds=new_from / codec.sample_rate,
        ),
    )
