import pytest

from bot.ui.status import is_readable


@pytest.mark.parametrize(
    ("text", "languages", "readable"),
    [
        ("雨中的钢琴", ("en", "zh"), True),
        ("雨中的钢琴", ("en",), False),
        ("дождь и фортепиано", ("en", "zh"), False),
        ("120 bpm 🎷", ("en",), True),
        ("lo-fi 钢琴", ("en",), True),
        ("🌧️🎹", ("en", "zh"), False),
        ("♪ ♫", ("en",), False),
        ("🎹 piano", ("en",), True),
        ("120", ("en",), True),
    ],
)
def test_a_text_is_readable_in_the_scripts_of_the_models_languages(
    text: str, languages: tuple[str, ...], readable: bool
) -> None:
    assert is_readable(text, languages) is readable
