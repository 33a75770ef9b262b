"""Reading what came in: JSON, or multipart with `payload_json` and files, as plain data."""

import json
import re
from typing import Any, NamedTuple

from aiohttp import BodyPartReader, web

from bot.rehearsal.refusals import Refusal

_UPLOAD_LIMIT = 256 << 20  # what a request may hold before its connection is cut
_CHUNK = 1 << 16
_FILE_FIELD = re.compile(r"files\[(\d+)\]$")


class File(NamedTuple):
    """An uploaded file with the form field it came in, such as `files[0]`."""

    field: str
    filename: str
    content: bytes

    @property
    def number(self) -> int | None:
        """The number in the field's name; None where there is none."""
        found = _FILE_FIELD.match(self.field)
        return int(found[1]) if found else None


class Recorded(NamedTuple):
    """A request of the bot; the path comes without `/api/v10`."""

    method: str
    path: str
    body: Any
    files: list[File]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None


async def read(request: web.Request) -> tuple[Any, list[File]]:
    """Return the JSON body (None without one) and the files of a request."""
    if not request.can_read_body:
        return None, []
    if not request.content_type.startswith("multipart/"):
        if request.content_type != "application/json":
            return None, []
        return _parse(await request.text()), []
    body: Any = None
    files: list[File] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refusal(400, 50035, "Invalid Form Body")
        content = await _read_part(part)
        if part.name == "payload_json":
            body = _parse(content.decode())
        elif part.name and part.filename is not None:
            files.append(File(part.name, part.filename, content))
    return body, files


async def _read_part(part: BodyPartReader) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk(_CHUNK):
        content += piece
        if len(content) > _UPLOAD_LIMIT:
            raise web.HTTPRequestEntityTooLarge(_UPLOAD_LIMIT, len(content))
    return bytes(content)
