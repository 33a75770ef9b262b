import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import on_stage

from bot.decoration import heard_line
from bot.locales import ENGLISH, LOCALES, best_phrases, format_seconds, phrases
from bot.refusal import Refusal, sentence
from bot.ui.spoken_key import spoken_key
from musicgen_core import audio
from musicgen_core.errors import InvalidRequest, QueueFull, WorkerLost
from musicgen_core.hearing import Heard
from musicgen_core.requests import SamplingParams
from musicgen_core.service import APOLOGY

KEYS = sorted(phrases(ENGLISH).sentences)
OTHERS = [locale for locale in LOCALES if locale != ENGLISH]


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("locale", OTHERS)
def test_no_string_is_missing_in_either_catalogue(locale: str) -> None:
    assert sorted(phrases(locale).sentences) == KEYS


@pytest.mark.parametrize("locale", OTHERS)
def test_every_translation_takes_the_same_names(locale: str) -> None:
    english, other = phrases(ENGLISH).sentences, phrases(locale).sentences
    differing = [key for key in KEYS if names_in(english[key]) != names_in(other[key])]
    assert differing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_command_names_are_ones_that_discord_takes(locale: str) -> None:
    say = phrases(locale)
    for key in ("name", "prompt", "duration", "clip"):
        name = say(f"command.compose.{key}")
        assert re.fullmatch(r"[-_'\w]{1,32}", name)
        assert name == name.lower()
    for key in ("description", "prompt_help", "duration_help", "clip_help"):
        assert 1 <= len(say(f"command.compose.{key}")) <= 100


@pytest.mark.parametrize(
    ("locale", "best"),
    [("en-US", "en-US"), ("en-GB", "en-US"), ("zh-CN", "zh-CN"), ("zh-TW", "zh-CN")],
)
def test_a_person_gets_the_nearest_language(locale: str, best: str) -> None:
    assert best_phrases(locale).locale == best


def test_other_languages_get_the_one_of_the_settings() -> None:
    assert best_phrases("fr", fallback="zh-CN").locale == "zh-CN"
    assert best_phrases("fr").locale == ENGLISH


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(0.2, "1 s", "1 秒"), (59.4, "59 s", "59 秒"), (125, "2 min 5 s", "2 分 5 秒")],
)
def test_time_is_said_roughly(seconds: float, english: str, chinese: str) -> None:
    assert phrases("en-US").time(seconds) == english
    assert phrases("zh-CN").time(seconds) == chinese


def test_seconds_are_written_without_idle_zeros() -> None:
    assert [format_seconds(s) for s in (5, 5.12, 12.55)] == ["5", "5.1", "12.6"]


def template(node: ast.expr) -> str:
    """Return what an expression says, with {} where it says a value."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(template, parts))
        case ast.FormattedValue(value=ast.Name(id="ACCEPTED")):
            return audio.ACCEPTED
    return "{}"


def sentences_of_the_core() -> set[str]:
    """Return every refusal in the core's source."""
    package = Path(audio.__file__).parent
    said: set[str] = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="InvalidRequest"), args=[text]):
                    said.add(template(text))
    return said


UNREACHABLE = {
    "An audio prompt has one or two channels, as [channels, samples].",  # a decoder's always has
    "I cannot write .{} files; use one of {}.",  # the command line's
    "The audio prompt is empty.",  # a decoder has said so before
    "The duration must be a number of seconds.",  # the reception knows the range
    "The duration must be more than 0 seconds.",
    "The model reaches {} frames, not {}.",  # the longest clip is asked for before
    "There is no audio file {}.",  # the command line's
    "This file is no clip of mindjam's.",  # only our own files are read as clips
}
"""What no person in Discord is ever told."""


def test_what_the_core_may_tell_people_is_in_the_catalogue_and_nothing_else() -> None:
    sentences = phrases(ENGLISH).sentences.items()
    known = {re.sub(r"\{\w+\}", "{}", text) for key, text in sentences if key.startswith("core.")}
    said = sentences_of_the_core() | {APOLOGY}
    assert known - said == set()
    assert said - known == UNREACHABLE


def parts_of(command: dict) -> Iterator[dict]:
    """Yield a command, its options and choices, and theirs."""
    yield command
    for part in (*command.get("options", ()), *command.get("choices", ())):
        yield from parts_of(part)


async def test_every_command_option_and_choice_has_a_translation() -> None:
    async with on_stage() as stage:
        (told,) = [r.body for r in stage.discord.requests if r.path.endswith("/commands")]
    texts = [
        (part[field], part.get(f"{field}_localizations") or {})
        for command in told
        for part in parts_of(command)
        for field in ("name", "description")
        if part.get(field)
    ]
    assert len(texts) > 80
    assert [text for text, others in texts if others.keys() != set(OTHERS)] == []


def test_an_option_that_is_out_of_range_is_called_by_its_name() -> None:
    with pytest.raises(InvalidRequest) as caught:
        SamplingParams(guidance_scale=99)
    assert phrases("zh-CN").of_core(str(caught.value)) == (
        "“引导强度”必须在 1 到 20 之间，不能是 99。"
    )


@pytest.mark.parametrize(
    ("key", "english", "chinese"),
    [
        ("Eb minor", "Eb minor", "降E小调"),
        ("F# major", "F# major", "升F大调"),
        ("A minor", "A minor", "A小调"),
        ("H dorian", "H dorian", "H dorian"),
        ("_x_", r"\_x\_", r"\_x\_"),
    ],
)
def test_keys_are_said_in_the_persons_language(key: str, english: str, chinese: str) -> None:
    assert spoken_key(key, phrases("en-US")) == english
    assert spoken_key(key, phrases("zh-CN")) == chinese
    heard = heard_line(Heard(120.0, key), phrases("zh-CN"))
    assert chinese in heard


@pytest.mark.parametrize("locale", OTHERS)
def test_the_core_is_translated_with_its_values(locale: str) -> None:
    text = "The audio is longer than 12 s, the most I accept."
    translated = sentence(InvalidRequest(text), phrases(locale))
    assert translated == phrases(locale)("core.long_audio", seconds=12)
    assert sentence(InvalidRequest(text), phrases(ENGLISH)) == text


def test_an_unknown_sentence_of_the_core_is_passed_on() -> None:
    assert phrases("zh-CN").of_core("Something new.") == "Something new."


def test_people_are_told_what_they_can_change_and_nothing_else() -> None:
    say = phrases(ENGLISH)
    assert "1001 characters" in (
        sentence(Refusal("prompt_long", length=1001, limit=1000), say) or ""
    )
    assert "1 min 30 s" in (sentence(QueueFull(90.0), say) or "")
    assert sentence(WorkerLost("gone"), say) is None
    assert sentence(ValueError("x"), say) is None
