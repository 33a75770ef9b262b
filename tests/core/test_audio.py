import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicgen_core import audio
from musicgen_core.errors import InvalidRequest

RATE = 32_000


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE, gain: float = 0.5) -> np.ndarray:
    return (gain * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))[
        None
    ].astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_resampling_keeps_the_pitch_and_the_length(rate: int) -> None:
    heard = audio.resample(tone(1000, rate=rate), rate, RATE)
    spectrum = np.abs(np.fft.rfft(heard[0] * np.hanning(heard.shape[1])))
    assert abs(heard.shape[1] - RATE) <= 1
    assert abs(spectrum.argmax() * RATE / heard.shape[1] - 1000) < 2


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    samples = tone(100)
    assert audio.resample(samples, RATE, RATE) is samples


def test_stereo_is_mixed_down_by_the_mean_and_mono_doubled() -> None:
    stereo = np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)
    assert audio.with_channels(stereo, 1).tolist() == [[0.5, 0.25]]
    assert audio.with_channels(stereo[:1], 2).tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_the_limiter_leaves_what_fits_alone() -> None:
    samples = tone(100, gain=1.0)
    assert audio.limit_peaks(samples, RATE) is samples


@pytest.mark.parametrize("gain", [1.01, 2.0, 20.0])
def test_the_limiter_keeps_peaks_under_full_scale_without_distortion(gain: float) -> None:
    limited = audio.limit_peaks(tone(1000, gain=gain), RATE)
    assert np.abs(limited).max() <= 1.0
    spectrum = np.abs(np.fft.rfft(limited[0] * np.hanning(limited.shape[1]))) ** 2
    near = spectrum[990:1011].sum()
    # A hard clip of a sine at twice full scale has 13 % of its power in harmonics.
    assert (spectrum.sum() - near) / near < 1e-3


def test_the_limiter_leaves_what_is_far_from_a_peak_bit_for_bit() -> None:
    samples = tone(200, 1.0, gain=0.3)
    samples[0, 16_000] = 3.0
    limited = audio.limit_peaks(samples, RATE)
    assert np.array_equal(limited[0, :15_000], samples[0, :15_000])
    assert np.array_equal(limited[0, 17_000:], samples[0, 17_000:])
    assert np.abs(limited).max() <= 1.0


def test_the_limiter_keeps_the_stereo_picture() -> None:
    samples = np.concatenate([tone(300, gain=2.0), tone(300, gain=1.0)])
    left, right = audio.limit_peaks(samples, RATE)
    assert np.allclose(left, 2 * right, atol=1e-5)


@pytest.mark.parametrize("name", sorted(audio.FORMATS))
def test_what_was_written_is_read_back(name: str) -> None:
    samples = np.concatenate([tone(440), tone(660)])
    read, rate = audio.read(io.BytesIO(audio.encode(samples, RATE, name)))
    assert (rate, read.shape[0]) == (RATE, 2)
    error = np.abs(read[:, 4000:28_000] - samples[:, 4000:28_000]).max()
    # MP3 shifts by its codec delay when metadata is absent; lossy formats get a wide bound.
    assert error < (1e-4 if name in {"WAV", "FLAC"} else 0.1)


def test_metadata_is_in_the_file() -> None:
    data = audio.encode(tone(440), RATE, title="雨", comment='{"seed": 7}')
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert (file.title, file.comment, file.software[:7]) == ("雨", '{"seed": 7}', "mindjam")


@pytest.mark.parametrize("name", sorted(audio.FORMATS))
def test_every_format_holds_titles_and_comments_in_any_language(name: str) -> None:
    comment = '{"prompt": "雨中的钢琴 é", "seed": 7}' + 400 * "x"
    data = audio.encode(tone(440), RATE, name, title="雨中的钢琴", comment=comment)
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert (file.title, file.software[:7]) == ("雨中的钢琴", "mindjam")
    assert audio.comment_of(data) == comment


