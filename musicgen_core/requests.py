"""What people ask for and what they get: frozen, picklable value objects."""

from __future__ import annotations

import base64
import io
import json
import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from musicgen_core import audio as audio_io
from musicgen_core.errors import InvalidRequest

if TYPE_CHECKING:
    from os import PathLike
    from typing import BinaryIO

Samples: TypeAlias = npt.NDArray[np.float32]
Codes: TypeAlias = npt.NDArray[np.int64]

MAX_SEED = 2**32 - 1
LONGEST_PROMPT = 1000
"""Characters; what the tokenizer can take is checked where the tokenizer is."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How tokens are chosen; None leaves a value to the checkpoint's generation config.

    Raises:
        InvalidRequest: a value is out of its range.
    """

    do_sample: bool | None = None
    guidance_scale: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        _check_range("guidance", self.guidance_scale, 1.0, 20.0)
        _check_range("temperature", self.temperature, 0.01, 10.0)
        _check_range("top_k", self.top_k, 0, 65536)
        _check_range("top_p", self.top_p, 0.01, 1.0)

    def over(self, defaults: GenerationDefaults) -> SamplingParams:
        """Fill every None from `defaults`."""
        names = [f.name for f in fields(self)]
        given = {n: getattr(self, n) for n in names}
        return SamplingParams(
            **{n: getattr(defaults, n) if given[n] is None else given[n] for n in names}
        )


