"""Measure a checkpoint on prompts that training never saw, and write down what was found.

May be cut at any time: groups of figures that the report holds are not measured again, and clips
are kept beside it, in REPORT.clips.

    python -m recipes.builtin.measure CHECKPOINT REPORT.json [--prompts 200] [--seeds 3] [--quick]
    python -m recipes.builtin.measure CHECKPOINT REPORT.json --again codec foreign
    python -m recipes.builtin.measure CHECKPOINT --try "2.0 0.95 40" "3.0 0.9 40" ...

The second form measures groups that the report holds once more. The third compares ways of sampling
(guidance, temperature, top-k) on other prompts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

from recipes.builtin import figures
from recipes.builtin.attributes import Attributes
from recipes.builtin.captions.captioning import Caption
from recipes.builtin.export import trained_steps
from recipes.builtin.fast_generation import FastModel, Sampling
from recipes.builtin.figures import Figures
from recipes.builtin.kept_clips import KeptClips
from recipes.builtin.prompts import REFERENCE, contrasting_pairs, held_out_prompts
from recipes.builtin.sound_figures import codec_figures, foreign_figures, own_continuations
from recipes.builtin.stock_codec import StockCodec
from recipes.builtin.strangers import strangers
from recipes.builtin.voices import Codes

_FRAMES, _LONG = 1000, 1500
"""20 s, as long as tempo hearing wants, and 30 s, for what must hold to the end."""
_ROWS = 50
"""Clips generated at once."""
_TRIED = 80
"""Prompts that ways of sampling are compared on."""
_VARIED = "80s pop track with bassy drums and synth"


@dataclass(frozen=True)
class Generator:
    """A checkpoint and a way of sampling."""

    model: FastModel
    sampling: Sampling
    kept: KeptClips | None = None

    def __call__(self, texts: Sequence[str | None], frames: int, seed: int) -> list[Codes]:
        """Codes [9, frames] for every text."""
        return self.go_on(texts, None, frames, seed)

    def go_on(self, texts: Sequence[str | None], prompts: Codes | None, frames: int,
              seed: int) -> list[Codes]:  # fmt: skip
        """The same after codes [B, 9, F] that were heard."""
        found: list[Codes] = []
        for at in range(0, len(texts), _ROWS):
            given = None if prompts is None else prompts[at : at + _ROWS]
            rows, chance = list(texts[at : at + _ROWS]), seed * 1000 + at
            make = partial(self.model.generate, rows, frames, self.sampling, chance, given)
            heard = given is not None and given.tobytes()
            asked = (rows, frames, self.sampling, chance, heard)
            found += list(self.kept.get(asked, make) if self.kept else make())
        return found


@dataclass(frozen=True)
class Extent:
    """How many clips of what; prompts and seeds are chosen on the command line."""

    long_clips: int = 60
    pairs: int = 40
    takes: int = 8
    """Of each of the reference's prompts."""
    pieces: int = 20
    """Of one prompt, for variety."""
    coded: int = 48
    """Of its own that are encoded and decoded."""
    clips: int = 24
    """Of its own that are continued."""
    foreign: int = 24


QUICK = Extent(long_clips=12, pairs=10, takes=4, clips=8)


class Measurement:
    """Groups of figures, each written into the report as soon as it is known.

    What the report holds already is not measured again.
    """

    def __init__(self, generate: Generator, codec: StockCodec, extent: Extent, path: Path) -> None:
        self.generate, self.codec, self.extent, self.path = generate, codec, extent, path
        self.report: Figures = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def note(self, name: str, found: Figures) -> None:
        """Keep a group."""
        self.report[name] = found
        text = json.dumps(self.report, ensure_ascii=False, indent=1)
        self.path.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {json.dumps(found, ensure_ascii=False)[:2000]}\n")
        sys.stdout.flush()

    def run(self, prompts: Sequence[Caption], seeds: Sequence[int]) -> None:
        """Measure what is missing."""
        if "missed with every seed" not in self.report:
            found = figures.listen(prompts, seeds, _FRAMES, self.generate)
            self.note("adherence", figures.adherence(found))
            self.note("rhythm", figures.rhythm(found))
            self.note("missed with every seed", {"prompts": figures.failures(found)})
        groups: dict[str, Callable[[], Figures]] = {
            "variety": lambda: figures.variety(_VARIED, self.extent.pieces, _FRAMES, self.generate),
            **{text: partial(self._takes, text, meant) for text, meant in REFERENCE},
            **self._continued(prompts),
            "foreign": lambda: foreign_figures(
                self.codec, list(strangers(self.extent.foreign)), self.generate.go_on, 500, 8
            ),
            "pairs": lambda: figures.pairs_told_apart(
                contrasting_pairs(self.extent.pairs), seeds, _FRAMES, self.generate
            ),
            "30 s clips": lambda: self._long(prompts[: self.extent.long_clips], seeds[:1]),
        }
        for name, measure in groups.items():
            if name not in self.report:
                self.note(name, measure())

    def _takes(self, text: str, meant: Attributes) -> Figures:
        prompts = [Caption(text, "en", meant)] * self.extent.takes
        heard = figures.listen(prompts, (1,), _FRAMES, self.generate)
        tempos = sorted(round(h.hearing.attributes.bpm or 0) for h in heard)
        return {**figures.adherence(heard), "bpm heard": tempos}

    def _continued(self, prompts: Sequence[Caption]) -> dict[str, Callable[[], Figures]]:
        texts = [p.text for p in prompts[: self.extent.clips]]
        clips = cache(lambda: self.generate(texts, 500, 5))
        go_on, silent = self.generate.go_on, [None] * len(texts)
        return {
            "codec": lambda: codec_figures(
                self.codec, self.generate([p.text for p in prompts[: self.extent.coded]], 500, 5)
            ),
            "continuing own clips": lambda: own_continuations(clips(), texts, go_on, _FRAMES, 6),
            "continuing own clips without a prompt": lambda: own_continuations(
                clips(), silent, go_on, _FRAMES, 7
            ),
        }

    def _long(self, prompts: Sequence[Caption], seeds: Sequence[int]) -> Figures:
        long = figures.listen(prompts, seeds, _LONG, self.generate)
        return {**figures.rhythm(long), "adherence": figures.adherence(long)}


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


def main() -> None:
    """Read the command line; measure or compare."""
    parser = argparse.ArgumentParser(description="Measure the built-in checkpoint.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("report", type=Path, nargs="?")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="fewer clips of all but the prompts")
    parser.add_argument("--again", nargs="+", default=(), metavar="GROUP")
    parser.add_argument("--try", nargs="+", dest="ways")
    options = parser.parse_args()
    model = FastModel(options.checkpoint)
    if options.ways or not options.report:
        compare(model, options.ways or (), held_out_prompts(_TRIED, seed=2))
        return
    sampling = model.sampling(options.checkpoint)
    kept = KeptClips(options.report.with_suffix(".clips"), options.checkpoint)
    measurement = Measurement(
        Generator(model, sampling, kept),
        StockCodec.load(options.checkpoint),
        QUICK if options.quick else Extent(),
        options.report,
    )
    for name in options.again:
        measurement.report.pop(name, None)
    measurement.report |= {
        "steps": trained_steps(options.checkpoint),
        "prompts": options.prompts,
        "seeds": options.seeds,
        "sampling": asdict(sampling),
    }
    measurement.run(held_out_prompts(options.prompts), range(1, options.seeds + 1))


if __name__ == "__main__":
    main()
