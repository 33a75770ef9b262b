"""Files from people are decoded in a small process of their own, which may crash, hang or bloat."""

from __future__ import annotations

import asyncio
import logging

from musicgen_core.audio import ACCEPTED
from musicgen_core.errors import InvalidRequest, WorkerLost
from musicgen_core.executors import decoder
from musicgen_core.executors.child import Child
from musicgen_core.requests import AudioPrompt

log = logging.getLogger(__name__)


class AudioSandbox:
    """Reads audio one file at a time; its process starts with the first and then stays.

    Args:
        max_bytes: the largest file that is looked at.
        timeout: seconds for one file before its process is killed.
        memory: bytes that decoding may take; in the default, 10 minutes of stereo at 48 kHz fit.
    """

    def __init__(
        self, *, max_bytes: int = 25 << 20, timeout: float = 30.0, memory: int = 640 << 20
    ) -> None:
        self._max_bytes, self._timeout, self._memory = max_bytes, timeout, memory
        self._turn = asyncio.Lock()
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None while there is none."""
        return self._child.pid if self._child else None

    async def read(
        self, data: bytes, max_seconds: float, until: float | None = None
    ) -> AudioPrompt:
        """Decode a file's bytes up to the second `until`, judging by content alone.

        Raises:
            InvalidRequest: 0 bytes, too large, not audio, damaged, silent, or more than
                `max_seconds` of it are needed; the text says which.
        """
        if not data:
            raise InvalidRequest(f"The file is empty (0 bytes); send {ACCEPTED}.")
        if len(data) > self._max_bytes:
            raise InvalidRequest(
                f"The file is larger than {self._max_bytes >> 20} MB, the most I accept."
            )
        async with self._turn:
            child = await self._running()
            answer = await self._ask(child, (data, max_seconds, until))
        if isinstance(answer, InvalidRequest):
            raise answer
        return answer

    async def close(self) -> None:
        """End the process; a file that is being read is refused."""
        if self._child is not None:
            await self._child.close(grace=1.0)

    async def _running(self) -> Child:
        if self._child is None or not self._child.alive:
            # One thread, which makes way (see decoder.serve): the model has all the cores.
            self._child = Child(
                "audio decoder", decoder.serve, self._timeout, self._memory, threads=1
            )
            await self._child.receive()
        return self._child

    async def _ask(
        self, child: Child, asked: tuple[bytes, float, float | None]
    ) -> AudioPrompt | InvalidRequest:
        answered = False
        try:
            async with asyncio.timeout(self._timeout):
                await child.send(asked)
                answer: AudioPrompt | InvalidRequest = await child.receive()
            answered = True
        except TimeoutError:
            return InvalidRequest(f"The file takes more than {self._timeout:g} s to decode.")
        except WorkerLost as exc:
            log.warning("%s It held a file of %s bytes", exc, len(asked[0]))
            return InvalidRequest(f"The file cannot be decoded; send {ACCEPTED}.")
        finally:
            if not answered:  # cancelled, too: the next answer would be to this question
                await child.close(grace=0.0)
        return answer
