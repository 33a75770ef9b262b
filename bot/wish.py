"""A wish: what somebody wants, before it is known whether they may have it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace

from musicgen_core.storage import ClipRecord, JobRecord
from musicgen_core.wording import KEY, TEMPO

ONWARD = ("prompt", "style", "tempo", "key", "guidance", "temperature", "top_k", "model")
"""What a continuation has in common with what it continues."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; None leaves a value to the bot or the model."""

    prompt: str | None = None
    seconds: float | None = None
    variations: int = 1
    seed: int | None = None
    guidance: float | None = None
    temperature: float | None = None
    top_k: int | None = None
    tempo: float | None = None
    key: str | None = None
    style: str | None = None
    model: str | None = None
    parent_id: str | None = None
    """The clip that is continued."""
    from_second: float | None = None
    """From where in it."""
    hear_seconds: float | None = None
    """How much of what is before that the model hears."""

    @classmethod
    def again(cls, job: JobRecord, clip: ClipRecord | None) -> Wish:
        """The same once more, with a new seed.

        What was attached then is gone; the clip that was made of it begins with it.
        """
        known = {field.name: getattr(job, field.name) for field in fields(cls)}
        wish = replace(cls(**known), seed=None)
        if job.audio_file is None and job.parent_id is None:  # what it continued has been deleted
            wish = replace(wish, from_second=None, hear_seconds=None)
        if job.audio_file is not None and clip is not None:
            begins = max(0.0, clip.seconds - job.seconds)
            wish = replace(wish, parent_id=clip.id, from_second=round(begins, 3) or None)
        return wish

    @classmethod
    def onward(cls, job: JobRecord, clip: ClipRecord) -> Wish:
        """Return a wish to go on from a clip as it was asked for; length and seed are left open."""
        return cls(parent_id=clip.id, **{name: getattr(job, name) for name in ONWARD})

    def adding(self, said: Wish) -> Wish:
        """Return the wish with another's words behind its own, and another's length.

        Its tempo and key stay unless the words name others.
        """
        words = said.prompt or ""
        return replace(
            self,
            prompt=", ".join(text for text in (self.prompt, words) if text) or None,
            seconds=said.seconds,
            tempo=None if TEMPO.search(words) else self.tempo,
            key=None if KEY.search(words) else self.key,
        )

    def values(self) -> dict[str, object]:
        """Return what a job is made of."""
        return asdict(self)
