"""Values are listed in forms as people write them, and read back as they were."""

import pytest

from bot.locales import LOCALES, phrases
from bot.musical_terms import in_known_terms
from bot.refusal import Refusal
from bot.ui.listing import NAMES, listed, listing, number
from bot.wish import Wish

ENGLISH, CHINESE = phrases("en-US"), phrases("zh-CN")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tempo=100, key=A minor; style: ab", {"tempo": 100.0, "key": "A minor", "style": "ab"}),
        ("seed = 7\nTop-k=50，temperature：0.8", {"seed": 7, "top_k": 50, "temperature": 0.8}),
        ("", {}),
        ("guidance=", {}),
        ("style=jazz, with brushes, tempo=90", {"style": "jazz, with brushes", "tempo": 90.0}),
        ('style="mood: dark, slow", seed=7', {"style": "mood: dark, slow", "seed": 7}),
        ("style=“a, b”，种子=3", {"style": "a, b", "seed": 3}),
        ("速度=100，调性：A minor；版本数=2", {"tempo": 100.0, "key": "A minor", "variations": 2}),
        ("起点=8, 听取秒数=4 秒", {"from_second": 8.0, "hear_seconds": 4.0}),
    ],
)  # fmt: skip
def test_a_list_of_names_and_values_is_read(text: str, values: dict) -> None:
    assert listed(text, ENGLISH) == values


@pytest.mark.parametrize(
    "text", ["louder", "volume=3", "seed=1.5", "tempo=fast", "tempo=90, louder", "=3"]
)
def test_what_a_list_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        listed(text, ENGLISH)


@pytest.mark.parametrize(
    ("text", "value"), [("", None), (" 12 s", 12.0), ("1,5", 1.5), ("8秒", 8.0)]
)
def test_a_number_is_read_as_people_write_it(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "style", ["jazz, with brushes", 'a "b", c', "mood: dark", "“x” = y", "爵士，慢"]
)
def test_what_was_listed_is_read_back_as_it_was(locale: str, style: str) -> None:
    say, wish = phrases(locale), Wish(style=style, key="A minor", tempo=92.5, seed=7, top_k=50)
    names = ("tempo", "style", "key", "seed", "top_k")
    assert in_known_terms(Wish(**listed(listing(wish, say, *names), say))) == wish


@pytest.mark.parametrize("locale", LOCALES)
def test_a_form_explains_itself_with_lists_that_it_reads(locale: str) -> None:
    say = phrases(locale)
    shown = [say(f"form.{key}_help") for key in ("musical", "sampler", "where")]
    found = [name for text in shown for name in listed(text.split("；")[0].split(";")[0], say)]
    assert sorted(found) == sorted(set(NAMES) - {"model"})


def test_an_unknown_name_is_answered_with_those_of_the_persons_language() -> None:
    with pytest.raises(Refusal) as refused:
        listed("音量=3", CHINESE)
    assert "速度" in refused.value.values["known"]
    assert "tempo" not in refused.value.values["known"]
