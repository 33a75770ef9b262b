import pytest

from bot.spoken import spoken_wish


@pytest.mark.parametrize(
    ("text", "prompt", "seconds"),
    [
        ("make it funkier, 20 s", "make it funkier", 20),
        ("<@123> make it funkier for 20 seconds please", "make it funkier please", 20),
        ("<@!123>", None, None),
        ("12s", None, 12),
        ("slower and 1.5 min", "slower and", 90),
        ("slower, 7,5 sec.", "slower", 7.5),
        ("再爵士一点，20秒", "再爵士一点", 20),
        ("80s pop with 4 on the floor", "80s pop with 4 on the floor", None),
        ("80s pop, 10s", "80s pop", 10),
        ("at 120 bpm", "at 120 bpm", None),
        ("20-second outro", "outro", 20),
        ("a mellow 3 minute song", "a mellow song", 180),
    ],
)
def test_a_length_is_read_out_of_a_sentence(text, prompt, seconds) -> None:
    wish = spoken_wish(text)
    assert (wish.prompt, wish.seconds) == (prompt, seconds)
