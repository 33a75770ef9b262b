"""Three people jam for ten turns with the built-in checkpoint: does the track hold together?

    .venv/bin/python -m benchmarks.long_jam [--turns 10] [--seconds 12]

The unmodified bot in the embedded Discord, its own model and mixing. Every part's tempo is heard by
`musicgen_core.hearing` in the finished mix. Its key is read off the notes that the built-in codec
hears in its file, which is right more often than an ear (92 % of composed pieces); what the ear
hears is told besides. A step is the change of RMS level across a seam, in windows of 400 ms;
loudness and true peak are the mix's (ITU-R BS.1770-4). What misses a bound is listed, and the exit
status is then 1: every tempo within 3 % of the parts' median, eight of ten parts in one key, no
step over 3 dB, -14 LUFS within 0.5, a true peak under -1 dB.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import math
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import soundfile

from bot.app import application, online
from bot.cli.jam_demo import Script, _file, button
from bot.rehearsal.people import Person
from bot.rehearsal.server import Rehearsal
from bot.settings import load_settings
from musicgen_core.checkpoint.loading import load_checkpoint
from musicgen_core.engines.select import choose_engine
from musicgen_core.hearing import TONICS, hear
from musicgen_core.jams import Jam, starts, track
from musicgen_core.jams.loudness import integrated_loudness, true_peak
from musicgen_core.jams.mix import CEILING_DB, TARGET_LUFS
from musicgen_core.model.protocols import Codec
from recipes.builtin import adherence

PATIENCE = 1800.0
TEMPO_ASIDE = 0.03
KEPT_KEY = 0.8
"""Of the parts."""
MOST_STEP = 3.0
"""dB."""
LOUDNESS_ASIDE = 0.5
"""LU."""
WINDOW = 0.4
PROMPT = "80s pop track with bassy drums and synth, 120 bpm, in A minor"
DIRECTIONS = ("go on", "with strings", "more bass", "a saxophone melody", "quieter", "louder")
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in a mix: by part, by seam, and of the whole."""

    tempos: list[float]
    """In beats a minute; NaN where a part has none."""
    keys: list[str | None]
    steps: list[float]
    """In dB."""
    loudness: float
    """LUFS."""
    peak: float
    """dBTP."""


class LongScript(Script):
    """The demo's people, who play on and on."""

    def __init__(self, discord_: Rehearsal, turns: int) -> None:
        super().__init__(discord_, PATIENCE)
        self._turns = turns

    async def perform(self, seconds: float) -> bytes:
        """Play all turns, and return the mix."""
        first = self._people[0]
        options = {"title": "A long jam", "prompt": PROMPT, "seconds_per_turn": seconds}
        await first.slash("jam start", options)
        board = await self._wait(lambda m: button(m, "join"), anywhere=True)
        self._place = board["channel_id"]
        for person in self._people[1:]:
            await person.press(board["id"], button(board, "join"))
            await self._said(f"<@{person.id}> joins in.")
        for number in range(1, self._turns + 1):
            who = self._people[(number - 1) % len(self._people)]
            # The demo hums in its third turn; here everything is the model's.
            direction = DIRECTIONS[(number - 1) % len(DIRECTIONS)]
            await self._plain_turn(number, who, direction)
            print(f"turn {number} played", flush=True)
        await self._press(first, "finish")
        return (await _file(await self._wait(lambda m: button(m, "like"))))[1]

    async def _plain_turn(self, number: int, who: Person, direction: str) -> None:
        board = await self._wait(lambda m: f":{number}:0" in button(m, "play"))
        form = await who.press(board["id"], button(board, "play"))
        await who.submit(form, {"direction": direction})
        vote = await self._wait(lambda m: f":{number}:1" in button(m, "take", 1))
        for person in self._people:
            await person.press(vote["id"], button(vote, "take", 1))
        await self._said(f"up to part {number}:")


def step(samples: Samples, rate: int, second: float) -> float:
    """Return the change of RMS level across a second, in dB."""
    at, window = round(second * rate), round(WINDOW * rate)
    before, behind = samples[at - window : at], samples[at : at + window]
    return float(20 * np.log10(rms(behind) / rms(before)))


def rms(samples: Samples) -> float:
    """Return the root of the mean square, never 0."""
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) + 1e-9


