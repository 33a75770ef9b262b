"""Routes by which the bot answers interactions."""

from aiohttp import web

from bot.rehearsal.answers import Answers
from bot.rehearsal.payloads import Payloads
from bot.rehearsal.refusals import unknown
from bot.rehearsal.rest import FILES, PREFIX, answer, body_of, no_content
from bot.rehearsal.world import World


class InteractionRoutes:
    """`/interactions/{id}/{token}/callback` and `/webhooks/{application}/{token}`."""

    def __init__(self, world: World, payloads: Payloads, answers: Answers) -> None:
        self._world, self._payloads, self._answers = world, payloads, answers

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers."""
        webhook = f"{PREFIX}/webhooks/{{application}}/{{token}}"
        message = f"{webhook}/messages/{{message}}"
        return [
            web.post(f"{PREFIX}/interactions/{{id}}/{{token}}/callback", self._callback),
            web.post(webhook, self._follow_up),
            web.get(message, self._one),
            web.patch(message, self._edit),
            web.delete(message, self._delete),
        ]

    async def _callback(self, request: web.Request) -> web.Response:
        place = request.match_info
        told = self._answers.callback(place["id"], place["token"], body_of(request), request[FILES])
        asked = request.query.get("with_response", "").lower() in ("1", "true")
        return answer(told) if asked else no_content()

    def _token(self, request: web.Request) -> str:
        if request.match_info["application"] != self._world.bot.id:
            raise unknown("Webhook")
        return request.match_info["token"]

    async def _follow_up(self, request: web.Request) -> web.Response:
        message = self._answers.follow_up(self._token(request), body_of(request), request[FILES])
        return answer(self._payloads.message(message))

    async def _one(self, request: web.Request) -> web.Response:
        message = self._answers.find(self._token(request), request.match_info["message"])
        return answer(self._payloads.message(message))

    async def _edit(self, request: web.Request) -> web.Response:
        message = self._answers.edit(
            self._token(request), request.match_info["message"], body_of(request), request[FILES]
        )
        return answer(self._payloads.message(message))

    async def _delete(self, request: web.Request) -> web.Response:
        self._answers.delete(self._token(request), request.match_info["message"])
        return no_content()
