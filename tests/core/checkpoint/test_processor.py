"""What a checkpoint's files state is read without MindNLP, and means what it means to MindNLP."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from musicgen_core.checkpoint import processor, stated
from musicgen_core.checkpoint.processor import (
    MindNLPTokenizer,
    PromptProcessor,
    mindnlp_transformers,
    read_config,
)
from musicgen_core.checkpoint.source import BUILTIN_FOLDER
from musicgen_core.checkpoint.stated import StatedTokenizer, stated_config
from musicgen_core.errors import ModelUnavailable

TINY = Path(__file__).parents[2] / "golden" / "checkpoints" / "tiny-mono"
FOLDERS = pytest.mark.parametrize("folder", [BUILTIN_FOLDER, TINY], ids=lambda path: path.name)
TEXTS = (
    "80s pop track with bassy drums and synth",
    "",
    "  two   spaces, UPPER case; and ½ a ﬁne naïve word  ",
    "一首阴郁的乐曲，有木鱼，88拍每分钟",
    "🎷🎸 <unk> </s> <pad> \n tab\t end",
    "zyx " * 60,
)

PROBE = """
import os, sys
os.environ.pop("HF_ENDPOINT", None)
from musicgen_core.checkpoint.processor import mindnlp_transformers
found = mindnlp_transformers()
assert found.MusicgenConfig.model_type == "musicgen"
assert "HF_ENDPOINT" not in os.environ, "a mirror was chosen for everybody"
assert "diffusers" not in sys.modules, "seconds were spent on what nobody needs"
import mindnlp
assert not hasattr(mindnlp, "diffusers")
assert "mindnlp.diffusers" not in sys.modules
"""


@pytest.fixture
def without_mindnlp(monkeypatch: pytest.MonkeyPatch) -> None:
    def imported() -> None:
        raise AssertionError("MindNLP was imported")

    monkeypatch.setattr(processor, "mindnlp_transformers", imported)


@FOLDERS
def test_what_is_stated_is_what_mindnlp_reads(folder: Path) -> None:
    path = folder / "config.json"
    known = mindnlp_transformers().MusicgenConfig.from_pretrained(folder)
    assert processor._model_config(path, stated_config(path)) == processor._model_config(
        path, known
    )


@pytest.mark.parametrize("feed_forward", ["relu", "gated-gelu", "gated-silu"])
@pytest.mark.parametrize("bandwidths", [[2.2], [1.5, 3.0], [4.95]])
def test_what_follows_from_it_is_as_mindnlp_derives_it(feed_forward, bandwidths) -> None:
    found = mindnlp_transformers()
    text = {"feed_forward_proj": feed_forward}
    audio = {
        "sampling_rate": 32000,
        "upsampling_ratios": [8, 5, 4, 4],
        "codebook_size": 2048,
        "target_bandwidths": bandwidths,
    }
    known, mine = found.T5Config(**text), stated.Stated(text)
    assert (mine.dense_act_fn, mine.is_gated_act) == (known.dense_act_fn, known.is_gated_act)
    assert stated.Stated(audio).num_quantizers == found.EncodecConfig(**audio).num_quantizers


@FOLDERS
@pytest.mark.parametrize("text", TEXTS)
def test_a_stated_tokenizer_reads_as_mindnlps_does(folder: Path, text: str) -> None:
    mine, known = StatedTokenizer.of(folder), MindNLPTokenizer(folder)
    assert mine is not None
    assert mine.ids(text) == known.ids(text)
    assert mine.pieces(text) == known.pieces(text)
    assert (mine.size, mine.limit) == (known.size, known.limit)
    assert mine.special == known.special


@FOLDERS
def test_such_a_checkpoint_is_read_without_mindnlp(folder: Path, without_mindnlp: None) -> None:
    assert PromptProcessor(folder, read_config(folder)).tokenize("drums")[-1] == 1


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str, Callable[[dict], object]], Path]:
    """`copy(file, change)` -> a copy of the tiny checkpoint's small files, one of them changed."""

    def make(file: str, change: Callable[[dict], object]) -> Path:
        for path in TINY.glob("*.json"):
            shutil.copy(path, tmp_path)
        content = json.loads((tmp_path / file).read_text())
        change(content)
        (tmp_path / file).write_text(json.dumps(content))
        return tmp_path

    return make


def test_mindnlp_knows_what_a_config_leaves_out(copy, without_mindnlp, monkeypatch) -> None:
    folder = copy("config.json", lambda c: c["text_encoder"].pop("layer_norm_epsilon"))
    with pytest.raises(AssertionError, match="MindNLP was imported"):
        read_config(folder)
    monkeypatch.undo()
    assert read_config(folder) == read_config(TINY)


def test_mindnlp_knows_how_a_prompt_ends(copy, without_mindnlp, monkeypatch) -> None:
    folder = copy("tokenizer.json", lambda t: t.update(post_processor=None))
    with pytest.raises(ModelUnavailable, match="MindNLP was imported"):
        PromptProcessor(folder, read_config(folder))
    monkeypatch.undo()
    assert PromptProcessor(folder, read_config(folder)).tokenize("drums")


LIGHT = """
import sys
from musicgen_core.musicgen import MusicGen
from musicgen_core.requests import GenerationRequest
core = MusicGen.load("builtin")
assert core.info.engine == "numba"
core.generate([GenerationRequest("drums", 0.2, seed=1)])
heavy = {"mindspore", "mindnlp", "transformers", "torch", "sklearn"} & set(sys.modules)
assert not heavy, heavy
"""


@pytest.mark.models
def test_a_clip_on_a_cpu_needs_neither_mindspore_nor_mindnlp() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_mindnlp_is_imported_without_what_is_not_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