def written_key(sound: Samples) -> str | None:
    """Return the key of the notes in mono sound at the built-in codec's rate; None: no notes."""
    codec = _codec()
    whole = len(sound) // codec.hop * codec.hop
    found = adherence.hear(codec.encode(sound[:whole])).attributes
    if found.tonic is None:
        return None
    return f"{TONICS[found.tonic]} {'minor' if found.minor else 'major'}"


@cache
def _codec() -> Codec:
    return choose_engine().create(load_checkpoint("builtin")).codec


def report(jam: Jam, mix: bytes, files: Path) -> list[str]:
    """Print what was heard; return what is not as it should be."""
    sound, rate = soundfile.read(io.BytesIO(mix), dtype="float32", always_2d=True)
    takes = track(jam)
    begins = [*starts(jam, takes), len(sound) / rate]
    mono = sound.mean(axis=1)
    heard = [
        hear(mono[None, round(a * rate) : round(b * rate)], rate)
        for a, b in itertools.pairwise(begins)
    ]
    keys = []
    for take, each in zip(takes, heard, strict=True):
        part, _ = soundfile.read(next(files.rglob(take.file)), dtype="float32", always_2d=True)
        keys.append(written_key(part.mean(axis=1)[-round(take.seconds * rate) :]))
        print(f"part {take.number}: {each.tempo and round(each.tempo, 1)} bpm, {keys[-1]} "
              f"(by ear: {each.key}); {take.prompt}")  # fmt: skip
    tempos = [each.tempo or math.nan for each in heard]
    tempo, key = float(np.nanmedian(tempos)), most_heard(keys)
    steps = [abs(step(mono, rate, second)) for second in begins[1:-1]]
    near = sum(abs(t / tempo - 1) <= TEMPO_ASIDE for t in tempos)
    loudness = integrated_loudness(sound.T, rate)
    peak = float(20 * np.log10(true_peak(sound.T, rate)))
    print(f"{len(takes)} parts, {len(sound) / rate:.0f} s")
    print(f"tempo {tempo:.1f} bpm: {near} of {len(takes)} parts within 3 %")
    print(f"key {key}: {keys.count(key)} of {len(takes)} parts")
    print(f"steps at seams: median {statistics.median(steps):.1f} dB, most {max(steps):.1f} dB")
    print(f"loudness {loudness:.2f} LUFS, true peak {peak:.2f} dB")
    return missed(Heard(tempos, keys, steps, loudness, peak))


def most_heard(keys: list[str | None]) -> str | None:
    """Return the key of the most parts; None where no part has one."""
    known = [key for key in keys if key is not None]
    return statistics.mode(known) if known else None


def missed(heard: Heard) -> list[str]:
    """Return in sentences which bounds were missed; a part without a tempo misses its bound."""
    tempo, key = float(np.nanmedian(heard.tempos)), most_heard(heard.keys)
    wrong = [
        f"part {number} has {bpm:.1f} bpm, more than {TEMPO_ASIDE:.0%} from {tempo:.1f}"
        for number, bpm in enumerate(heard.tempos, 1)
        if not abs(bpm / tempo - 1) <= TEMPO_ASIDE
    ]
    kept = 0 if key is None else heard.keys.count(key)
    if kept < KEPT_KEY * len(heard.keys):
        wrong.append(f"only {kept} of {len(heard.keys)} parts are in {key or 'a key'}")
    wrong += [
        f"the level steps by {change:.1f} dB before part {number}"
        for number, change in enumerate(heard.steps, 2)
        if change > MOST_STEP
    ]
    if not abs(heard.loudness - TARGET_LUFS) <= LOUDNESS_ASIDE:
        wrong.append(f"the mix has {heard.loudness:.2f} LUFS, not {TARGET_LUFS:g}")
    if not heard.peak < CEILING_DB:
        wrong.append(f"the mix has a true peak of {heard.peak:.2f} dB")
    return wrong


async def main() -> int:
    """Read the command line and jam; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=12.0)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mindjam-jam-") as place:
        folder = Path(place)
        settings = load_settings(
            "rehearsal",
            env_file=None,
            database=f"sqlite:///{folder}/mindjam.db",
            clips=folder / "clips",
            cards=False,
        )
        async with Rehearsal() as discord:
            with discord.attach():
                async with application(settings) as bot, online(bot, discord.token):
                    mix = await LongScript(discord, options.turns).perform(options.seconds)
                    person = int(discord.world.people[0].id)
                    (jam,) = await bot.storage.jams.of_person(person)
        wrong = report(jam, mix, folder / "clips")
    for sentence in wrong:
        print(f"not as it should be: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
