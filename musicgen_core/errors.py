"""Everything that can go wrong, as one tree.

* MusicGenError
  - InvalidRequest   the caller can fix it; the text is shown to people
    - JamRefusal     what a jam does not allow now; carries .key and .fields of a sentence
  - QueueFull        carries .retry_after
    - ShareUsed      by a person or a server; carries .whose and .count, too
  - JobCancelled
  - BackendError     ours: log it and apologize
    - ModelUnavailable
    - StorageUnavailable
    - WorkerLost

Errors cross process boundaries by pickle, so `args` always match `__init__`.
"""


class MusicGenError(Exception):
    """The base of every error that mindjam raises on purpose."""


class InvalidRequest(MusicGenError):
    """The request cannot be made as asked; the text says why and what is accepted."""


class JamRefusal(InvalidRequest):
    """What a jam does not allow now; the catalogues have the sentence under jam.refusal.`key`."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key, self.fields = key, fields


class QueueFull(MusicGenError):
    """No room for another job now."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"The queue is full; try again in {self.retry_after:.0f} s."


class ShareUsed(QueueFull):
    """As many jobs of one person or one server are on their way as may be at once.

    `whose` is "person" or "server".
    """

    def __init__(self, whose: str, count: int, retry_after: float) -> None:
        super().__init__(retry_after)
        self.args = (whose, count, retry_after)
        self.whose, self.count = whose, count

    def __str__(self) -> str:
        return f"{self.count} jobs of this {self.whose} are on their way, the most at once."


class JobCancelled(MusicGenError):
    """The job was stopped before it was done."""

    def __str__(self) -> str:
        return self.args[0] if self.args else "The job was cancelled."


class BackendError(MusicGenError):
    """Something of ours failed; log it and apologize."""


class ModelUnavailable(BackendError):
    """A checkpoint cannot be used; the text names the file and the remedy."""


class StorageUnavailable(BackendError):
    """The database or the clips' folder cannot be used; the text says why and what to do."""


class WorkerLost(BackendError):
    """The worker process died while it held the job."""
