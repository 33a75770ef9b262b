"""A model hub on loopback that serves one repository, and stops or breaks off when told to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

REVISION = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "mindjam/tiny"


class FakeHub:
    """What the hub's own client asks for: a listing, and files in whole or in part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[tuple[str, str, str | None]] = []
        """(method, path, Range header) of every request."""
        self.break_after: int | None = None
        """Drop the connection after so many bytes of a file's body."""
        self.instead: tuple[int, str, bytes] | None = None
        """(status, the hub's word for the error, body) of every answer."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Go away; the port answers no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def fetched(self) -> set[str]:
        """The names of the files whose content was asked for."""
        return {path.rpartition("/")[2] for method, path, _ in self.requests if "resolve" in path}

    def _handler(hub) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(body=False)

            def do_GET(self) -> None:
                self._answer(body=True)

            def _answer(self, *, body: bool) -> None:
                path = unquote(self.path.partition("?")[0])
                hub.requests.append((self.command, path, self.headers.get("Range")))
                if hub.instead:
                    return self._refuse(*hub.instead)
                if path.startswith(f"/api/models/{REPOSITORY}"):
                    return self._send(json.dumps(hub.listing()).encode(), body=body)
                prefix = f"/{REPOSITORY}/resolve/{REVISION}/"
                file = hub.folder / path.removeprefix(prefix)
                if path.startswith(prefix) and file.is_file():
                    return self._send(file.read_bytes(), body=body, breakable=True)
                return self._refuse(404, "RepoNotFound", b"")

            def _refuse(self, status: int, word: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("X-Error-Code", word)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _send(self, data: bytes, *, body: bool, breakable: bool = False) -> None:
                asked = self.headers.get("Range")
                start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
                self.send_response(206 if asked else 200)
                self.send_header("Content-Length", str(len(data) - start))
                if asked:
                    self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
                self.send_header("X-Repo-Commit", REVISION)
                self.end_headers()
                if body:
                    end = start + hub.break_after if breakable and hub.break_after else len(data)
                    self.wfile.write(data[start:end])
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

        return Handler

    def listing(self) -> dict[str, object]:
        """What the hub says of the repository."""
        files = sorted(path.name for path in self.folder.iterdir())
        return {
            "id": REPOSITORY,
            "modelId": REPOSITORY,
            "sha": REVISION,
            "private": False,
            "tags": [],
            "siblings": [{"rfilename": name} for name in files],
        }


@contextmanager
def fake_hub(folder: Path) -> Iterator[FakeHub]:
    """Serve `folder` as the repository mindjam/tiny."""
    hub = FakeHub(folder)
    try:
        yield hub
    finally:
        hub.stop()
