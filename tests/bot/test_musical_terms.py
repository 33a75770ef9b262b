import pytest

from bot.locales import LOCALES, phrases
from bot.musical_terms import in_known_terms, key_named, style_name
from bot.reception import blocked_word
from bot.refusal import Refusal
from bot.wish import Wish
from musicgen_core.storage import ServerSettings
from musicgen_core.wording import KEYS, STYLES, worded


@pytest.mark.parametrize("key", KEYS)
def test_every_known_key_is_itself_in_any_case(key: str) -> None:
    assert [key_named(text) for text in (key, key.lower(), f" {key.upper()} ")] == [key] * 3


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("am", "A minor"),
        ("F#m", "F# minor"),
        ("c-sharp minor", "C# minor"),
        ("B flat Maj", "Bb major"),
        ("A♭ major", "Ab major"),
        ("bbmaj", "Bb major"),
        ("bm", "B minor"),
        ("E# minor", "F minor"),
        ("Cb major", "B major"),
        ("A小调", "A minor"),
        ("a 小调", "A minor"),
        ("升F小调", "F# minor"),
        ("降 b大调", "Bb major"),
        ("bE大调", "Eb major"),
        ("Ｃ大调", "C major"),
        ("C#小调", "C# minor"),
    ],
)
def test_a_key_is_known_as_people_write_it(text: str, key: str) -> None:
    assert key_named(text) == key
    assert key in KEYS


@pytest.mark.parametrize(
    "text", ["H minor", "loud", "A", "A dorian", "A minor and free nitro", "调"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert key_named(text) is None
    with pytest.raises(Refusal) as refused:
        in_known_terms(Wish(key=text))
    assert refused.value.key == "unknown_key"


@pytest.mark.parametrize(
    ("text", "style"),
    [("Jazz", "jazz"), ("爵士", "jazz"), ("hip hop", "hip-hop"), ("Drum’n’Bass", "drum'n'bass"),
     ("80 年代流行", "80s pop"), ("jazz,  with brushes", "jazz, with brushes")],
)  # fmt: skip
def test_a_style_is_known_by_its_names_and_other_words_stay(text: str, style: str) -> None:
    assert in_known_terms(Wish(style=text)).style == style


def test_no_two_styles_have_the_same_name() -> None:
    for locale in LOCALES:
        assert len({style_name(style, phrases(locale)) for style in STYLES}) == len(STYLES)
    assert worded(None, "Jazz") == STYLES["jazz"]


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (Wish(tempo=999), "tempo_range"),
        (Wish(tempo=39.9), "tempo_range"),
        (Wish(style="x" * 101), "style_long"),
    ],
)
def test_what_is_out_of_range_is_refused_whoever_brings_it(wish: Wish, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        in_known_terms(wish)
    assert refused.value.key == key


def test_blanks_are_no_wishes_and_what_is_known_stays() -> None:
    assert in_known_terms(Wish(style="  ", key=" ", tempo=40)) == Wish(tempo=40)


def test_a_blocked_word_counts_in_prompt_style_and_key() -> None:
    rules = ServerSettings(1, blocked_words=("minor",))
    wishes = Wish(prompt="minor"), Wish(style="a minor thing"), Wish(key="A minor")
    assert [blocked_word(wish, rules) for wish in wishes] == ["minor"] * 3
