"""Errors cross processes by pickle and keep what they say."""

from __future__ import annotations

import pickle

import pytest

from musicgen_core import errors
from musicgen_core.errors import JamRefusal, MusicGenError, QueueFull

SAMPLES = {
    "MusicGenError": ("Something went wrong.",),
    "InvalidRequest": ("The duration must be more than 0 seconds.",),
    "JamRefusal": ("not_member",),
    "QueueFull": (41.6,),
    "ShareUsed": ("person", 8, 12.5),
    "JobCancelled": (),
    "BackendError": ("Making the clip failed (ValueError).",),
    "ModelUnavailable": ("model.safetensors is truncated; download it again.",),
    "StorageUnavailable": ("The database cannot be reached.",),
    "WorkerLost": ("The music worker was ended by SIGKILL.",),
}


def classes() -> list[type[MusicGenError]]:
    return [thing for thing in vars(errors).values() if isinstance(thing, type)]


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_error_survives_pickle_with_its_text_and_attributes(kind) -> None:
    error = kind(*SAMPLES[kind.__name__])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert str(again)
    assert again.args == error.args
    assert vars(again) == vars(error)


def test_every_error_is_a_music_gen_error_and_has_a_sample() -> None:
    assert all(issubclass(kind, MusicGenError) for kind in classes())
    assert {kind.__name__ for kind in classes()} == set(SAMPLES)


def test_a_full_queue_says_when_to_come_back() -> None:
    error = pickle.loads(pickle.dumps(QueueFull(41.6)))
    assert error.retry_after == 41.6
    assert str(error) == "The queue is full; try again in 42 s."


def test_a_jams_refusal_keeps_what_its_sentence_names() -> None:
    error = pickle.loads(pickle.dumps(JamRefusal("not_your_turn", who=7)))
    assert (error.key, error.fields) == ("not_your_turn", {"who": 7})
