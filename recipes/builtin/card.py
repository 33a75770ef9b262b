"""The model card: what the checkpoint is, and the figures of the last measurement.

python -m recipes.builtin.card REPORT.json CHECKPOINT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from recipes.builtin.export import trained_steps

Report = dict[str, Any]

_TEMPLATE = Path(__file__).with_name("card_template.md")

_NAMES = {
    "bpm": "tempo within 3 % of the bpm",
    "bpm or its octave": "the same, half or double counted too",
    "tempo word": "a word for the tempo",
    "key": "key, major or minor included",
    "tonic": "its tonic alone",
    "major or minor": "major or minor without a tonic",
    "instruments": "an instrument",
    "no drums": "no drums",
    "left out": "another instrument left out",
    "kit": "a kind of drum kit",
    "density": "sparse or busy",
    "feel": "swing",
}


_CARRIED = ("tempo", "key", "key or a neighbor")
"""What is measured of foreign clips; a tempo's octaves count as it."""


def percent(share: float) -> str:
    """0.914 -> "91 %"; no more digits than 200 prompts can tell apart, but never a false 100 %."""
    digits = 1 if 0.99 <= share < 1 or 0 < share < 0.01 else 0
    return f"{100 * share:.{digits}f} %"


def _adherence(found: Report) -> str:
    rows = []
    for kind in filter(found.__contains__, _NAMES):
        asked = found[kind]["asked"]
        middle, least, most = (percent(found[kind][name]) for name in ("median", "least", "most"))
        rows.append(f"| {_NAMES[kind]} | {middle} ({least} to {most}) | {asked} |")
    return "\n".join(rows)


def _others(report: Report) -> str:
    beat, long = report["rhythm"], report["30 s clips"]
    codec, foreign, varied = report["codec"], report["foreign"], report["variety"]
    own, blind = (report[f"continuing own clips{way}"] for way in ("", " without a prompt"))
    pairs = ", ".join(
        f"{field} {round(f['share'] * f['asked'])} of {f['asked']}"
        for field, f in report["pairs"].items()
    )
    kept = {
        stage: ", ".join(percent(foreign[stage][name]) for name in _CARRIED)
        for stage in ("clip", "encoded", "continued")
    }
    played = foreign["continued, by its notes"]
    rows = [
        ("onsets on the grid of the tempo", percent(beat["on grid"])),
        ("notes that begin in the middle of a sound", percent(beat["broken notes"])),
        ("20 s clips with more than 1.5 s of silence",
         f"{beat['clips with a silence']} of {beat['clips']}"),
        ("30 s clips with more than 1.5 s of silence",
         f"{long['clips with a silence']} of {long['clips']}"),
        ("of these, pieces that ended before the clip did",
         f"{long['of these, pieces that had ended']}"),
        ("prompts that differ in one attribute, both met", pairs),
        (f"{varied['pieces']} pieces of one prompt: the two most alike melodies",
         percent(varied["most alike"])),
        (f"{codec['clips']} own clips, as mindjam writes them, encoded and decoded: least SNR",
         f"{codec['SNR dB, least']:g} dB"),
        (f"the same, cutting off what passes full scale ({codec['clips over full scale']} clips)",
         f"{codec['SNR dB, least, peaks cut off']:g} dB"),
        ("energy of jumps at frame boundaries, over elsewhere",
         f"{codec['jump energy at frame boundaries']:g}"),
        ("the same in the 4 ms in which frames overlap",
         f"{codec['jump energy where frames overlap']:g}"),
        ("integrated loudness, median", f"{codec['LUFS, median']:g} LUFS"),
        ("RMS level, median", f"{codec['RMS dBFS, median']:g} dBFS"),
        (f"{own['clips']} of its own clips continued: same tempo, same key",
         f"{percent(own['tempo'])}, {percent(own['key'])}"),
        ("the same without their prompt",
         f"{percent(blind['tempo'])}, {percent(blind['key'])}"),
        (f"{foreign['clips']} foreign clips encoded: {', '.join(_CARRIED)}", kept["encoded"]),
        ("the same, librosa on the clips themselves", kept["clip"]),
        ("the same, continued, with what mindjam hears in the prompt", kept["continued"]),
        ("the same, by its notes: tempo, key",
         f"{percent(played['tempo'])}, {percent(played['key'])}"),
    ]  # fmt: skip
    return "\n".join(f"| {name} | {value} |" for name, value in rows)


def _retaken(how: Report) -> str:
    return (
        f"Pairs of prompts ({how['pairs']}, {how['seeds of pairs']} seeds) and 30 s clips\n"
        f"({how['30 s clips']} prompts, {how['seeds of 30 s clips']} seeds) by "
        f"`python -m recipes.builtin.retakes`, engine {how['engine']}."
    )


def card(report: Report, trained: int) -> str:
    """The content of README.md for weights that were trained for so many steps."""
    sampling, measured = report["sampling"], report["steps"]
    older = f" All are of the weights after {measured} steps; those here were not measured yet."
    return _TEMPLATE.read_text("utf-8").format(
        trained=trained,
        older="" if measured == trained else older,
        prompts=report["prompts"],
        seeds=report["seeds"],
        missed=len(report["missed with every seed"]["prompts"]),
        retaken=_retaken(report["retaken"]),
        adherence=_adherence(report["adherence"]),
        others=_others(report),
        **sampling,
    )


def main() -> None:
    """Write the card into the checkpoint's folder."""
    report, checkpoint = map(Path, sys.argv[1:3])
    text = card(json.loads(report.read_text("utf-8")), trained_steps(checkpoint))
    (checkpoint / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
