import pytest

from bot.origin import Origin
from bot.reception import check_place
from bot.refusal import Refusal
from musicgen_core.storage import ServerSettings

RULES = ServerSettings(1, channels=(10, 11), roles=(20,))


def origin(channel: int, *roles: int, parent: int | None = None) -> Origin:
    return Origin(5, channel, 1, frozenset(roles), "en-US", parent_id=parent)


def test_a_thread_counts_as_the_channel_that_it_is_in() -> None:
    check_place(RULES, origin(99, 20, parent=11))
    with pytest.raises(Refusal, match="wrong_channel"):
        check_place(RULES, origin(99, 20, parent=98))
    with pytest.raises(Refusal, match="wrong_channel"):
        check_place(RULES, origin(99, 20))


def test_one_of_the_roles_is_enough() -> None:
    check_place(RULES, origin(10, 19, 20))
    with pytest.raises(Refusal, match="wrong_role"):
        check_place(RULES, origin(10, 19))
