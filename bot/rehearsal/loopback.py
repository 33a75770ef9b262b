"""Who may talk to the rehearsal: programs and pages of this machine, nobody from elsewhere."""

from urllib.parse import urlsplit

from aiohttp import web

from bot.rehearsal.rest import Handler

_NAMES = {"127.0.0.1", "localhost", "::1"}


def _is_ours(request: web.Request) -> bool:
    """Tell whether the address asked for, and the page that asks, are this server's.

    A web page elsewhere can make its own host name point at 127.0.0.1 (DNS rebinding) and can
    send forms anywhere; its Host or its Origin gives it away.
    """
    host = request.headers.get("Host", "")
    if urlsplit(f"//{host}").hostname not in _NAMES:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"http://{host}"


@web.middleware
async def only_loopback(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to what comes by another name or from another page."""
    if not _is_ours(request):
        return web.Response(status=403, text="The rehearsal answers this machine only.")
    return await handler(request)
