"""Measure a checkpoint on prompts that training never saw, and write down what was found.

    python -m recipes.builtin.measure CHECKPOINT REPORT.json [--prompts 200] [--seeds 3]
    python -m recipes.builtin.measure CHECKPOINT --try "2.0 0.95 40" "3.0 0.9 40" ...

The second form compares ways of sampling (guidance, temperature, top-k) on other prompts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from recipes.builtin import figures
from recipes.builtin.captions.captioning import Caption
from recipes.builtin.fast_generation import FastModel, Sampling
from recipes.builtin.figures import Figures
from recipes.builtin.prompts import REFERENCE, contrasting_pairs, held_out_prompts
from recipes.builtin.sound_figures import codec_figures, foreign_figures, own_continuations
from recipes.builtin.stock_codec import StockCodec
from recipes.builtin.strangers import strangers
from recipes.builtin.voices import Codes

_FRAMES, _LONG = 1000, 1500
"""20 s, as long as tempo hearing wants, and 30 s, for what must hold to the end."""
_ROWS = 64
"""Clips generated at once."""
_LONG_CLIPS = 60
_TRIED = 80
"""Prompts that ways of sampling are compared on."""
_VARIED = "80s pop track with bassy drums and synth"


@dataclass(frozen=True)
class Generator:
    """A checkpoint and a way of sampling."""

    model: FastModel
    sampling: Sampling

    def __call__(self, texts: Sequence[str | None], frames: int, seed: int) -> list[Codes]:
        """Codes [9, frames] for every text."""
        return self.go_on(texts, None, frames, seed)

    def go_on(self, texts: Sequence[str | None], prompts: Codes | None, frames: int,
              seed: int) -> list[Codes]:  # fmt: skip
        """The same after codes [B, 9, F] that were heard."""
        found: list[Codes] = []
        for at in range(0, len(texts), _ROWS):
            given = None if prompts is None else prompts[at : at + _ROWS]
            rows = list(texts[at : at + _ROWS])
            found += list(self.model.generate(rows, frames, self.sampling, seed * 1000 + at, given))
        return found


def everything(
    generate: Generator, codec: StockCodec, prompts: Sequence[Caption], seeds: Sequence[int],
    note: Callable[[str, Figures], None],
) -> None:  # fmt: skip
    """Hand every group of figures to `note` as soon as it is known."""
    found = figures.listen(prompts, seeds, _FRAMES, generate)
    note("adherence", figures.adherence(found))
    note("rhythm", figures.rhythm(found))
    note("missed with every seed", {"prompts": figures.failures(found)})
    long = figures.listen(prompts[:_LONG_CLIPS], seeds[:1], _LONG, generate)
    note("30 s clips", {**figures.rhythm(long), "adherence": figures.adherence(long)})
    pairs = contrasting_pairs()
    note("pairs", figures.pairs_told_apart(pairs, seeds, _FRAMES, generate))
    for text, meant in REFERENCE:
        heard = figures.listen([Caption(text, "en", meant)] * 8, seeds[:1], _FRAMES, generate)
        tempos = sorted(round(h.hearing.attributes.bpm or 0) for h in heard)
        note(text, {**figures.adherence(heard), "bpm heard": tempos})
    note("variety", figures.variety(_VARIED, 20, _FRAMES, generate))
    clips = generate([p.text for p in prompts[:24]], 500, 5)
    note("codec", codec_figures(codec, clips))
    texts = [p.text for p in prompts[:24]]
    note("continuing own clips", own_continuations(clips, texts, generate.go_on, _FRAMES, 6))
    note("continuing own clips without a prompt",
         own_continuations(clips, [None] * 24, generate.go_on, _FRAMES, 7))  # fmt: skip
    note("foreign", foreign_figures(codec, list(strangers()), generate.go_on, 500, 8))


def compare(model: FastModel, ways: Sequence[str], prompts: Sequence[Caption]) -> None:
    """Print the main figures of every way of sampling."""
    for way in ways:
        guidance, temperature, top_k = way.split()
        sampling = Sampling(float(guidance), float(temperature), int(top_k))
        found = figures.listen(prompts, (1,), _FRAMES, Generator(model, sampling))
        told, beat = figures.adherence(found), figures.rhythm(found)
        shares = " ".join(f"{kind} {f['median']:.2f}/{f['asked']}" for kind, f in told.items())
        grid, broken = beat["on grid"], beat["broken notes"]
        sys.stdout.write(f"{way}: {shares} grid {grid} broken {broken} "
                         f"silent {beat['clips with a silence']}/{beat['clips']}\n")  # fmt: skip
        sys.stdout.flush()


def trained_steps(checkpoint: Path) -> int:
    """The steps of training that a checkpoint's weights had."""
    from safetensors import safe_open

    with safe_open(checkpoint / "model.safetensors", "numpy") as file:
        return int(file.metadata()["steps"])


def main() -> None:
    """Read the command line; measure or compare."""
    parser = argparse.ArgumentParser(description="Measure the built-in checkpoint.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("report", type=Path, nargs="?")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--try", nargs="+", dest="ways")
    options = parser.parse_args()
    model = FastModel(options.checkpoint)
    if options.ways:
        compare(model, options.ways, held_out_prompts(_TRIED, seed=2))
        return
    sampling = model.sampling(options.checkpoint)
    report: Figures = {
        "steps": trained_steps(options.checkpoint),
        "prompts": options.prompts,
        "seeds": options.seeds,
        "sampling": asdict(sampling),
    }
    codec = StockCodec(options.checkpoint)

    def note(name: str, found: Figures) -> None:
        report[name] = found
        text = json.dumps(report, ensure_ascii=False, indent=1)
        if options.report:
            options.report.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {json.dumps(found, ensure_ascii=False)[:2000]}\n")
        sys.stdout.flush()

    prompts, seeds = held_out_prompts(options.prompts), range(1, options.seeds + 1)
    everything(Generator(model, sampling), codec, prompts, seeds, note)


if __name__ == "__main__":
    main()
