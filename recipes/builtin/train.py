"""Train the language model and its text encoder on composed pieces; may be cut at any time.

    python -m recipes.builtin.train FOLDER --steps 12000 [--decay 4000]

The state is saved every few minutes and taken up again; more steps may be asked for later. Two CPU
cores do, best those with bfloat16 matrix instructions; a CUDA device is used where there is one.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from recipes.builtin.batches import PLAYING, Batch, stream
from recipes.builtin.labels import label_numbers
from recipes.builtin.muon import Muon
from recipes.builtin.network import Decoder
from recipes.builtin.reading import learn_to_judge, learn_to_read
from recipes.builtin.resuming import take_up
from recipes.builtin.shape import START, Shape
from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, DRUMS

_NULL = 0.12
"""Share of examples that are learned without their caption, for guidance."""
_READING = 0.05
"""What the labels' loss counts: more than the music's, or the text encoder forgets its words."""
_LEADING = 3.0
"""What the conductor counts beside a voice: it leads all of them astray or right."""
_DECIDING = 4.0
"""What its first beat, and a voice's first frames, count beside later ones: a caption's tempo and
key are one token each."""
_ASKED = 8.0
"""How much more they count where the caption asks for what is said: elsewhere there is nothing to
learn but how often people want which key."""
_ENTRANCE = 2
"""A voice's first frames. The drums play the first beat before the conductor says who plays, and
it then says what it hears: what a caption asks for is decided there."""
_DRUMLESS = 4.0
"""How much more the drums' first frames count where the caption wants none: few captions do."""
_SAVE_EVERY = 240.0
_WARM_UP = 100
_READING_STEPS = 2500
_JUDGING_STEPS = 600


def text_encoder(vocabulary: int, shape: Shape) -> nn.Module:
    """T5's encoder, small."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        vocab_size=vocabulary,
        d_model=shape.text,
        d_kv=32,
        d_ff=shape.text_ffn,
        num_layers=shape.text_layers,
        num_heads=shape.text // 32,
        dropout_rate=0.0,
    )
    model: nn.Module = T5EncoderModel(config)
    return model


DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Lesson(NamedTuple):
    """The frames of a batch that are learned from, all [N] but the targets [N, K]."""

    rows: Tensor
    frames: Tensor
    targets: Tensor
    weights: Tensor
    """1 on average."""
    leading: Tensor
    """What the tokens there count beside later ones, [N, K]."""


def lesson(batch: Batch, chance: torch.Generator) -> Lesson:
    """Choose the frames to learn from so that the losses' expectation is that of all frames."""
    codes, events = torch.from_numpy(batch.codes), torch.from_numpy(batch.events)
    known = torch.arange(events.shape[1])[None] < torch.from_numpy(batch.given)[:, None]
    events = events & ~known
    order = torch.rand(events.shape, generator=chance) + 1.0 * events - 2.0 * known
    count, telling = int(events.numel() * batch.share), int(events.sum())
    chosen = order.flatten().argsort(descending=True)[:count]
    plain = (int((~known).sum()) - telling) / max(1, count - telling)
    weights = torch.where(events.flatten()[chosen], 1.0, plain) * count / events.numel()
    rows, frames = chosen // events.shape[1], chosen % events.shape[1]
    return Lesson(rows, frames, codes[rows, :, frames], weights, _leading(batch, rows, frames))


def _leading(batch: Batch, rows: Tensor, frames: Tensor) -> Tensor:
    """What the tokens of rows [N] at frames [N] count beside later ones, [N, K]."""
    asked, last = torch.from_numpy(batch.asked), batch.asked.shape[1] - 1
    told = torch.where(asked, _DECIDING * _ASKED, _DECIDING)
    leading = torch.ones(len(rows), CODEBOOKS)
    since = frames - torch.from_numpy(batch.begins)[rows]
    early = (since >= 0) & (since < _ENTRANCE)
    leading[early] = told[:, PLAYING][rows[early]][:, None]
    early &= torch.from_numpy(batch.drumless)[rows]
    leading[early, DRUMS] *= _DRUMLESS
    beat = (since >= 0) & (since <= last)
    leading[:, CONDUCTOR] = torch.where(beat, told[rows, since.clamp(0, last)], 1.0)
    return leading.masked_fill(torch.from_numpy(batch.unfounded)[rows, :, frames], 0.0)