@pytest.mark.parametrize("name", sorted(audio.FORMATS))
@pytest.mark.parametrize("letters", [2047, 60_000])
def test_a_comment_is_read_back_whole_however_long_it_is(name: str, letters: int) -> None:
    data = audio.encode(tone(440), RATE, name, title="雨" * 1000, comment="x" * letters)
    assert audio.comment_of(data) == "x" * letters
    assert audio.read(io.BytesIO(data))[0].shape[1] > RATE / 2, "the sound is where it was"


@pytest.mark.parametrize("size", [0, 7, 2**32 - 1])
def test_a_damaged_list_of_texts_is_no_comment(size: int) -> None:
    data = audio.encode(tone(440), RATE, comment="rain")
    at = data.index(b"LIST") + 4
    assert audio.comment_of(data[:at] + size.to_bytes(4, "little") + data[at + 4 :]) in {"", "rain"}
    assert audio.comment_of(data[: at + 2]) == ""


@pytest.mark.parametrize("data", [b"", b"ID3", b"not audio" * 99])
def test_what_is_no_audio_has_no_comment(data: bytes) -> None:
    assert audio.comment_of(data) == ""


def music(seconds: float) -> np.ndarray:
    draw = np.random.default_rng(0)
    return tone(440, seconds) * draw.uniform(0.5, 1.0, (2, round(seconds * RATE))).astype("f4")


@pytest.mark.parametrize(
    ("preferred", "share", "chosen"),
    [
        ("WAV", 1.1, "WAV"),
        ("WAV", 0.98, "FLAC"),
        ("WAV", 0.3, "OGG"),
        ("FLAC", 1.1, "FLAC"),
        ("FLAC", 0.3, "OGG"),
        ("OGG", 1.1, "OGG"),
        ("MP3", 1.1, "MP3"),
        ("MP3", 0.15, "MP3"),
    ],
)
def test_the_preferred_format_is_left_only_where_it_does_not_fit(
    preferred: str, share: float, chosen: str
) -> None:
    samples = music(3)
    limit = round(samples.size * 2 * share)
    assert (found := audio.encode_within(limit, samples, RATE, preferred)) is not None
    assert found[0] == chosen
    assert len(found[1]) <= limit
    assert audio.read(io.BytesIO(found[1]))[1] == RATE


def test_no_more_is_lost_than_the_limit_asks_for() -> None:
    samples = music(3)
    sizes = [len(audio.encode(samples, RATE, "OGG", compression=c)) for c in (0.2, 0.4, 0.6)]
    assert sizes == sorted(sizes, reverse=True)
    for size in sizes:
        found = audio.encode_within(size, samples, RATE, "OGG")
        assert found is not None
        assert len(found[1]) == size


def test_nothing_fits_into_nothing() -> None:
    assert audio.encode_within(100, music(1), RATE) is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"no audio file .*nothing\.wav"):
        audio.read(tmp_path / "nothing.wav")


@pytest.mark.parametrize("data", [b"", b"RIFF", b"<html>not music</html>" * 50])
def test_what_is_not_audio_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InvalidRequest, match="send WAV, FLAC, OGG, MP3 or AIFF"):
        audio.read(io.BytesIO(data))


def test_a_file_without_samples_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="holds no sound"):
        audio.read(io.BytesIO(audio.encode(np.zeros((1, 0), np.float32), RATE)))


def test_a_file_longer_than_accepted_is_refused_while_reading() -> None:
    data = audio.encode(np.zeros((1, RATE * 3), np.float32), RATE, "FLAC")
    with pytest.raises(InvalidRequest, match="longer than 2 s"):
        audio.read(io.BytesIO(data), max_seconds=2)


def test_an_unknown_suffix_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(InvalidRequest, match=r"\.aac.*\.wav, \.flac, \.ogg, \.mp3"):
        audio.format_of("clip.aac")


def test_silence_is_told_from_sound() -> None:
    assert audio.is_silent(tone(100, gain=5e-5))
    assert not audio.is_silent(tone(100, gain=1e-3))


def test_saving_leaves_no_partial_file(tmp_path: Path) -> None:
    audio.save(tmp_path / "a.wav", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]
