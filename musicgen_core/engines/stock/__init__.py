"""The engine `mindnlp`: MindNLP's stock `generate`, as the reference material calls it.

It is the yardstick, not the fast way: every step runs eagerly. Text, audio prompt and guidance go
through `generate` as they are meant to; only the choice of tokens is ours, so that a seed gives
the same clip on every engine and whatever shares its batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from musicgen_core.checkpoint.loading import Checkpoint
from musicgen_core.engines.stock.mends import Library, mended_library
from musicgen_core.engines.stock.model import load_model
from musicgen_core.model.protocols import Codec, Engine, Ensemble, Row
from musicgen_core.model.sampling import Choice, RowSampler
from musicgen_core.model.whole_batches import OnProgress, WholeBatches, WholeStream
from musicgen_core.requests import Codes, Progress, Samples


def create(checkpoint: Checkpoint, precision: str = "fp32") -> Engine:
    """Load the checkpoint into MindNLP's MusicGen; it computes in fp32.

    Raises:
        ModelUnavailable: the checkpoint lacks tensors that its config implies.
    """
    library = mended_library()
    return StockEngine(library, load_model(library, checkpoint), precision)


class StockCodec:
    """MindNLP's EnCodec (Défossez et al. 2022), mono."""

    def __init__(self, library: Library, model: Any) -> None:
        self._torch, self._model = library.torch, model
        self.sample_rate: int = model.config.sampling_rate
        self.hop: int = model.config.hop_length

    def encode(self, samples: Samples) -> Codes:
        """Samples [N] -> codes [K, N / hop]."""
        with self._torch.no_grad():
            encoded = self._model.encode(self._torch.tensor(samples[None, None]))
        codes: Codes = encoded.audio_codes.numpy()[0, 0].astype(np.int64)
        return codes

    def decode(self, codes: Codes) -> Samples:
        """Codes [K, F] -> samples [F * hop]."""
        with self._torch.no_grad():
            decoded = self._model.decode(self._torch.tensor(codes[None, None]), [None])
        samples: Samples = decoded.audio_values.numpy()[0, 0]
        return samples

    def stream(self, skip: int = 0) -> WholeStream:
        """Begin to decode codes that arrive bit by bit: all but `skip` frames' sound at the end."""
        return WholeStream(self, skip)


