"""MusicGen on transformers and PyTorch, in fp32 or with dynamic 8-bit weights; see compare.py."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import MusicgenForConditionalGeneration, PreTrainedTokenizerFast

_STEPS, _WARM_UP = 20, 2


class Peer:
    """A loaded model."""

    def __init__(self, folder: Path, precision: str) -> None:
        tokenizer = str(folder / "tokenizer.json")
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_file=tokenizer, pad_token="<pad>")
        self.model: Any = MusicgenForConditionalGeneration.from_pretrained(folder).eval()
        if precision == "int8":
            self.model = torch.ao.quantization.quantize_dynamic(
                self.model, {torch.nn.Linear}, dtype=torch.qint8
            )
        self.books = self.model.decoder.config.num_codebooks

    @torch.no_grad()
    def step(self, context: int) -> float:
        """Milliseconds: the median of 20 steps around `context`, guidance and sampling included."""
        hidden = self.model.decoder.config.hidden_size
        text = torch.randn(2, 12, hidden)
        ids = torch.randint(0, 32, (2 * self.books, max(1, context - _STEPS // 2)))
        past, taken = None, []
        for _ in range(_WARM_UP + _STEPS + 1):
            began = time.perf_counter()
            out = self.model.decoder(
                input_ids=ids, encoder_hidden_states=text, past_key_values=past, use_cache=True
            )
            past, logits = out.past_key_values, out.logits[:, -1]
            told, plain = logits.chunk(2)
            guided = plain + 3.0 * (told - plain)
            best, places = guided.topk(min(250, guided.shape[-1]))
            drawn = torch.multinomial(best.softmax(-1), 1)
            ids = places.gather(-1, drawn).repeat(2, 1)
            taken.append(time.perf_counter() - began)
        return 1000 * statistics.median(taken[_WARM_UP + 1 :])

    @torch.no_grad()
    def clip(self, seconds: float, take: int) -> float:
        """Seconds that a clip takes, from text to sound."""
        began = time.perf_counter()
        text = f"80s pop track with bassy drums and synth take {take}"
        given = self.tokenizer([text], return_tensors="pt")
        frames = round(seconds * 50)
        self.model.generate(
            input_ids=given["input_ids"],
            attention_mask=given["attention_mask"],
            do_sample=True,
            guidance_scale=3.0,
            max_new_tokens=frames + self.books - 1,
        )
        return time.perf_counter() - began


def main() -> None:
    """Answer each line of JSON on stdin with one on stdout."""
    peer = Peer(Path(sys.argv[1]), sys.argv[2])
    print(json.dumps({"ready": f"transformers, {sys.argv[2]}"}), flush=True)
    for number, line in enumerate(sys.stdin):
        order = json.loads(line)
        if "context" in order:
            found = peer.step(order["context"])
        else:
            found = peer.clip(order["seconds"], number)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
