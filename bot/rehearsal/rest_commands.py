"""Routes for registering application commands, globally and in the guild."""

from aiohttp import web

from bot.rehearsal.command_rules import CHAT_INPUT, check_commands
from bot.rehearsal.events import CommandsChanged, Events
from bot.rehearsal.refusals import Json, missing_access, unknown
from bot.rehearsal.rest import PREFIX, answer, body_of, no_content, object_of
from bot.rehearsal.world import World

_GLOBAL = ""


class CommandRoutes:
    """`/applications/{id}/commands` and the same under `/guilds/{id}`."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events
        self._registered: dict[str, list[Json]] = {_GLOBAL: [], world.guild.id: []}

    def commands(self) -> list[Json]:
        """Return what people can use in the guild: its own commands hide global namesakes."""
        both = self._registered[_GLOBAL] + self._registered[self._world.guild.id]
        return list({(command["name"], command["type"]): command for command in both}.values())

    def routes(self) -> list[web.RouteDef]:
        """Return the routes with their handlers."""
        found = []
        for scope in ("", "/guilds/{guild}"):
            all_of_them = f"{PREFIX}/applications/{{application}}{scope}/commands"
            one = f"{all_of_them}/{{command}}"
            found += [
                web.get(all_of_them, self._list),
                web.put(all_of_them, self._replace),
                web.post(all_of_them, self._upsert),
                web.get(one, self._one),
                web.patch(one, self._edit),
                web.delete(one, self._delete),
            ]
        return found

    def _scope(self, request: web.Request) -> str:
        if request.match_info["application"] != self._world.bot.id:
            raise missing_access()
        guild = request.match_info.get("guild", _GLOBAL)
        if guild not in self._registered:
            raise missing_access()
        return guild

    def _complete(self, scope: str, command: Json) -> Json:
        """Return the command as Discord keeps it: with ids, every default in place."""
        kind = command.get("type") or CHAT_INPUT
        known = self._find(scope, "name", command["name"], kind)
        payload: Json = {
            "id": known["id"] if known else self._world.snowflakes.next(),
            "application_id": self._world.bot.id,
            "version": self._world.snowflakes.next(),
            "default_member_permissions": None,
            "dm_permission": True,
            "contexts": None,
            "nsfw": False,
            "description": "",
            "name_localizations": None,
            "description_localizations": None,
        }
        if scope:
            payload["guild_id"] = scope
        installs = command.get("integration_types") or [0]
        return payload | command | {"type": kind, "integration_types": installs}

    def _find(self, scope: str, key: str, value: str, kind: int | None = None) -> Json | None:
        fitting = (
            command
            for command in self._registered[scope]
            if command[key] == value and kind in (None, command["type"])
        )
        return next(fitting, None)

    def _require(self, scope: str, request: web.Request) -> Json:
        command = self._find(scope, "id", request.match_info["command"])
        if command is None:
            raise unknown("application command")
        return command

    def _set(self, scope: str, commands: list[Json]) -> None:
        self._registered[scope] = commands
        self._events.emit(CommandsChanged())

    async def _list(self, request: web.Request) -> web.Response:
        return answer(self._registered[self._scope(request)])

    async def _replace(self, request: web.Request) -> web.Response:
        scope = self._scope(request)
        commands = body_of(request)
        check_commands(commands)
        self._set(scope, [self._complete(scope, command) for command in commands])
        return answer(self._registered[scope])

    async def _upsert(self, request: web.Request) -> web.Response:
        scope = self._scope(request)
        check_commands([object_of(request)])
        command = self._complete(scope, object_of(request))
        others = [c for c in self._registered[scope] if c["id"] != command["id"]]
        self._set(scope, [*others, command])
        return answer(command)

    async def _one(self, request: web.Request) -> web.Response:
        return answer(self._require(self._scope(request), request))

    async def _edit(self, request: web.Request) -> web.Response:
        scope = self._scope(request)
        command = self._require(scope, request)
        edited = command | object_of(request)
        check_commands([edited])
        command.update(edited)
        self._set(scope, self._registered[scope])
        return answer(command)

    async def _delete(self, request: web.Request) -> web.Response:
        scope = self._scope(request)
        gone = self._require(scope, request)
        self._set(scope, [c for c in self._registered[scope] if c is not gone])
        return no_content()
