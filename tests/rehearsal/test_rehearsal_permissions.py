"""Permissions as Discord computes them."""

import pytest

from bot.rehearsal.permissions import ALL, Overwrite, Permission, apply_overwrites

VIEW, SEND, FILES = Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES, Permission.ATTACH_FILES
EVERYONE, ROLE, OTHER, ME = "1", "2", "3", "4"


@pytest.mark.parametrize(
    ("overwrites", "expected"),
    [
        ([], VIEW | SEND),
        ([Overwrite(EVERYONE, 0, deny=SEND)], VIEW),
        ([Overwrite(EVERYONE, 0, deny=SEND), Overwrite(ROLE, 0, allow=SEND)], VIEW | SEND),
        ([Overwrite(ROLE, 0, allow=FILES), Overwrite(ME, 1, deny=FILES)], VIEW | SEND),
        ([Overwrite(ROLE, 0, deny=SEND), Overwrite(ME, 1, allow=SEND)], VIEW | SEND),
        ([Overwrite(OTHER, 0, deny=SEND)], VIEW | SEND),
        ([Overwrite(ME, 1, deny=VIEW)], 0),
    ],
    ids=["none", "everyone", "role over everyone", "member over role", "member allows",
         "another's role", "unseen"],
)  # fmt: skip
def test_member_goes_over_role_and_role_over_everyone(
    overwrites: list[Overwrite], expected: int
) -> None:
    assert apply_overwrites(VIEW | SEND, overwrites, EVERYONE, [ROLE], ME) == expected


def test_of_two_roles_the_one_that_allows_wins() -> None:
    overwrites = [Overwrite(ROLE, 0, deny=SEND), Overwrite(OTHER, 0, allow=SEND)]
    for roles in ([ROLE, OTHER], [OTHER, ROLE]):
        assert apply_overwrites(VIEW, overwrites, EVERYONE, roles, ME) == VIEW | SEND


def test_an_administrator_may_everything() -> None:
    overwrites = [Overwrite(ME, 1, deny=VIEW)]
    assert apply_overwrites(Permission.ADMINISTRATOR, overwrites, EVERYONE, [], ME) == ALL
