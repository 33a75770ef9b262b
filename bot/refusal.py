"""What the bot itself refuses, before anything is queued."""

from __future__ import annotations

from bot.locales import Phrases
from musicgen_core.errors import InvalidRequest, JamRefusal, QueueFull, ShareUsed


class Refusal(InvalidRequest):
    """A wish that cannot be granted; `key` names the sentence under [refusal] in the catalogues."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def sentence(error: BaseException, say: Phrases) -> str | None:
    """Return what a person is told of an error that they can do something about, else None."""
    match error:
        case Refusal():
            return say(f"refusal.{error.key}", **error.values)
        case ShareUsed():
            return say(
                f"refusal.share_of_{error.whose}",
                count=error.count,
                time=say.time(error.retry_after),
            )
        case QueueFull():
            return say("refusal.queue_full", time=say.time(error.retry_after))
        case JamRefusal():
            return say(f"jam.refusal.{error.key}", **error.fields)
        case InvalidRequest():
            return say.of_core(str(error))
    return None
