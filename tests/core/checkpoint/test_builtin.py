"""The built-in checkpoint: small, whole, described truly, and it does what it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made_codes import made_codes

from musicgen_core.checkpoint.loading import Checkpoint, load_checkpoint
from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from musicgen_core.model.protocols import Engine, Row
from musicgen_core.requests import GenerationDefaults, SamplingParams
from recipes.builtin.adherence import Hearing, hear
from recipes.builtin.card import card
from recipes.builtin.composer.composing import compose
from recipes.builtin.export import small_files, trained_steps
from recipes.builtin.shape import Shape

ROOT = Path(__file__).parents[3]
REPORT = ROOT / "recipes" / "builtin" / "report.json"


@pytest.fixture(scope="module")
def builtin() -> Checkpoint:
    return load_checkpoint("builtin")


@pytest.fixture(scope="module")
def engine(builtin: Checkpoint) -> Engine:
    from musicgen_core.engines.mindspore import create

    return create(builtin, "fp32")


def test_it_is_an_ordinary_checkpoint_of_at_most_forty_megabytes(builtin: Checkpoint) -> None:
    names = {path.name for path in BUILTIN_FOLDER.iterdir()}
    assert {"config.json", "generation_config.json", "model.safetensors"} <= names
    assert sum(path.stat().st_size for path in BUILTIN_FOLDER.iterdir()) <= 40_000_000
    assert (builtin.name, builtin.license, builtin.note) == ("builtin", "mit", "")
    assert builtin.languages == ("en", "zh")
    assert builtin.describes, "its few voices hold little of a clip that others made"
    assert builtin.config.codec.hop * 50 == builtin.config.codec.sample_rate == 32000


def test_the_recipe_writes_its_small_files_again() -> None:
    words = json.loads((BUILTIN_FOLDER / "tokenizer.json").read_text("utf-8"))
    for name, content in small_files(Shape(), words):
        assert json.loads((BUILTIN_FOLDER / name).read_text("utf-8")) == content, name


def test_the_card_says_what_was_measured() -> None:
    report = json.loads(REPORT.read_text("utf-8"))
    assert (BUILTIN_FOLDER / "README.md").read_text("utf-8") == card(
        report, trained_steps(BUILTIN_FOLDER)
    )
    stored = json.loads((BUILTIN_FOLDER / "generation_config.json").read_text("utf-8"))
    told = report["sampling"]
    assert told["guidance"] == stored["guidance_scale"]
    assert (told["temperature"], told["top_k"]) == (stored["temperature"], stored["top_k"])


def test_the_notice_carries_the_sound_fonts_license() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert "FluidR3" in notice
    assert "Copyright (c) 2000-2002, 2008 Frank Wen" in notice
    assert "Permission is hereby granted, free of charge" in " ".join(notice.split())


@pytest.mark.parametrize(
    "text", ["80s pop track with bassy drums and synth", "雨夜里的钢琴，慢一点", "naïve café ♥ 🎷"]
)
def test_it_takes_any_text(builtin: Checkpoint, text: str) -> None:
    ids = builtin.processor.tokenize(text)
    assert ids[-1] == 1
    assert 2 not in ids
    assert max(ids) < builtin.config.text.vocab_size


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("80s pop track with bassy drums and synth", 0.0),
        ("钢琴", 0.0),
        ("🎷 🎹", 1.0),
        ("дождь", 1.0),
        ("jazz 🎷🎷🎷🎷", 0.5),
    ],
)
def test_it_knows_how_much_of_a_text_it_has_no_words_for(
    builtin: Checkpoint, text: str, unread: float
) -> None:
    assert builtin.processor.unread(text) == unread


def test_what_prompts_say_are_words_of_their_own(builtin: Checkpoint) -> None:
    words = ("saxophone", "drums", "jazz", "125", "萨克斯", "钢琴")
    lengths = {word: len(builtin.processor.tokenize(word)) for word in words}
    assert max(lengths.values()) <= 3, lengths
    assert len({builtin.processor.tokenize(word) for word in words}) == len(words)


@pytest.mark.models
def test_it_hears_its_own_clips_exactly(engine: Engine) -> None:
    codes = compose("a clip of its own", 200).codes.astype(np.int64)
    samples = engine.codec.decode(codes)
    level = 20 * np.log10(samples[: 3 * 32000].std())
    assert -26 < level < -10
    heard = engine.codec.encode((np.round(samples * 32767) / 32767).astype(np.float32))
    assert np.array_equal(heard, codes)


@pytest.mark.models
def test_it_plays_what_prompts_say(builtin: Checkpoint, engine: Engine) -> None:
    sampling = SamplingParams().over(builtin.defaults)
    texts = (
        "rock, electric guitar, bass and drums",
        "slow piano ballad, no drums",
        "慢的钢琴曲，没有鼓",
    )

    def rows(seeds: range) -> list[Row]:
        tokenize = builtin.processor.tokenize
        return [Row(250, seed, sampling, tokenize(text)) for text in texts for seed in seeds]

    seeds = range(1, 5)
    made = made_codes(engine, rows(seeds))
    heard = [hear(codes) for codes in made]
    loud, soft, chinese = (heard[i : i + len(seeds)] for i in range(0, len(heard), len(seeds)))

    def count(clips: list[Hearing], name: str) -> int:
        return sum(name in clip.attributes.present for clip in clips)

    # One of four may miss: it samples.
    assert count(loud, "drums") >= 3
    assert count(soft, "drums") <= 1
    assert count(chinese, "drums") <= 1
    assert count(soft, "piano") + count(chinese, "piano") >= 6
    assert np.mean([clip.on_grid for clip in heard]) > 0.95
    # Of all notes together: a quiet clip has so few that two are a tenth.
    stumbles = sum(clip.broken * clip.notes for clip in heard)
    assert stumbles / sum(clip.notes for clip in heard) < 0.02
    assert len({codes.tobytes() for codes in made}) == len(made)


def test_its_sampling_is_its_own(builtin: Checkpoint) -> None:
    assert builtin.defaults != GenerationDefaults()
