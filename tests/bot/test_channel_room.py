"""A channel's room for posts is counted no higher than Discord counts it."""

from __future__ import annotations

import pytest

from bot.channel_room import ChannelRoom

HERE, THERE = 1, 2


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_five_posts_fill_a_channel_and_no_other() -> None:
    room = ChannelRoom()
    for _ in range(4):
        with room.post(HERE):
            assert room.is_free(HERE)
    with room.post(HERE):
        assert not room.is_free(HERE), "what is under way counts"
        assert room.is_free(THERE)
    assert not room.is_free(HERE)


def test_a_post_counts_until_five_seconds_after_its_end() -> None:
    clock = Clock()
    room = ChannelRoom(posts=1, clock=clock)
    with room.post(HERE):
        clock.now += 60
        assert not room.is_free(HERE)
    clock.now += 4.9
    assert not room.is_free(HERE)
    clock.now += 0.2
    assert room.is_free(HERE)


def test_a_post_that_fails_counts_too() -> None:
    room = ChannelRoom(posts=1)
    with pytest.raises(OSError), room.post(HERE):  # noqa: PT011 - what fails is no matter
        raise OSError
    assert not room.is_free(HERE)


def test_channels_that_are_quiet_are_forgotten() -> None:
    clock = Clock()
    room = ChannelRoom(clock=clock)
    for channel in range(100):
        with room.post(channel):
            pass
    clock.now += 10
    assert room.is_free(0)
    assert room._channels == {}
