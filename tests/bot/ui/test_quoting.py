import pytest

from bot.clip_names import clip_name
from bot.ui.quoting import QUOTE_LENGTH, quote


@pytest.mark.parametrize(
    "text",
    ["@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>"],
)
def test_a_quoted_mention_is_no_mention_any_more(text: str) -> None:
    assert text not in quote(text)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("*loud*", r"“\*loud\*”"),
        ("`code` ||secret||", r"“\`code\` \|\|secret\|\|”"),
        ("a\n# b\n> c", "“a # b > c”"),
        ("<t:0:R>", r"“\<t:0:R>”"),
        ("left\u202eright\x00", "“leftright”"),
        ("雨中的钢琴 🎹", "“雨中的钢琴 🎹”"),
    ],
)
def test_a_quote_shows_the_words_and_does_nothing(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_a_long_prompt_is_cut_and_fits_into_a_message_even_escaped() -> None:
    assert quote("piano " * 200).endswith("…”")
    assert len(quote("a" * 5000)) == QUOTE_LENGTH + 2
    assert len(quote("*" * 5000)) < 500


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Lo-fi piano, in the rain!", "lo-fi-piano-in-the-rain-7.wav"),
        ("Café del mar", "cafe-del-mar-7.wav"),
        ("../../etc/passwd", "etc-passwd-7.wav"),
        ("雨", "mindjam-7.wav"),
        (None, "mindjam-7.wav"),
        ("x" * 300, "x" * 40 + "-7.wav"),
    ],
)
def test_a_file_name_is_short_ascii_and_harmless(prompt: str | None, name: str) -> None:
    assert clip_name(prompt, 7, "WAV") == name
