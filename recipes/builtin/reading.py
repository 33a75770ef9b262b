"""The text encoder's first lessons: what a caption says, before there is any music.

A minute of these spares the joint training the thousand steps in which it would not yet listen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from recipes.builtin.batches import ids_of
from recipes.builtin.captions.captioning import caption
from recipes.builtin.composer.composing import compose
from recipes.builtin.labels import labels_of
from recipes.builtin.mistakes import strange

if TYPE_CHECKING:
    from recipes.builtin.train import Learner

_PIECES, _PIECE_FRAMES = 8000, 125
_BATCH = 96
_RATE = 2e-3
_JUDGE_RATE = 1e-2


def lessons(steps: int, tokenizer: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield ids [B, TEXT_LENGTH] and labels [B, L], always other captions of the same pieces."""
    truths = [compose(f"reading {i}", _PIECE_FRAMES).attributes for i in range(_PIECES)]
    for step in range(steps):
        rng = Random(f"reading {step}")  # noqa: S311 - training data, not secrets
        chosen = rng.sample(range(_PIECES), _BATCH)
        told = [caption(f"reading {step} {i}", truths[i]) for i in chosen]
        ids = ids_of([strange(rng, each.text) for each in told], tokenizer)
        yield torch.from_numpy(ids), torch.from_numpy(np.stack([labels_of(c.said) for c in told]))


def learn_to_read(learner: Learner, steps: int, tokenizer: Any) -> float:
    """Train the text encoder, its projection and its judge; the last steps' loss in nats."""
    parts = [*learner.text.parameters(), *learner.judge.parameters()]
    parts += learner.decoder.project.parameters()
    return _learn(learner, parts, _RATE, steps, tokenizer)


def learn_to_judge(learner: Learner, steps: int, tokenizer: Any) -> float:
    """Train the judge alone, for a text encoder that reads already: a new judge misleads it."""
    return _learn(learner, list(learner.judge.parameters()), _JUDGE_RATE, steps, tokenizer)


def _learn(
    learner: Learner, parts: list[nn.Parameter], rate: float, steps: int, tokenizer: Any
) -> float:
    device = next(learner.parameters()).device
    adam = torch.optim.Adam(parts, lr=rate, betas=(0.9, 0.98))
    mean = 0.0
    for step, (ids, labels) in enumerate(lessons(steps, tokenizer)):
        for group in adam.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 100, 2 * (1 - step / steps))
        read, _, _ = learner.read(ids.to(device), labels.to(device))
        adam.zero_grad(set_to_none=True)
        read.backward(inputs=parts)
        nn.utils.clip_grad_norm_(parts, 1.0)
        adam.step()
        mean = 0.98 * mean + 0.02 * float(read.detach())
        if step % 100 == 99:
            sys.stdout.write(f"reading: step {step + 1}, {mean / (1 - 0.98 ** (step + 1)):.3f}\n")
            sys.stdout.flush()
    return mean