class StockEngine:
    """Stock generation in batches that need no padding of audio."""

    name = "mindnlp"
    cache_bytes_per_frame = 0

    def __init__(self, library: Library, model: Any, precision: str) -> None:
        self._torch, self._model, self.precision = library.torch, model, precision
        self.codec: Codec = StockCodec(library, model.audio_encoder)
        self._books: int = model.decoder.config.num_codebooks
        self._channels: int = model.decoder.config.audio_channels
        self._start: int = model.decoder.config.bos_token_id
        model.audio_encoder = _codes_for_sound(library)

    def ensemble(self) -> Ensemble:
        """Return a new ensemble without rows; it makes whole batches."""
        return WholeBatches(self.generate)

    def generate(self, rows: Sequence[Row], on_progress: OnProgress) -> list[Codes]:
        """Rows -> each row's new codes [K, frames], audio prompt excluded.

        Raises:
            JobCancelled: `on_progress` raised it.
        """
        batches: dict[BatchKey, list[int]] = {}
        for index, row in enumerate(rows):
            batches.setdefault(BatchKey.of(row), []).append(index)
        total = sum(key.frames for key in batches)
        made: dict[int, Codes] = {}
        done = 0
        for key, members in batches.items():
            report = _Report(
                on_progress, range(done, done + key.frames), total, self._longest_delay
            )
            codes = self._run(key, [rows[index] for index in members], report)
            made |= zip(members, codes, strict=True)
            done += key.frames
        return [made[index] for index in range(len(rows))]

    @property
    def _longest_delay(self) -> int:
        """Stock counts steps, of which the last codebook's delay makes no whole frame."""
        return self._books // self._channels - 1

    def _run(self, key: BatchKey, rows: Sequence[Row], report: Callable[[], None]) -> list[Codes]:
        """Make one batch of rows that agree in `key`."""
        samplers = [RowSampler(Choice.of(row.sampling), row.seed) for row in rows]
        # The reference leaves the delay out where fewer frames than that come of it: make more.
        frames = max(key.frames, self._longest_delay - key.prompt)
        sound = self._model.generate(
            **self._conditions(rows, key),
            max_new_tokens=frames + self._longest_delay,
            do_sample=False,
            decoder_start_token_id=self._start,
            logits_processor=_ChooserLast([self._chooser(samplers, report)]),
        )
        # Mono [1, B, K, T]; stereo [1, 2 B, K / 2, T], all left sides before all right ones.
        sides = sound.numpy().reshape(self._channels, len(rows), -1, sound.shape[-1])
        codes = sides.transpose(1, 2, 0, 3).reshape(len(rows), self._books, -1)
        return list(codes[..., key.prompt : key.prompt + key.frames].astype(np.int64))

    def _conditions(self, rows: Sequence[Row], key: BatchKey) -> dict[str, Any]:
        """Return generate's text, guidance and audio prompt."""
        torch = self._torch
        given: dict[str, Any] = {}
        if key.unconditional:
            given |= self._model.get_unconditional_inputs(num_samples=len(rows))
        else:
            texts = [row.text_ids or () for row in rows]
            longest = max(map(len, texts))
            given["input_ids"] = torch.tensor([[*t, *[0] * (longest - len(t))] for t in texts])
            given["attention_mask"] = torch.tensor(
                [[1] * len(t) + [0] * (longest - len(t)) for t in texts]
            )
            given["guidance_scale"] = key.guidance_scale
        prompts = [row.prompt for row in rows if row.prompt is not None and key.prompt]
        if prompts:
            given["decoder_input_ids"] = torch.tensor(np.concatenate(prompts))
        return given

    def _chooser(
        self, samplers: Sequence[RowSampler], report: Callable[[], None]
    ) -> Callable[..., Any]:
        def choose(_input_ids: Any, scores: Any) -> Any:
            """Scores [B * K, V] -> the same, all but the chosen tokens at -inf."""
            logits = scores.numpy().reshape(-1, self._books, scores.shape[-1])
            chosen = np.concatenate([s(row) for s, row in zip(samplers, logits, strict=True)])
            only = np.full(scores.shape, -np.inf, dtype=np.float32)
            np.put_along_axis(only, chosen[:, None], 0.0, axis=1)
            report()
            return self._torch.tensor(only)

        return choose


@dataclass(frozen=True, slots=True)
class BatchKey:
    """What rows must agree in to share one stock batch and still be what they are alone.

    Stock batches end together and attend to the padding of their audio prompts, so frames and
    prompt lengths must be equal; texts are masked properly and may differ in length.
    """

    frames: int
    prompt: int
    unconditional: bool
    guidance_scale: float

    @classmethod
    def of(cls, row: Row) -> BatchKey:
        """Return a row's key; guidance does nothing to an unconditional row."""
        unconditional = row.text_ids is None
        return cls(
            frames=row.frames,
            prompt=0 if row.prompt is None else row.prompt.shape[1],
            unconditional=unconditional,
            guidance_scale=1.0 if unconditional else row.sampling.guidance_scale or 1.0,
        )


class _Report:
    """Counts a batch's steps and tells them as frames done of all that is to be made."""

    def __init__(self, on_progress: OnProgress, batch: range, total: int, delay: int) -> None:
        self._on_progress, self._batch, self._total = on_progress, batch, total
        self._frames = -delay

    def __call__(self) -> None:
        self._frames += 1
        done = min(max(0, self._frames), len(self._batch))
        self._on_progress(Progress(self._batch.start + done, self._total))


class _ChooserLast(list[Any]):
    """Keeps the chooser behind the guidance that generate appends to its logits processors."""

    def append(self, processor: Any) -> None:
        self.insert(-1, processor)


def _codes_for_sound(library: Library) -> Any:
    """Return what stands in for EnCodec at the end of generate, where we want codes, not sound."""

    class CodesForSound(library.torch.nn.Module):  # type: ignore[misc, name-defined]
        def decode(self, audio_codes: Any, audio_scales: Any) -> Any:
            del audio_scales
            return SimpleNamespace(audio_values=audio_codes)

    return CodesForSound()
