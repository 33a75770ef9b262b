"""What is counted about generated clips: adherence, rhythm, pairs, variety."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Any

from recipes.builtin.adherence import Hearing, hear, misses, octave_apart
from recipes.builtin.captions.captioning import Caption
from recipes.builtin.prompts import Pair
from recipes.builtin.variety import likeness, melody_of
from recipes.builtin.voices import Codes

Figures = dict[str, Any]
"""What goes into the report: JSON."""

Generate = Callable[[Sequence[str | None], int, int], Sequence[Codes]]
"""Texts, frames and a seed -> codes [9, F] each, by the checkpoint's own sampling."""


@dataclass(frozen=True)
class Heard:
    """A prompt, what its clip sounds like, and what of the prompt is missed."""

    prompt: Caption
    seed: int
    hearing: Hearing

    @property
    def missed(self) -> tuple[str, ...]:
        """As adherence.misses."""
        return misses(self.prompt.said, self.hearing)


def listen(prompts: Sequence[Caption], seeds: Sequence[int], frames: int,
           generate: Generate) -> list[Heard]:  # fmt: skip
    """Generate every prompt with every seed and hear the clips."""
    found = []
    for seed in seeds:
        clips = generate([p.text for p in prompts], frames, seed)
        found += [Heard(p, seed, hear(codes)) for p, codes in zip(prompts, clips, strict=True)]
    return found


def _questions(heard: Heard) -> Iterator[tuple[str, bool]]:
    """Everything that a prompt asks for and tokens can answer: (kind, whether it is so)."""
    said, missed = heard.prompt.said, heard.missed
    if said.bpm is not None:
        yield "bpm", "bpm" not in missed
        yield "bpm or its octave", "bpm" not in missed or octave_apart(said, heard.hearing)
    if said.tempo is not None:
        yield "tempo word", "tempo" not in missed
    if said.tonic is not None:
        yield "key", not {"tonic", "minor"} & set(missed)
        yield "tonic", "tonic" not in missed
    elif said.minor is not None:
        yield "major or minor", "minor" not in missed
    for name in dict.fromkeys((*said.present, *((said.lead,) if said.lead else ()))):
        yield "instruments", f"present:{name}" not in missed
    for name in said.absent:
        yield "no drums" if name == "drums" else "left out", f"absent:{name}" not in missed
    for field in ("kit", "density", "feel"):
        if getattr(said, field) is not None:
            yield field, field not in missed


def adherence(found: Sequence[Heard]) -> Figures:
    """Every kind's share that is met: the median over seeds, least and most, and how many asked."""
    seeds = sorted({heard.seed for heard in found})
    met: dict[str, Counter[int]] = {}
    asked: dict[str, Counter[int]] = {}
    for heard in found:
        for kind, right in _questions(heard):
            met.setdefault(kind, Counter())[heard.seed] += right
            asked.setdefault(kind, Counter())[heard.seed] += 1
    figures: Figures = {}
    for kind, counts in asked.items():
        shares = [met[kind][seed] / counts[seed] for seed in seeds]
        figures[kind] = {**_spread(shares), "asked": counts[seeds[0]]}
    return figures


def failures(found: Sequence[Heard]) -> list[str]:
    """Prompts that are missed with every seed: the prompt and what is missed each time."""
    by_prompt: dict[str, list[tuple[str, ...]]] = {}
    for heard in found:
        by_prompt.setdefault(heard.prompt.text, []).append(heard.missed)
    always = {
        text: set.intersection(*map(set, all_missed)) for text, all_missed in by_prompt.items()
    }
    return [f"{text} [{', '.join(sorted(missed))}]" for text, missed in always.items() if missed]


def _spread(values: Sequence[float]) -> Figures:
    kept = {"median": median(values), "least": min(values), "most": max(values)}
    return {name: round(value, 4) for name, value in kept.items()}


def rhythm(found: Sequence[Heard]) -> Figures:
    """Onsets on the grid, broken notes and silences; ambient prompts may be silent.

    What is silent only because the piece came to its end is among the silences, and also counted
    by itself.
    """
    notes = sum(heard.hearing.notes for heard in found)
    loud = [h for h in found if h.prompt.said.genre != "ambient"]
    silent = [h for h in loud if max(h.hearing.longest_silence, h.hearing.tail) > _LONGEST_SILENCE]
    return {
        "on grid": round(sum(h.hearing.on_grid * h.hearing.notes for h in found) / notes, 4),
        "on grid, clips": _spread([h.hearing.on_grid for h in found]),
        "broken notes": round(sum(h.hearing.broken * h.hearing.notes for h in found) / notes, 5),
        "clips": len(loud),
        "clips with a silence": len(silent),
        "of these, pieces that had ended": sum(
            h.hearing.ended and h.hearing.longest_silence <= _LONGEST_SILENCE for h in silent
        ),
        "silences": [f"{h.prompt.text} (seed {h.seed})" for h in silent][:20],
    }


_LONGEST_SILENCE = 1.5
"""Seconds."""


def pairs_told_apart(pairs: Sequence[Pair], seeds: Sequence[int], frames: int,
                     generate: Generate) -> Figures:  # fmt: skip
    """For prompts that differ in one attribute: how often both clips have the one asked of them."""
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    ones = listen([pair.one for pair in pairs], seeds, frames, generate)
    others = listen([pair.other for pair in pairs], seeds, frames, generate)
    fields = [pair.field for _ in seeds for pair in pairs]
    for field, one, other in zip(fields, ones, others, strict=True):
        asked[field] += 1
        right[field] += not _misses_field(field, one) and not _misses_field(field, other)
    return {field: {"share": round(right[field] / asked[field], 4), "asked": asked[field]}
            for field in asked}  # fmt: skip


def _misses_field(field: str, heard: Heard) -> bool:
    """One of a pair asks for an instrument where the other leaves it out."""
    fields = ("absent", "present") if field in {"absent", "present"} else (field,)
    return any(miss.partition(":")[0] in fields for miss in heard.missed)


def variety(text: str, count: int, frames: int, generate: Generate) -> Figures:
    """How alike the melodies of one prompt's clips are, two at a time; rows draw differently."""
    melodies = [melody_of(codes) for codes in generate([text] * count, frames, 1)]
    alike = sorted(likeness(a, b) for a, b in combinations(melodies, 2))
    return {
        "prompt": text,
        "pieces": len(melodies),
        "most alike": round(alike[-1], 4),
        "median": round(median(alike), 4),
        "pairs over 0.6": sum(value > 0.6 for value in alike),
        "notes": _spread([float(len(melody)) for melody in melodies]),
    }
