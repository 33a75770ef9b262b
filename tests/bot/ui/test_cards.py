"""The picture beside a clip: what it shows, what it costs, and what it is said to show."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.locales import phrases
from bot.ui.cards import CREAM, EMBER, MOST_BYTES, OLD, Card, clock, describe, draw
from bot.ui.lettering import TYPEFACE, fitted, lines, width, writable
from bot.ui.sound_picture import levels, mel_levels
from musicgen_core.hearing import Heard

RATE = 32_000
CHINESE = "雨夜里温柔的钢琴与弦乐，缓慢而忧伤"


def sound(seconds: float, channels: int = 1) -> np.ndarray:
    draw_ = np.random.default_rng(1)
    noise = draw_.uniform(-0.5, 0.5, (channels, round(seconds * RATE)))
    return noise.astype(np.float32)


def a_card(seconds: float = 2.0, channels: int = 1, **changes) -> Card:
    card = Card(sound(seconds, channels), RATE, "Rain", 7, "lo-fi", Heard(92.4, "Eb minor"))
    return replace(card, **changes)


def pixels(card: Card, locale: str = "en-US") -> np.ndarray:
    data = draw(card, phrases(locale))
    assert len(data) <= MOST_BYTES
    image = Image.open(io.BytesIO(data))
    assert image.size == (1000, 400)
    return np.asarray(image.convert("RGBA")).astype(int)


def columns_of(color: str, picture: np.ndarray, rows: slice) -> np.ndarray:
    wanted = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    near = np.abs(picture[rows, :, :3] - wanted).sum(axis=2) < 60
    return np.flatnonzero(near.any(axis=0))


WAVE, WORDS = slice(134, 242), slice(10, 100)


def test_the_new_part_and_the_original_differ_in_color_on_either_side_of_the_seam() -> None:
    picture = pixels(a_card(4.0, new_from=RATE))
    seam = 36 + 928 // 4
    assert columns_of(OLD, picture, WAVE).max() <= seam + 4
    assert columns_of(EMBER, picture, WAVE).min() >= seam - 4
    assert abs(np.median(columns_of(CREAM, picture, slice(130, 133))) - seam) <= 1


def test_a_clip_that_is_all_new_has_no_seam() -> None:
    picture = pixels(a_card())
    assert columns_of(OLD, picture, WAVE).size == 0
    assert columns_of(CREAM, picture, slice(130, 133)).size == 0


def test_the_card_brings_its_own_background_with_round_corners() -> None:
    picture = pixels(a_card())
    assert picture[0, 0, 3] == 0
    assert (picture[20:380, 40:960, 3] == 255).all()


@pytest.mark.parametrize(
    "samples",
    [np.zeros((1, RATE)), np.zeros((2, 1)), sound(0.01), sound(1, 2), np.ones((1, RATE))],
    ids=["silent", "one sample", "short", "stereo", "full scale"],
)
def test_every_sound_has_a_card(samples: np.ndarray) -> None:
    pixels(a_card(samples=samples.astype(np.float32)))


@pytest.mark.parametrize(
    "title", [40 * "a very long title ", 30 * CHINESE, 400 * "x", "$x_1$", "🎹"]
)
def test_no_title_leaves_the_card(title: str) -> None:
    for card in (a_card(title=title), a_card(title=title, prompt=title)):
        picture = pixels(card, "zh-CN")
        drawn = columns_of(CREAM, picture, WORDS)
        assert drawn.max(initial=0) <= 1000 - 36


def test_chinese_is_drawn_in_full() -> None:
    assert writable(CHINESE) == CHINESE
    known, missing = (pixels(a_card(title=t), "zh-CN") for t in (CHINESE, ""))
    assert columns_of(CREAM, known, WORDS).max() > 36 + 22 * (len(CHINESE) - 1)
    assert columns_of(CREAM, missing, WORDS).size == 0


def test_what_the_typeface_lacks_is_left_out() -> None:
    assert writable("piano 🎹 🎶\n rain") == "piano rain"


def test_a_text_is_cut_where_its_line_ends() -> None:
    assert fitted("short", 16, 200) == "short"
    cut = fitted(50 * "word ", 16, 200)
    assert cut.endswith("…")
    assert 150 < width(cut, 16) <= 200
    broken = lines(50 * "word ", 16, 200, 300)
    assert [len(broken), broken[0][-4:], broken[1][-1]] == [2, "word", "…"]
    assert lines(CHINESE, 16, 85, 900) == [CHINESE[:5], CHINESE[5:]]


def test_the_typeface_is_small_and_its_license_lies_beside_it() -> None:
    assert TYPEFACE.stat().st_size < 3_000_000
    assert "SIL OPEN FONT LICENSE" in Path(TYPEFACE.with_name("OFL.txt")).read_text("utf-8")


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en-US", "Waveform and spectrogram of “Rain”: 4 s, 92 BPM, Eb minor, new from 0:01 on."),
        ("zh-CN", "《Rain》的波形和频谱图：4 秒，92 BPM，降E小调，0:01 起为新的部分。"),
    ],
)
def test_the_card_is_described_in_one_sentence(locale: str, sentence: str) -> None:
    assert describe(a_card(4.0, new_from=RATE), phrases(locale)) == sentence


def test_what_was_not_heard_is_not_said() -> None:
    told = describe(a_card(heard=Heard(None, "F# major")), phrases("en-US"))
    assert told == "Waveform and spectrogram of “Rain”: 2 s, F# major."
    assert len(describe(a_card(title=999 * "x"), phrases("en-US"))) < 300


def test_moments_are_written_as_players_do() -> None:
    assert [clock(s) for s in (0, 7.9, 62, 300)] == ["0:00", "0:07", "1:02", "5:00"]


def test_levels_keep_every_peak_and_both_sides() -> None:
    samples = np.zeros((2, 1000), np.float32)
    samples[0, 499], samples[1, 500] = 0.5, -1.0
    peaks, loudness = levels(samples, 10)
    assert peaks[0].tolist() == [0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0]
    assert peaks[1].argmax() == 5
    assert loudness[1, 5] == pytest.approx(0.1)


def test_a_higher_tone_stands_higher_in_the_spectrogram() -> None:
    at = np.arange(RATE) / RATE
    rows = [
        mel_levels(np.sin(2 * np.pi * hertz * at)[None].astype("f4"), RATE, 20)
        .mean(axis=1)
        .argmax()
        for hertz in (200, 1000, 5000)
    ]
    assert rows == sorted(set(rows))
