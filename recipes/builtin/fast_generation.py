"""Many clips at once on PyTorch, from a checkpoint's files: what the measurements are made with.

The same loop as musicgen_core's (delay pattern, guidance, temperature, top-k), for rows of one
length, in bfloat16 where the processor has instructions for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from recipes.builtin.network import positions
from recipes.builtin.precision import KIND
from recipes.builtin.voices import CODEBOOKS, Codes


@dataclass(frozen=True)
class Sampling:
    """How tokens are chosen."""

    guidance: float
    temperature: float
    top_k: int


class FastModel:
    """A checkpoint's text encoder and language model."""

    def __init__(self, folder: Path, kind: torch.dtype = KIND) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.config = json.loads((folder / "config.json").read_text("utf-8"))
        self.kind, self._decoder = kind, self.config["decoder"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        weights = load_file(folder / "model.safetensors")
        self._text = _t5(self.config["text_encoder"], weights)
        name = "decoder.model.decoder."
        wanted = ("decoder.", "enc_to_dec_proj.")
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._w = {k: v.to(self.device, kind) for k, v in weights.items() if k.startswith(wanted)}
        tables = [self._w[f"{name}embed_tokens.{k}.weight"] for k in range(CODEBOOKS)]
        self._embeddings = torch.stack(tables)
        self._heads = torch.stack([self._w[f"decoder.lm_heads.{k}.weight"]
                                   for k in range(CODEBOOKS)])  # fmt: skip
        self._places = positions(
            self._decoder["max_position_embeddings"], self._decoder["hidden_size"]
        ).to(self.device, kind)

    def sampling(self, folder: Path) -> Sampling:
        """The checkpoint's own way of choosing."""
        chosen = json.loads((folder / "generation_config.json").read_text("utf-8"))
        return Sampling(chosen["guidance_scale"], chosen["temperature"], chosen["top_k"])

    @torch.no_grad()
    def generate(
        self,
        texts: list[str | None],
        frames: int,
        sampling: Sampling,
        seed: int,
        prompts: Codes | None = None,
    ) -> Codes:
        """Texts [B], codes to be continued [B, K, P] or none -> new codes [B, K, frames]."""
        count = len(texts)
        start = self._decoder["pad_token_id"]
        given = np.zeros((count, CODEBOOKS, 0), np.int64) if prompts is None else prompts
        heard = given.shape[2]
        steps = heard + frames + CODEBOOKS - 1
        columns = torch.full((count, CODEBOOKS, steps + 1), start, device=self.device)
        for k in range(CODEBOOKS):
            columns[:, k, 1 + k : 1 + k + heard] = torch.from_numpy(given[:, k]).to(self.device)
        state = _State(self, texts, steps)
        chance = torch.Generator().manual_seed(seed)
        for step in range(steps):
            logits = state.step(columns[:, :, step], step)
            chosen = _choose(logits, sampling, chance)
            for k in range(CODEBOOKS):
                if heard <= step - k < heard + frames:
                    columns[:, k, step + 1] = chosen[:, k]
        made = [columns[:, k, 1 + k + heard : 1 + k + heard + frames] for k in range(CODEBOOKS)]
        out: Codes = torch.stack(made, dim=1).cpu().numpy()
        return out

    def _texts(self, texts: list[str | None]) -> tuple[Tensor, Tensor]:
        """Projected states [B, S, D] and which are there [B, S]."""
        ids = [[] if t is None else self._tokenizer.encode(t).ids for t in texts]
        longest = max(1, *(len(row) for row in ids))
        table = torch.zeros(len(ids), longest, dtype=torch.long)
        present = torch.zeros(len(ids), longest)
        for i, row in enumerate(ids):
            table[i, : len(row)] = torch.tensor(row, dtype=torch.long)
            present[i, : len(row)] = 1
        states = self._text(input_ids=table, attention_mask=present).last_hidden_state
        bias = self._w["enc_to_dec_proj.bias"]
        told = F.linear(states.to(self.device, self.kind), self._w["enc_to_dec_proj.weight"], bias)
        present = present.to(self.device)
        return told * present[..., None].to(self.kind), present


class _State:
    """A running batch: rows with their text, behind them the same rows without."""

    def __init__(self, model: FastModel, texts: list[str | None], steps: int) -> None:
        self.m, self.count = model, len(texts)
        shape = model.config["decoder"]
        self.layers, self.heads = shape["num_hidden_layers"], shape["num_attention_heads"]
        hidden = shape["hidden_size"]
        told, present = model._texts(texts)  # noqa: SLF001
        self.mask = torch.where(present > 0, 0.0, float("-inf"))[:, None, None]
        self.mask[present.sum(1) == 0] = 0.0
        cache = (self.layers, 2, 2 * self.count, self.heads, steps, hidden // self.heads)
        self.cache = torch.zeros(cache, dtype=model.kind, device=model.device)
        self.text = [
            tuple(self._split(F.linear(told, self._weight(i, "encoder_attn", part)))
                  for part in "kv")
            for i in range(self.layers)
        ]  # fmt: skip

    def _weight(self, layer: int, block: str, part: str) -> Tensor:
        return self.m._w[f"decoder.model.decoder.layers.{layer}.{block}.{part}_proj.weight"]  # noqa: SLF001

    def _split(self, signal: Tensor) -> Tensor:
        return signal.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def _norm(self, signal: Tensor, name: str) -> Tensor:
        w = self.m._w  # noqa: SLF001
        name = f"decoder.model.decoder.{name}"
        return F.layer_norm(signal, signal.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])

    def step(self, column: Tensor, position: int) -> Tensor:
        """A column [B, K] -> logits with and without text [2, B, K, V]."""
        rows = torch.stack([self.m._embeddings[k, column[:, k]] for k in range(CODEBOOKS)])  # noqa: SLF001
        signal = (rows.sum(0) + self.m._places[position]).repeat(2, 1)[:, None]  # noqa: SLF001
        for i in range(self.layers):
            signal = self._layer(signal, i, position)
        last = self._norm(signal, "layer_norm")[:, 0]
        logits = torch.einsum("bd,kvd->bkv", last, self.m._heads)  # noqa: SLF001
        return logits.float().unflatten(0, (2, self.count))

    def _layer(self, signal: Tensor, i: int, position: int) -> Tensor:
        name = f"layers.{i}"
        normed = self._norm(signal, f"{name}.self_attn_layer_norm")
        q, k, v = (self._split(F.linear(normed, self._weight(i, "self_attn", p))) for p in "qkv")
        self.cache[i, 0, :, :, position], self.cache[i, 1, :, :, position] = k[:, :, 0], v[:, :, 0]
        keys, values = self.cache[i, :, :, :, : position + 1]
        mixed = F.scaled_dot_product_attention(q, keys, values).transpose(1, 2).flatten(2)
        signal = signal + F.linear(mixed, self._weight(i, "self_attn", "out"))
        # Without text there is nothing to attend to, and nothing is added.
        told = self._norm(signal[: self.count], f"{name}.encoder_attn_layer_norm")
        q = self._split(F.linear(told, self._weight(i, "encoder_attn", "q")))
        scores = q @ self.text[i][0].mT * q.shape[-1] ** -0.5 + self.mask
        mixed = (scores.softmax(-1).to(q.dtype) @ self.text[i][1]).transpose(1, 2).flatten(2)
        signal[: self.count] += F.linear(mixed, self._weight(i, "encoder_attn", "out"))
        grown = self._norm(signal, f"{name}.final_layer_norm")
        w = self.m._w  # noqa: SLF001
        fc = f"decoder.model.decoder.{name}.fc"
        return signal + F.linear(F.gelu(F.linear(grown, w[f"{fc}1.weight"])), w[f"{fc}2.weight"])


def _choose(logits: Tensor, how: Sampling, chance: torch.Generator) -> Tensor:
    """Logits [2, B, K, V] -> ids [B, K]."""
    guided = logits[1] + how.guidance * (logits[0] - logits[1])
    best, ids = guided.topk(how.top_k, dim=-1)
    weights = ((best - best[..., :1]) / how.temperature).exp()
    drawn = torch.rand(guided.shape[:2], generator=chance).to(weights.device) * weights.sum(-1)
    picked = (weights.cumsum(-1) <= drawn[..., None]).sum(-1).clamp(max=how.top_k - 1)
    return ids.gather(-1, picked[..., None])[..., 0]


def _t5(config: dict[str, Any], weights: dict[str, Tensor]) -> Any:
    from transformers import T5Config, T5EncoderModel

    kept = {k: v for k, v in config.items() if k != "model_type"}
    model = T5EncoderModel(T5Config(**kept, dropout_rate=0.0)).eval()
    prefix = "text_encoder."
    state = {k.removeprefix(prefix): v.float() for k, v in weights.items() if k.startswith(prefix)}
    state["encoder.embed_tokens.weight"] = state["shared.weight"]
    model.load_state_dict(state)
    return model
