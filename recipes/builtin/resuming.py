"""Take up training where only the finished checkpoint is left of it: export.py backwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from recipes.builtin.network import memberships
from recipes.builtin.voices import CODEBOOK_SIZE, CODEBOOKS

if TYPE_CHECKING:
    from recipes.builtin.train import Learner

_BLOCKS = {"own": "self_attn", "text": "encoder_attn"}
_NORMS = ("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm")


def take_up(learner: Learner, checkpoint: Path) -> int:
    """Give a learner a checkpoint's weights and return how many steps made them.

    Its judge of labels and all momentum begin anew.
    """
    from safetensors import safe_open

    with safe_open(checkpoint / "model.safetensors", "pt") as file:
        steps = int(file.metadata()["steps"])
        stored = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    state = learner.state_dict()
    for name in state:
        if name.startswith("text."):
            state[name] = stored["text_encoder." + name.removeprefix("text.").replace(
                "encoder.embed_tokens.", "shared.")]  # fmt: skip
    for part in ("weight", "bias"):
        state[f"decoder.project.{part}"] = stored[f"enc_to_dec_proj.{part}"]
        state[f"decoder.last.{part}"] = stored[f"decoder.model.decoder.layer_norm.{part}"]
    for number in range(len(learner.decoder.layers)):
        state |= _layer(stored, number)
    state |= _tables(stored)
    learner.load_state_dict(state)
    return steps


def _layer(stored: dict[str, Tensor], number: int) -> dict[str, Tensor]:
    ours, theirs = f"decoder.layers.{number}", f"decoder.model.decoder.layers.{number}"
    found = {
        f"{ours}.{mine}.{part}": stored[f"{theirs}.{name}.{part}_proj.weight"]
        for mine, name in _BLOCKS.items()
        for part in ("q", "k", "v", "out")
    }
    for i, norm in enumerate(_NORMS):
        for part in ("weight", "bias"):
            found[f"{ours}.norms.{i}.{part}"] = stored[f"{theirs}.{norm}.{part}"]
    for name in ("fc1", "fc2"):
        found[f"{ours}.{name}"] = stored[f"{theirs}.{name}.weight"]
    return found


def _tables(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """Split every table into what its tokens have in common and what is left."""
    shared = memberships()
    found = {}
    for ours, name in (("", "decoder.model.decoder.embed_tokens"), ("head_", "decoder.lm_heads")):
        whole = torch.stack([stored[f"{name}.{k}.weight"] for k in range(CODEBOOKS)])
        # Regularized: patches, pitches and ages each sum to one, so the split is not unique.
        gram = shared.mT @ shared + 1e-2 * torch.eye(shared.shape[2])
        parts = torch.linalg.solve(gram, shared.mT @ whole[:, :CODEBOOK_SIZE])
        whole[:, :CODEBOOK_SIZE] -= shared @ parts
        found[f"decoder.tables.{ours}parts"] = parts
        found[f"decoder.tables.{ours}own"] = whole
    return found