class Learner(nn.Module):
    """The text encoder and the decoder, and what they are judged by."""

    def __init__(self, vocabulary: int, shape: Shape) -> None:
        super().__init__()
        self.text = text_encoder(vocabulary, shape)
        self.decoder = Decoder(shape)
        self.judge = nn.Linear(shape.hidden, len(label_numbers()))

    def forward(
        self, columns: Tensor, ids: Tensor, heard: Tensor, labels: Tensor, lesson: Lesson
    ) -> Tensor:
        """Columns [B, K, T], ids [B, S], `heard` [B] 0 for no caption, labels [B, L] -> [K + 1].

        Every codebook's loss in nats a token; last, that of the labels read off the text states.
        """
        read, states, present = self.read(ids, labels)
        told = self.decoder.condition(states, present * heard[:, None])
        mask = torch.where(present[:, None, None] > 0, 0.0, float("-inf")).to(told.dtype)
        table, heads = self.decoder.tables.embeddings(), self.decoder.tables.heads()
        signal = self.decoder(self.decoder.embed(table, columns), told, mask)
        found = []
        for k in range(CODEBOOKS):
            logits = F.linear(signal[lesson.rows, lesson.frames + k], heads[k]).float()
            loss = F.cross_entropy(logits, lesson.targets[:, k], reduction="none")
            found.append((loss * lesson.leading[:, k] * lesson.weights).mean())
        found.append(read)
        return torch.stack(found)

    def read(self, ids: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The labels' loss in nats an example, T5's states [B, S, E], which are there [B, S]."""
        present = (ids != 0).float()
        states: Tensor = self.text(input_ids=ids, attention_mask=present).last_hidden_state
        pooled = self.decoder.condition(states, present).float().sum(1) / present.sum(1)[:, None]
        read = F.binary_cross_entropy_with_logits(self.judge(pooled), labels, reduction="sum")
        return read / len(labels), states, present


def delayed(codes: Tensor) -> Tensor:
    """Codes [B, K, F] -> the columns that come in [B, K, F + K - 1], START where nothing is."""
    count, books, frames = codes.shape
    out = torch.full((count, books, frames + books - 1), START)
    for k in range(books):
        out[:, k, k : k + frames] = codes[:, k]
    return F.pad(out[:, :, :-1], (1, 0), value=START)


@dataclass
class Run:
    """A training run's state."""

    learner: Learner
    optimizers: tuple[torch.optim.Optimizer, ...]
    rates: tuple[float, ...]
    step: int = 0
    warmth: int = 0
    """Steps that the optimizers have seen, as far as it matters."""


def start(vocabulary: int, shape: Shape, seed: int) -> Run:
    """A fresh run."""
    torch.manual_seed(seed)
    learner = Learner(vocabulary, shape).to(DEVICE)
    matrices, rest = [], []
    for name, p in learner.named_parameters():
        # What few examples of a batch teach, attention to text, is not for Muon: it enlarges noise.
        by_muon = p.ndim == 2 and ".layers." in name and ".text." not in name
        (matrices if by_muon else rest).append(p)
    adam = torch.optim.Adam(rest, lr=2e-3, betas=(0.9, 0.98), eps=1e-10)
    muon = Muon(matrices, 0.015, 0.95, 0.02)
    return Run(learner, (adam, muon), (2e-3, 0.015))


def save(run: Run, path: Path) -> None:
    """Write the state to a temporary name, then rename it."""
    state = {
        "learner": run.learner.state_dict(),
        "optimizers": [o.state_dict() for o in run.optimizers],
        "step": run.step,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def restore(run: Run, path: Path) -> None:
    """Take a saved state up."""
    state = torch.load(path, weights_only=True, map_location=DEVICE)
    run.learner.load_state_dict(state["learner"])
    for optimizer, saved in zip(run.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    run.step, run.warmth = state["step"], _WARM_UP


def rate_at(run: Run, steps: int, decay: int) -> float:
    """Warm up, hold, and fall linearly to almost nothing over the last `decay` steps."""
    return min((run.warmth + 1) / _WARM_UP, 1.0, max(0.01, (steps - run.step) / decay))


def train(
    folder: Path, steps: int, decay: int, shape: Shape, seed: int, before: Path | None = None
) -> Learner:
    """Train up to so many steps, from the last saved state, else from a checkpoint, else anew."""
    vocabulary = len(json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"])
    run = start(vocabulary, shape, seed)
    saved = folder / "training.pt"
    reader = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if saved.exists():
        restore(run, saved)
    elif before:
        run.step = take_up(run.learner, before)
        learn_to_judge(run.learner, _JUDGING_STEPS, reader)
    else:
        learn_to_read(run.learner, _READING_STEPS, reader)
    forward: Any = torch.compile(run.learner, dynamic=False)
    log = (folder / "training.log").open("a", encoding="utf-8")
    batches = stream(run.step, folder)
    last_save = began = time.monotonic()
    first, sums = run.step, torch.zeros(CODEBOOKS + 1)
    while run.step < steps:
        found = _one_step(run, forward, next(batches), rate_at(run, steps, decay))
        sums = sums * 0.98 + found * 0.02
        run.step, run.warmth = run.step + 1, run.warmth + 1
        if run.step % 50 == 0 or run.step - first in {1, 5, 20}:
            share = 1 - 0.98 ** (run.step - first)
            pace = (time.monotonic() - began) / (run.step - first)
            line = " ".join(f"{loss:.4f}" for loss in sums / share)
            log.write(
                f"{run.step} {pace:.2f} s/step mean {sums[:-1].mean() / share:.4f} : {line}\n"
            )
            log.flush()
        if time.monotonic() - last_save > _SAVE_EVERY or run.step == steps:
            save(run, saved)
            last_save = time.monotonic()
    batches.close()
    return run.learner


def _one_step(run: Run, forward: Any, batch: Batch, rate: float) -> Tensor:
    for optimizer, full in zip(run.optimizers, run.rates, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = full * rate
    chance = torch.Generator().manual_seed(run.step)
    heard = (torch.rand(len(batch.ids), generator=chance) >= _NULL).float()
    columns = delayed(torch.from_numpy(batch.heard))
    ids, labels = torch.from_numpy(batch.ids), torch.from_numpy(batch.labels)
    chosen = Lesson(*(part.to(DEVICE) for part in lesson(batch, chance)))
    found = forward(*(part.to(DEVICE) for part in (columns, ids, heard, labels)), chosen)
    weights = torch.ones(CODEBOOKS, device=DEVICE)
    weights[CONDUCTOR] = _LEADING
    loss = (found[:-1] * weights).sum() / weights.sum() + _READING * found[-1]
    loss.backward()
    nn.utils.clip_grad_norm_(run.learner.parameters(), 1.0)
    for optimizer in run.optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return found.detach().cpu()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the built-in checkpoint.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=12_000)
    parser.add_argument("--decay", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=Path, dest="before", help="a checkpoint to go on from")
    options = parser.parse_args()
    train(options.folder, options.steps, options.decay, Shape(), options.seed, options.before)


if __name__ == "__main__":
    main()