@dataclass(frozen=True, slots=True)
class GenerationDefaults:
    """A checkpoint's generation config: what a request that is silent gets."""

    do_sample: bool = True
    guidance_scale: float = 3.0
    temperature: float = 1.0
    top_k: int = 250
    top_p: float = 1.0
    max_length: int = 1500
    """The longest clip in frames."""

    def replace(self, **changes: Any) -> GenerationDefaults:
        """Return a copy with some values changed; names are checked."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the values as the checkpoint's generation_config.json names them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class AudioPrompt:
    """Audio to be continued: float32 [channels, samples] in [-1, 1] at `sample_rate` Hz.

    `clip` is its id where it is a clip of ours; its continuation names it as its parent.

    Raises:
        InvalidRequest: the samples are not finite, are empty, or have a wrong shape.
    """

    samples: Samples
    sample_rate: int
    clip: str | None = None

    def __post_init__(self) -> None:
        samples = np.atleast_2d(np.asarray(self.samples, dtype=np.float32))
        if samples.ndim != 2 or samples.shape[0] not in (1, 2):
            raise InvalidRequest("An audio prompt has one or two channels, as [channels, samples].")
        if samples.shape[1] == 0:
            raise InvalidRequest("The audio prompt is empty.")
        if not np.isfinite(samples).all():
            raise InvalidRequest("The audio prompt holds values that are not numbers.")
        object.__setattr__(self, "samples", samples)

    @property
    def seconds(self) -> float:
        """The prompt's length."""
        return self.samples.shape[1] / self.sample_rate

    @classmethod
    def read(cls, source: str | PathLike[str] | BinaryIO) -> AudioPrompt:
        """Read a WAV, FLAC, OGG, MP3 or AIFF file.

        Raises:
            InvalidRequest: the file is missing or is not audio that can be read.
        """
        samples, rate = audio_io.read(source)
        return cls(samples, rate)


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One clip to be made.

    `seconds` is the length of what is made: with an audio prompt the clip holds the prompt
    followed by that many new seconds. No prompt (None or blank): unconditional. `from_second` is
    where in the audio prompt to go on, what is behind it is dropped (to the nearest frame, half of
    0.02 s aside at most); `hear_seconds` is how much of what is before it the model hears.

    Raises:
        InvalidRequest: a value is out of its range.
    """

    prompt: str | None = None
    seconds: float = 10.0
    audio: AudioPrompt | None = None
    sampling: SamplingParams = field(default_factory=SamplingParams)
    seed: int | None = None
    from_second: float | None = None
    hear_seconds: float | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.seconds, int | float) and math.isfinite(self.seconds)):
            raise InvalidRequest("The duration must be a number of seconds.")
        if self.seconds <= 0:
            raise InvalidRequest("The duration must be more than 0 seconds.")
        if self.seed is not None and not 0 <= self.seed <= MAX_SEED:
            raise InvalidRequest(f"The seed must be a whole number from 0 to {MAX_SEED}.")
        self._check_continuation()
        object.__setattr__(self, "prompt", (self.prompt or "").strip() or None)

    def frames(self, frame_rate: float) -> int:
        """Return the number of new frames, `ceil(seconds * frame_rate)`."""
        # 5.12 * 50 must stay 256 whatever the float product says.
        return math.ceil(round(self.seconds * frame_rate, 6))

    def _check_continuation(self) -> None:
        start, heard = self.from_second, self.hear_seconds
        if (start is not None or heard is not None) and self.audio is None:
            raise InvalidRequest("There is no clip to continue.")
        if start is not None and self.audio is not None and not 0 < start <= self.audio.seconds:
            raise InvalidRequest(
                f"The clip is {self.audio.seconds:.2f} s long; "
                f"it cannot be continued from {start:g} s on."
            )
        if heard is not None and not 0 < heard < math.inf:
            raise InvalidRequest("At least a little of the clip must be heard; more than 0 s.")


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a clip came to be: enough to make it again."""

    model: str
    engine: str
    precision: str
    prompt: str | None
    seconds: float
    seed: int
    sampling: SamplingParams
    prompt_seconds: float = 0.0
    parent: str | None = None
    """The id of the clip that is continued."""
    hear_seconds: float | None = None
    """The most that the model heard of what is before; None: as much as it takes."""
    unread: float = 0.0
    """The share of the prompt's characters, 0 to 1, that the model's tokenizer has no piece for."""
    heard: str | None = None
    """What was heard in the clip that is continued and was told to the model beside the prompt."""
    software: str = audio_io.SOFTWARE

    @classmethod
    def of_file(cls, data: bytes) -> Provenance | None:
        """Read what `Clip.encode` wrote into a file's bytes; None where it is not there whole."""
        try:
            told = json.loads(audio_io.comment_of(data))
            sampling = SamplingParams(**told.pop("sampling"))
            return cls(sampling=sampling, **told)
        # A comment is anybody's; what has other values than ours is not ours.
        except (ValueError, TypeError, KeyError, AttributeError, InvalidRequest):
            return None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """Return one line of JSON, as it stands in a file's comment."""
        return json.dumps(self.to_dict(), ensure_ascii=False)


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A finished clip: float32 [channels, samples] in [-1, 1] at `sample_rate` Hz.

    `new_from` is the index of the first new sample; what is before it is the audio prompt at the
    model's rate, bit for bit.
    """

    samples: Samples
    sample_rate: int
    provenance: Provenance
    new_from: int = 0

    @property
    def seconds(self) -> float:
        """The clip's whole length, audio prompt included."""
        return self.samples.shape[1] / self.sample_rate

    @classmethod
    def read(cls, data: bytes) -> Clip:
        """Read a file that `encode` wrote without loss.

        Raises:
            InvalidRequest: it is not audio, or not a clip of ours.
        """
        samples, rate = audio_io.read(io.BytesIO(data))
        provenance = Provenance.of_file(data)
        if provenance is None:
            raise InvalidRequest("This file is no clip of mindjam's.")
        return cls(samples, rate, provenance, round(provenance.prompt_seconds * rate))

    def encode(self, file_format: str = "WAV") -> bytes:
        """Return the clip as the bytes of a file (16-bit) with its provenance in the metadata."""
        return audio_io.encode(
            self.samples,
            self.sample_rate,
            file_format,
            title=self._title,
            comment=self.provenance.to_json(),
        )

    def encode_within(self, limit: int, preferred: str = "WAV") -> tuple[str, bytes] | None:
        """Return (format, bytes) of at most `limit` bytes; see `audio.encode_within`."""
        return audio_io.encode_within(
            limit,
            self.samples,
            self.sample_rate,
            preferred,
            title=self._title,
            comment=self.provenance.to_json(),
        )

    @property
    def _title(self) -> str:
        return self.provenance.prompt or "unconditional"

    def save(self, path: str | PathLike[str]) -> None:
        """Write the clip at the model's rate; the suffix chooses WAV, FLAC, OGG or MP3."""
        audio_io.save(path, self.encode(audio_io.format_of(path)))

    def _repr_html_(self) -> str:
        """Show a player in a notebook."""
        data = base64.b64encode(self.encode()).decode("ascii")
        return f'<audio controls src="data:audio/wav;base64,{data}"></audio>'


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a clip is, or the longest of several: frames done of frames in all."""

    done: int
    total: int
    preview: Clip | None = None
    """The first seconds of the clip, told once, where the executor was asked for them."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model is and can do."""

    name: str
    engine: str
    precision: str
    sample_rate: int
    channels: int
    frame_rate: float
    max_seconds: float
    license: str
    note: str = ""
    """One sentence that people must know, or empty."""
    languages: tuple[str, ...] = ("en",)
    """ISO 639-1 codes of the languages it takes prompts in."""
    abilities: tuple[str, ...] = ("unconditional", "text", "continuation")
    cache_bytes_per_second: int = 0
    """What the engine remembers of each second of a clip while it is made; 0: not known."""


def check_possible(request: GenerationRequest, info: ModelInfo | None) -> None:
    """Refuse what a model cannot make, as far as it is known; None: it was never loaded.

    Raises:
        InvalidRequest: the text says what is accepted.
    """
    if info is not None and request.seconds > info.max_seconds:
        raise InvalidRequest(f"I make at most {info.max_seconds:g} s; please ask for less.")
    if request.prompt is not None and len(request.prompt) > LONGEST_PROMPT:
        raise InvalidRequest(
            f"The description has {len(request.prompt)} characters; "
            f"I read at most {LONGEST_PROMPT}."
        )


def short_name(model: str) -> str:
    """Return what people call a model: the last part of its name on the hub or of a path."""
    return model.rstrip("/").rpartition("/")[2]


def _check_range(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        raise InvalidRequest(f"{name} must be from {low:g} to {high:g}, not {value:g}.")
