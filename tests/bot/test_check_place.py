from datetime import UTC, datetime, timedelta

import pytest

from bot.origin import Origin
from bot.reception import check_place, room_again
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


@pytest.mark.parametrize(
    ("most", "minutes"), [(6, None), (5, 20), (4, 20), (3, 50), (2, 50), (1, 50), (0, 60)]
)
def test_when_there_is_room_again_is_when_enough_is_an_hour_old(
    most: int, minutes: int | None
) -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    asked = [(now - timedelta(minutes=40), 2), (now - timedelta(minutes=10), 3), (now, 1)]
    room = room_again(asked, most)
    # Two leave after 20 minutes, three after 50.
    assert room == (None if minutes is None else now + timedelta(minutes=minutes))
