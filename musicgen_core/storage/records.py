"""What the database holds, as frozen values; times are aware and in UTC, ids are Discord's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from musicgen_core.jobs import JobState


class Delivered(StrEnum):
    """Where a finished job's clips went, or that its failure or cancellation was told."""

    INTERACTION = "interaction"
    CHANNEL = "channel"
    DM = "dm"
    LIBRARY = "library"
    TOLD = "told"


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """What somebody asks for; None leaves a value to the model, or says that there is none."""

    person_id: int
    server_id: int | None = None
    channel_id: int | None = None
    priority: int = 0
    """Higher is claimed earlier."""
    prompt: str | None = None
    seconds: float
    seed: int | None = None
    do_sample: bool | None = None
    guidance: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    tempo: float | None = None
    """Beats a minute."""
    key: str | None = None
    style: str | None = None
    model: str | None = None
    """Its short name; where it has left, the default plays."""
    variations: int = 1
    locale: str = "en-US"
    audio_file: str | None = None
    """Attached audio, a name from ClipFiles.write; kept until the job has ended."""
    parent_id: str | None = None
    """The clip that is continued."""
    from_second: float | None = None
    """Where in the parent; with no parent_id, the parent has been deleted meanwhile."""
    hear_seconds: float | None = None
    """How much of what is before it the model hears."""
    status_message_id: int | None = None

    @property
    def title(self) -> str:
        """What it goes by: its prompt, else its style; empty: nothing was asked for."""
        return self.prompt or self.style or ""


@dataclass(frozen=True, kw_only=True)
class JobRecord(NewJob):
    """An accepted job."""

    id: str
    status: JobState
    attempts: int
    """Times that it was claimed."""
    created: datetime
    started: datetime | None
    """When it was claimed last."""
    ended: datetime | None
    error: str | None
    """A sentence for people."""
    result_message_id: int | None
    """What brings its clips; until they are delivered, what is made to."""
    nonce: str
    """What Discord is told, so that posting again does not post twice; 25 characters."""
    delivered: Delivered | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A whole file in the clips' folder."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClip:
    """A clip that a job made, its file already written."""

    file: StoredFile
    seconds: float
    sample_rate: int
    channels: int
    title: str
    tempo: float | None = None
    """Beats a minute, measured."""
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """A clip; `deleted` is set when its file may be gone."""

    id: str
    file: str
    job_id: str
    number: int
    """From 1, within the job."""
    person_id: int
    server_id: int | None
    parent_id: str | None
    from_second: float | None
    sha256: str
    bytes: int
    seconds: float
    sample_rate: int
    channels: int
    tempo: float | None
    key: str | None
    title: str
    created: datetime
    kept: bool
    """Retention passes it over."""
    deleted: datetime | None


@dataclass(frozen=True, slots=True)
class ClipPage:
    """Some of a person's clips, newest first, and how many there are in all."""

    clips: tuple[ClipRecord, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server has set; None leaves it to the bot's own settings."""

    id: int
    language: str | None = None
    channels: tuple[int, ...] | None = None
    """Where the bot may be used; None: everywhere."""
    roles: tuple[int, ...] | None = None
    """Who may use it; None: everybody."""
    longest_seconds: float | None = None
    clips_an_hour: int | None = None
    """For each person."""
    formats: tuple[str, ...] | None = None
    blocked_words: tuple[str, ...] | None = None
    model: str | None = None
    retention_days: int | None = None
    jam_seconds: float | None = None
    """Of a jam's whole track."""


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """What a person has set; None leaves it to the server's and the bot's settings."""

    id: int
    language: str | None = None
    format: str | None = None
