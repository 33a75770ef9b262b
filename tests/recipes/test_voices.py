import numpy as np
import pytest

from recipes.builtin.voices import (
    CODEBOOK_SIZE,
    CODEBOOKS,
    FRAME_RATE,
    PATCH,
    PATCHES,
    SILENCE,
    VOICES,
    Note,
    describe,
    factors,
    frequency,
    loop_length,
    next_age,
    notes_of,
    successors,
    token,
    tokens_of,
)


def test_every_token_names_one_sound_and_silence_is_zero():
    for k in range(CODEBOOKS):
        assert describe(k, SILENCE) is None
        used = 0
        for value in range(CODEBOOK_SIZE):
            meaning = describe(k, value)
            if meaning is not None:
                assert token(*meaning) == value
                used += 1
        assert used == sum(p.notes * p.ages for p in VOICES[k])


def test_a_note_outside_its_patch_is_refused():
    with pytest.raises(IndexError):
        token(PATCH["bass_finger"], 20, 0)
    with pytest.raises(IndexError):
        tokens_of([Note("bass_finger", 27, 0, 4)], 8)


def test_there_are_as_many_sounds_as_promised():
    assert len({p.style for p in PATCHES if p.role == "snare"}) >= 3
    assert len(VOICES[3]) >= 4
    assert len({p.instrument for p in VOICES[4]}) >= 4
    leads = {p.instrument for k in (7, 8) for p in VOICES[k] if p.role == "lead"}
    assert len(leads) >= 6


def test_every_chord_instrument_plays_all_three_voices_and_every_pitch_class():
    for k in (4, 5, 6):
        assert {p.instrument for p in VOICES[k]} == {p.instrument for p in VOICES[4]}
        assert all({n % 12 for n in range(p.lowest, p.lowest + 12)} == set(range(12))
                   for p in VOICES[k])  # fmt: skip


def test_loops_need_little_retuning():
    for patch in PATCHES:
        for note in range(patch.notes):
            length = loop_length(patch, note)
            if length is None:
                continue
            assert length <= patch.ages
            periods = frequency(patch.lowest + note) * length / FRAME_RATE
            cents = 1200 * abs(np.log2(round(periods) / periods))
            assert cents < (36 if patch.codebook == 3 else 12), (patch.name, note)


def test_held_notes_return_to_their_loop_and_others_end():
    held, dying = PATCH["organ_low"], PATCH["piano_low"]
    assert next_age(held, 0, held.ages - 1) == held.ages - loop_length(held, 0)
    assert next_age(dying, 0, dying.ages - 1) is None
    codes = tokens_of([Note("organ_low", 50, 0, 200), Note("piano_mid", 55, 0, 200)], 200)
    assert (codes[4] != SILENCE).all()
    assert (codes[5] != SILENCE).sum() == dying.ages


def test_notes_survive_the_way_through_tokens():
    notes = [
        Note("kick_house", 0, 0, 12),
        Note("bass_synth", 33, 0, 60),
        Note("lead_sax", 62, 3, 37),
        Note("lead_sax", 62, 40, 20),
        Note("vibraphone", 70, 41, 9),
    ]
    assert notes_of(tokens_of(notes, 80)) == notes


def test_a_later_note_cuts_an_earlier_one_of_its_voice():
    codes = tokens_of([Note("lead_flute", 70, 0, 50), Note("lead_sax", 62, 10, 5)], 50)
    assert [(n.patch, n.frames) for n in notes_of(codes)] == [("lead_flute", 10), ("lead_sax", 5)]
    assert (codes[7, 15:] == SILENCE).all()


def test_factors_agree_with_the_tokens():
    for k in range(CODEBOOKS):
        table = factors(k)
        following = successors(k)
        for value in range(1, CODEBOOK_SIZE, 37):
            meaning = describe(k, value)
            if meaning is None:
                assert table.patch_index[value] == -1
                continue
            patch, note, age = meaning
            assert PATCHES[table.patch_index[value]] is patch
            assert table.age_index[value] == age
            assert table.is_onset[value] == (age == 0)
            after = next_age(patch, note, age)
            assert following[value] == (SILENCE if after is None else token(patch, note, after))
