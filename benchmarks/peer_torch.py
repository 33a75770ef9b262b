"""transformers' side of peers.py: the same answers from MusicGen on PyTorch.

    peer_torch.py FOLDER fp32|int8 THREADS

int8 is torch.ao's dynamic quantization of every linear layer, the fastest that PyTorch offers on a
CPU without a compiler.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import warnings
from typing import Any

import torch
import transformers
from transformers import AutoTokenizer, DynamicCache, EncoderDecoderCache
from transformers import MusicgenForConditionalGeneration as MusicGen

STEPS, WARM_UP = 20, 2
TEXT_TOKENS = 12
GUIDANCE, TOP_K = 3.0, 250


class Peer:
    """A loaded model; both of its ways to a clip use a cache of keys and values."""

    def __init__(self, folder: str, precision: str) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        # Scaled-dot-product attention where there is a kernel for it; the library's own default.
        self._model = MusicGen.from_pretrained(folder, dtype=torch.float32).eval()
        if precision == "int8":
            self._model = torch.ao.quantization.quantize_dynamic(
                self._model, {torch.nn.Linear}, dtype=torch.qint8
            )
        codec = self._model.config.audio_encoder
        self._frame_rate = codec.sampling_rate / codec.hop_length
        self._books = self._model.decoder.num_codebooks
        self._start = self._model.generation_config.decoder_start_token_id
        self._vocab = self._model.decoder.config.vocab_size

    def step_ms(self, context: int) -> float:
        """One person's median step around `context`: the decoder's call, guidance, sampling."""
        before = max(0, context - STEPS // 2)
        rng = torch.Generator().manual_seed(context)
        # As generate has them: projected by then, and zero for the unconditional row.
        text = torch.randn((2, TEXT_TOKENS, self._model.decoder.config.hidden_size), generator=rng)
        mask = torch.ones((2, TEXT_TOKENS), dtype=torch.int64)
        text[1], mask[1] = 0, 0
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        given = {"encoder_hidden_states": text, "encoder_attention_mask": mask, "use_cache": True}
        if before:
            prompt = torch.randint(0, self._vocab, (self._books, before), generator=rng)
            self._model.decoder(prompt.repeat(2, 1), past_key_values=cache, **given)
        column = torch.full((self._books, 1), self._start)
        taken = []
        for _ in range(WARM_UP + STEPS):
            begun = time.perf_counter()
            made = self._model.decoder(column.repeat(2, 1), past_key_values=cache, **given)
            column = self._chosen(made.logits[:, -1])
            taken.append(time.perf_counter() - begun)
        return 1000 * statistics.median(taken[WARM_UP:])

    def _chosen(self, logits: torch.Tensor) -> torch.Tensor:
        """Logits [2 K, V], with and without text -> ids [K, 1]."""
        conditional, unconditional = logits.chunk(2)
        joined = unconditional + GUIDANCE * (conditional - unconditional)
        best, ids = joined.topk(min(TOP_K, joined.shape[-1]))
        return ids.gather(1, torch.multinomial(best.softmax(-1), 1))

    def clip_seconds(self, seconds: float, take: int) -> float:
        """Wall time of one clip by the library's own generate, text to sound."""
        text = f"80s pop track with bassy drums and synth take {take}"
        begun = time.perf_counter()
        inputs = self._tokenizer([text], return_tensors="pt")
        # The delay pattern costs K - 1 steps that make no frame.
        steps = round(seconds * self._frame_rate) + self._books - 1
        sound = self._model.generate(
            **inputs, do_sample=True, guidance_scale=GUIDANCE, top_k=TOP_K, max_new_tokens=steps
        )
        taken = time.perf_counter() - begun
        made, asked = sound.shape[-1], seconds * self._model.config.audio_encoder.sampling_rate
        if made < asked:
            raise RuntimeError(f"{made} samples were made, not {asked:.0f}")
        return taken


def main() -> None:
    folder, precision, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    # Answers go to the parent alone; what libraries print goes where errors go.
    answers, sys.stdout = sys.stdout, sys.stderr
    peer = Peer(folder, precision)
    about = f"transformers {transformers.__version__} {precision}, torch {torch.__version__}"

    def answer(value: dict[str, Any]) -> None:
        print(json.dumps(value), file=answers, flush=True)

    answer({"about": about, "threads": torch.get_num_threads()})
    with torch.inference_mode():
        for line in sys.stdin:
            task = json.loads(line)
            if "context" in task:
                answer({"value": peer.step_ms(task["context"])})
            else:
                answer({"value": peer.clip_seconds(task["seconds"], task["take"])})


if __name__ == "__main__":
    main()
