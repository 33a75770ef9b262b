"""What Discord says instead of doing what it was asked, to bots and to people."""

from typing import Any

Json = dict[str, Any]

_UNKNOWN = {
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "User": 10013,
    "Webhook": 10015,
    "Interaction": 10062,
    "application command": 10063,
}


class Refusal(Exception):
    """A bot's request is refused: HTTP status, Discord's error code, message and errors tree."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(status, code, message, errors)
        self.status, self.code, self.message, self.errors = status, code, message, errors

    def __str__(self) -> str:
        return f"{self.status} {self.message} (code {self.code})"

    def to_json(self) -> Json:
        """Return the body that Discord answers with."""
        body: Json = {"message": self.message, "code": self.code}
        return body | ({"errors": self.errors} if self.errors else {})


class Declined(Exception):
    """A person's command or message is refused; the text is one sentence for that person."""


def unknown(what: str) -> Refusal:
    """Return Discord's 404 for a Channel, Guild, Member, Message, User, Webhook and so on."""
    return Refusal(404, _UNKNOWN[what], f"Unknown {what}")


def missing_access() -> Refusal:
    """Return the refusal for a place the bot cannot see."""
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    """Return the refusal for something the bot may not do where it was asked."""
    return Refusal(403, 50013, "Missing Permissions")


def too_large() -> Refusal:
    """Return the refusal for a file above the size limit."""
    return Refusal(413, 40005, "Request entity too large")


def too_many_follow_ups() -> Refusal:
    """Return the refusal of a sixth follow-up where the bot is no member."""
    message = "This interaction has reached the maximum number of follow up messages"
    return Refusal(400, 40094, message)


class FormErrors:
    """Collects what is wrong with a body as the tree that comes with error 50035."""

    def __init__(self) -> None:
        self.tree: Json = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Note a fault at a dotted path such as `embeds.0.title`."""
        node = self.tree
        for key in path.split("."):
            node = node.setdefault(key, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, text: Any, low: int, high: int) -> None:
        """Note a fault unless `text` is a string of `low` to `high` characters."""
        if not isinstance(text, str):
            self.add(path, "BASE_TYPE_STRING", "Could not interpret value as string.")
        elif len(text) > high:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        elif len(text) < low:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")

    def count(self, path: str, items: Any, high: int) -> list[Any]:
        """Return `items` as a list, noting a fault unless it is one of at most `high` entries."""
        if not isinstance(items, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if len(items) > high:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        return items

    def choice(self, path: str, value: Any, allowed: set[int]) -> None:
        """Note a fault unless `value` is one of the allowed numbers."""
        if type(value) is not int or value not in allowed:
            listed = ", ".join(map(str, sorted(allowed)))
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of ({listed}).")

    def raise_if_any(self) -> None:
        """Raise `Refusal` 50035 when a fault was noted."""
        if self.tree:
            raise Refusal(400, 50035, "Invalid Form Body", self.tree)
