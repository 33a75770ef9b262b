"""What the model is told in a turn: nobody's words are contradicted by what was heard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jam_people import ANNA, BEN, CLEO, after, asks, made, making, now, played, started

from musicgen_core.jams import due, kept_key, kept_tempo, track
from musicgen_core.jams import events as ev
from musicgen_core.jams.effects import MakeCandidates


def order(jam) -> MakeCandidates:
    return next(effect for effect in due(jam) if isinstance(effect, MakeCandidates))


def test_the_model_hears_the_end_of_the_track_and_keeps_tempo_and_key() -> None:
    jam = played(started(), ANNA)
    assert order(making(jam, BEN)).prompt == "lo-fi piano, with strings, 90 bpm, A minor"
    jam = after(jam, asks(jam, BEN, "faster, 120 BPM, C major", clip="f" * 32 + ".wav"))
    made_of = order(jam)
    assert made_of.prompt == "lo-fi piano, faster, 120 BPM, C major"
    assert (made_of.take, made_of.hear_seconds, made_of.seconds) == (1, 12.0, 10.0)
    assert made_of.clip == "f" * 32 + ".wav"


@pytest.mark.parametrize(
    ("direction", "tempo", "key"),
    [
        ("120bpm", True, False),
        ("at 120 BPM", True, False),
        ("slow it down", True, False),
        ("now really fast", True, False),
        ("fast, with strings", True, False),
        ("慢一点", True, False),
        ("快一点，加入鼓", True, False),
        ("速度120", True, False),
        ("轻快的", True, False),
        ("in E-flat minor", False, True),
        ("A小调", False, True),
        ("in a minor", False, True),
        ("c# minor", False, True),
        ("换个调子", False, True),
        ("转到降E大调，放慢", True, True),
        ("with strings", False, False),
        ("fast arpeggios", False, False),
        ("more keys and a minor part for the horn", False, False),
        ("轻快的笛子", False, False),
        ("加入弦乐和升起的鼓点", False, False),
    ],
)
def test_what_a_direction_names_is_not_contradicted(direction, tempo, key) -> None:
    prompt = order(after(played(started(), ANNA), asks(played(started(), ANNA), BEN, direction)))
    told = prompt.prompt.removeprefix(f"lo-fi piano, {direction}")
    assert told == "".join([", 90 bpm" * (not tempo), ", A minor" * (not key)])


def test_a_tempo_and_a_key_that_a_player_chose_are_kept_by_the_turns_after() -> None:
    jam = after(played(started(), ANNA), asks(played(started(), ANNA), BEN, "120bpm, C大调"))
    changed = replace(made(jam, count=1).candidates[0], tempo=119.6, key="C major")
    jam = after(jam, replace(made(jam), candidates=(changed,)))
    jam = after(jam, asks(jam, CLEO))
    # In their words: what was heard of the part may be wrong.
    assert jam.turn.prompt == "lo-fi piano, with strings, 120bpm, C大调"
    jam = after(jam, made(jam, count=1))
    assert (kept_tempo(track(jam)), kept_key(track(jam))) == (119.6, "C major")
    jam = after(jam, *(ev.Undone(at=now(jam), by=ANNA) for _ in range(2)))
    assert (kept_tempo(track(jam)), kept_key(track(jam))) == (90.2, "A minor")


@pytest.mark.parametrize(
    ("wanted", "added"),
    [
        ("lo-fi, 84 bpm", ", A minor"),
        ("lo-fi in C minor", ", 90 bpm"),
        ("lo-fi, F# major, 84 bpm", ""),
        ("低保真，C小调，每分钟84拍", ""),
        ("slow lo-fi", ", 90 bpm, A minor"),
    ],
)
def test_what_is_heard_never_contradicts_the_prompt_of_the_jam(wanted, added) -> None:
    jam = played(replace(started(), prompt=wanted), ANNA)
    assert order(making(jam, BEN)).prompt == f"{wanted}, with strings{added}"


@pytest.mark.parametrize(
    ("direction", "told"),
    [
        ("go on", ""),
        ("Please go on!", ""),
        ("keep going", ""),
        ("继续吧", ""),
        ("go on with strings", ", go on with strings"),
        ("继续，加入弦乐", ", 继续，加入弦乐"),
        ("more bass", ", more bass"),
    ],
)
def test_the_model_is_not_told_to_go_on_but_only_how(direction, told) -> None:
    jam = played(started(), ANNA)
    asked = order(after(jam, asks(jam, BEN, direction)))
    assert asked.prompt == f"lo-fi piano{told}, 90 bpm, A minor"


def test_a_chosen_tempo_that_could_not_be_measured_is_not_contradicted_later() -> None:
    jam = after(played(started(), ANNA), asks(played(started(), ANNA), BEN, "slower"))
    unheard = replace(made(jam, count=1).candidates[0], tempo=None)
    jam = after(jam, replace(made(jam), candidates=(unheard,)))
    assert order(making(jam, CLEO)).prompt == "lo-fi piano, with strings, A minor"


def test_the_model_hears_no_more_than_its_context_leaves() -> None:
    jam = played(started(hear_seconds=30), ANNA)
    assert order(making(jam, BEN)).hear_seconds == 20.0
