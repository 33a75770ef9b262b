"""Make the built-in checkpoint from nothing: sounds, codec, tokenizer, training, files.

    pip install -r recipes/builtin/requirements.txt     (in an environment of its own)
    apt install fluidsynth fluid-soundfont-gm
    python -m recipes.builtin.build WORK [CHECKPOINT]
    python -m recipes.builtin.build WORK CHECKPOINT --codec-only

What is done already is found in WORK and not done again; training may be cut at any time. The last
form computes the codec of a checkpoint anew and leaves its trained weights as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from recipes.builtin.codec_space import build_space, load_space, save_space
from recipes.builtin.codec_weights import codec_tensors
from recipes.builtin.composer.composing import compose
from recipes.builtin.export import config, language_model_tensors, replace_codec, write
from recipes.builtin.frames import build_tables
from recipes.builtin.shape import Shape
from recipes.builtin.stock_codec import StockCodec
from recipes.builtin.strangers import strangers
from recipes.builtin.vocabulary import tokenizer
from recipes.builtin.voices import Codes

STEPS, DECAY, SEED = 11260, 1200, 1
"""What the checkpoint that ships was trained with, all but exactly: it had decayed before, at steps
2480, 7820, 8560, 9420, 10160 and 10760, and what examples.py, batches.py, mistakes.py and train.py
weigh was changed on the way.
"""
_SAMPLED = 60
"""Pieces that show the codec how voices sound together."""
_SAMPLED_FRAMES = 400
_STRANGERS = 102
"""Clips of others that training goes on from: six of every instrument."""


def prepare(work: Path) -> None:
    """Render the sounds, fit the codec's space, collect the words."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "tokenizer.json").exists():
        text = json.dumps(tokenizer(), ensure_ascii=False)
        (work / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    fit_space(work)
    if not (work / "strangers.npy").exists():
        np.save(work / "strangers.npy", _overheard(work))


def fit_space(work: Path) -> None:
    """Render the sounds and fit the codec's space to them."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "tables.npy").exists():
        np.save(work / "tables.npy", build_tables())
    if not (work / "space.npz").exists():
        pieces = [compose(f"codec {i}", _SAMPLED_FRAMES).codes for i in range(_SAMPLED)]
        sample = np.concatenate(pieces, axis=1)
        save_space(build_space(np.load(work / "tables.npy"), sample), work / "space.npz")


def _overheard(work: Path) -> Codes:
    """What the codec makes of clips that are not its own, [C, K, F]."""
    import torch

    tensors = codec_tensors(load_space(work / "space.npz"))
    weights = {name: torch.from_numpy(np.array(values)) for name, values in tensors.items()}
    codec = StockCodec(config(Shape(), vocabulary=0), weights)
    clips = strangers(_STRANGERS, held_out=False)
    return np.stack([codec.encode(clip.samples.astype(np.float32)) for clip in clips])


def export(work: Path, checkpoint: Path) -> None:
    """Write the checkpoint from what WORK holds, trained to the end or not."""
    import torch

    state = torch.load(work / "training.pt", weights_only=True, map_location="cpu")
    tensors = language_model_tensors(state["learner"], Shape())
    tensors |= codec_tensors(load_space(work / "space.npz"))
    words = json.loads((work / "tokenizer.json").read_text("utf-8"))
    write(checkpoint, tensors, words, Shape(), state["step"])
    sys.stdout.write(f"{checkpoint}: after {state['step']} steps\n")


def main() -> None:
    """Read the command line and do what is left to do."""
    parser = argparse.ArgumentParser(description="Make the built-in checkpoint.")
    parser.add_argument("work", type=Path)
    parser.add_argument("checkpoint", type=Path, nargs="?")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--decay", type=int, default=DECAY)
    parser.add_argument("--export-only", action="store_true", help="stop training where it is")
    parser.add_argument("--codec-only", action="store_true", help="keep the trained weights")
    options = parser.parse_args()
    if options.codec_only:
        if not options.checkpoint:
            parser.error("--codec-only needs a CHECKPOINT")
        fit_space(options.work)
        replace_codec(options.checkpoint, codec_tensors(load_space(options.work / "space.npz")))
        return
    from recipes.builtin.train import train

    prepare(options.work)
    if not options.export_only:
        train(options.work, options.steps, options.decay, Shape(), SEED)
    if options.checkpoint:
        export(options.work, options.checkpoint)


if __name__ == "__main__":
    main()
