"""Waiting for a message that fits, for tests and for `rehearse --once`."""

import asyncio
from collections.abc import Callable

from bot.rehearsal.events import Event, Events, MessageCreated, MessageUpdated
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import Json
from bot.rehearsal.world import Message, World

Predicate = Callable[[Json], object]


class Witness:
    """Sees every message, ephemeral ones included."""

    def __init__(self, world: World, events: Events, payloads: Payloads) -> None:
        self._world, self._events, self._payloads = world, events, payloads

    async def wait_for_message(
        self,
        predicate: Predicate,
        timeout: float = 10.0,  # noqa: ASYNC109  # what was seen instead belongs in the error
        *,
        after: Json | str | None = None,
    ) -> Json:
        """Return the first message that fits, as it is posted, edited or already there.

        With `after`, a message's payload or id, only what was posted later counts. Raises
        `TimeoutError` naming what was there instead.
        """
        oldest = int(after["id"] if isinstance(after, dict) else after or 0)
        arrived: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        def look(message: Message) -> None:
            if arrived.done() or int(message.id) <= oldest:
                return
            payload = self._payloads.message(message)
            try:
                fits = predicate(payload)
            except Exception as error:  # noqa: BLE001  # the test's own mistake, told to the test
                arrived.set_exception(error)
                return
            if fits:
                arrived.set_result(payload)

        def hear(event: Event) -> None:
            if isinstance(event, MessageCreated | MessageUpdated):
                look(event.message)

        leave = self._events.subscribe(hear)
        try:
            for message in list(self._world.all_messages()):
                look(message)
            async with asyncio.timeout(timeout):
                return await arrived
        except TimeoutError:
            raise TimeoutError(
                f"No fitting message within {timeout:g} s; there are: {self._summary()}"
            ) from None
        finally:
            leave()

    def _summary(self) -> str:
        lines = []
        for message in self._world.all_messages():
            files = ", ".join(attachment.filename for attachment in message.attachments)
            lines.append(f"{message.author.name}: {message.content[:200]!r} [{files}]")
        return "; ".join(lines) or "none"
