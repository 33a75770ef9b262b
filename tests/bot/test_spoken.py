import pytest

from bot.spoken import spoken_wish


@pytest.mark.parametrize(
    ("text", "prompt", "seconds"),
    [
        ("make it funkier, 20 s", "make it funkier", 20),
        ("make it funkier, 20s", "make it funkier", 20),
        ("make it funkier 20s", "make it funkier", 20),
        ("20s, make it funkier", "make it funkier", 20),
        ("lo-fi for 20s please", "lo-fi please", 20),
        ("20S", None, 20),
        ("<@123> make it funkier for 20 seconds please", "make it funkier please", 20),
        ("<@!123>", None, None),
        ("12s", None, 12),
        ("a 15s intro", "a intro", 15),
        ("slower and 1.5 min", "slower and", 90),
        ("slower, 7,5 sec.", "slower", 7.5),
        ("再爵士一点，20秒", "再爵士一点", 20),
        ("20秒的爵士", "爵士", 20),
        ("爵士，20s", "爵士", 20),
        ("来一段20秒的爵士", "来一段 爵士", 20),
        ("来一段20s的爵士", "来一段 爵士", 20),
        ("80s pop, 10s", "80s pop", 10),
        ("20-second outro", "outro", 20),
        ("a mellow 3 minute song", "a mellow song", 180),
        ("20 s of rain", "rain", 20),
        ("rain, 20 seconds long", "rain", 20),
        ("20 seconds of hip-hop with 808s", "hip-hop with 808s", 20),
        ("808s and rain, 12 s", "808s and rain", 12),
        ("rain, 1 min 5 s", "rain", 65),
        ("rain, 1分5秒", "rain", 65),
        ("rain, 2m", "rain", 120),
        ("rain, 120s", "rain", 120),
    ],
)
def test_a_length_is_read_out_of_a_sentence(
    text: str, prompt: str | None, seconds: float | None
) -> None:
    wish = spoken_wish(text)
    assert (wish.prompt, wish.seconds) == (prompt, seconds)


@pytest.mark.parametrize(
    "text",
    [
        "hip-hop with 808s",
        "808s",
        "909s, hard and dry",
        "techno with 303s and 909s",
        "trap, 808s and hats",
        "roaring 20s jazz",
        "jazz of the 20s",
        "the roaring 20s",
        "jazz like in the '20s",
        "’30s swing",
        "30s swing",
        "40s big band",
        "90s rock",
        "rock, 90s",
        "80s",
        "early 80s, late 70s",
        "80s pop with 4 on the floor",
        "1980s synth pop",
        "80's synth pop",
        "80年代流行",
        "8分音符的贝斯",
        "at 120 bpm",
        "in 3/4 time",
        "drums after 5 seconds",
        "silence in the first 3 s",
        "a clap every 2 seconds",
        "3 minor chords",
        "4 soft pads",
    ],
)
def test_decades_drum_machines_and_moments_are_no_lengths(text: str) -> None:
    wish = spoken_wish(text)
    assert (wish.prompt, wish.seconds) == (text, None)
