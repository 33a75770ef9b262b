"""Composed examples as training batches: always the same batch at the same step."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from random import Random
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recipes.builtin.attributes import Attributes
from recipes.builtin.codec_space import load_space
from recipes.builtin.conductor import END, MEANINGS, SIGNS
from recipes.builtin.examples import example
from recipes.builtin.foreign import Ears
from recipes.builtin.labels import labels_of
from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, SILENCE, successors

TEXT_LENGTH = 40
"""Ids a caption is padded or cut to."""


class Kind(NamedTuple):
    """A batch's size, and the share of its frames that is learned from.

    Those in which something happens are, and for the others, with more weight, some.
    """

    frames: int
    examples: int
    share: float


_SHORT, _MIDDLE, _LONG = Kind(16, 192, 0.7), Kind(500, 16, 0.3), Kind(1500, 6, 0.3)
KINDS = (_SHORT, _SHORT, _SHORT, _MIDDLE, _SHORT, _SHORT, _SHORT, _LONG)
"""The batches, in turn.

What a caption says is said in a clip's first beat, and later is known from what went before: short
windows teach to listen to it, long ones to go on.
"""
_MOST = max(kind.examples for kind in KINDS)
_FOREIGN = 0.3
"""Share of examples that begin as somebody else's clip does, badly encoded, to be carried on."""
_LEAST = 400
"""Frames of a window that is long enough for that."""
_MIDWAY = 60
"""Frames that are not learned of a window that begins inside a bar: clips are to begin with one.

Of a short one, none are."""
_MISHEARD = 0.012
"""Share of tokens that are heard wrong, in half of the examples."""
_STRANGE = 0.08
"""How often words that mean nothing are put into a caption: people use words never seen."""

_PHASES = {sign.name: sign.phase for sign in SIGNS}
PLAYING = _PHASES["playing"]
"""The frame of a beat at which the conductor says who plays."""
_TELLING: dict[int, tuple[str, ...]] = {
    1: ("bpm", "tempo"),  # the first frame that is counted
    _PHASES["place"]: ("tonic", "minor", "mode"),
    _PHASES["style"]: ("genre", "feel"),
    PLAYING: ("present", "absent", "kit", "lead"),
    _PHASES["rhythm"]: ("present", "absent", "kit"),
    _PHASES["harmony"]: ("present", "absent"),
    _PHASES["melody"]: ("present", "absent", "lead"),
}
"""Frames of a beat, and the fields of a caption that decide what the conductor says there."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """What one step learns from."""

    codes: Ints
    """[B, K, F]: what is to be learned."""
    heard: Ints
    """[B, K, F]: what the model gets to hear; the same but for mistakes and foreign beginnings."""
    given: Ints
    """[B]: frames at the beginning that are not to be learned."""
    ids: Ints
    """[B, TEXT_LENGTH], 0 behind the end."""
    labels: npt.NDArray[np.float32]
    """[B, L]: what the captions say, as labels."""
    events: npt.NDArray[np.bool_]
    """[B, F]: frames in which any voice does not merely go on."""
    asked: npt.NDArray[np.bool_]
    """[B, 13]: frames of the first beat in which the conductor says what the caption asks for."""
    drumless: npt.NDArray[np.bool_]
    """[B]: captions that want no drums."""
    share: float
    """As in Kind."""


def batch(step: int, tokenizer: Any, ears: Ears | None) -> Batch:
    """The batch of a step, made anew from its number; nothing foreign without ears."""
    frames, count, share = KINDS[step % len(KINDS)]
    examples = [example(step * _MOST + i, frames) for i in range(count)]
    codes = np.stack([e.codes for e in examples]).astype(np.int64)
    rng = Random(f"words {step}")  # noqa: S311 - training data, not secrets
    texts = [strange(rng, e.caption.text) for e in examples]
    ids = ids_of(texts, tokenizer)
    heard, given = codes.copy(), np.zeros(count, dtype=np.int64)
    labels = np.stack([labels_of(e.caption.said) for e in examples])
    for i in range(count) if ears and frames >= _LEAST else ():
        if rng.random() < _FOREIGN:
            given[i] = rng.randrange(80, min(350, frames - 200))
            heard[i, :, : given[i]] = ears(rng, codes[i, :, : given[i]])
    for i, each in enumerate(examples):
        if not begins_a_bar(int(each.codes[CONDUCTOR, 0])):
            given[i] = max(given[i], _MIDWAY)
    misheard(np.random.default_rng([step, 5]), heard)
    asked = np.stack([asked_for(e.caption.said) for e in examples])
    drumless = np.array(["drums" in e.caption.said.absent for e in examples])
    return Batch(codes, heard, given, ids, labels, events_of(codes), asked, drumless, share)


def ids_of(texts: Sequence[str], tokenizer: Any) -> Ints:
    """Texts [B] -> ids [B, TEXT_LENGTH]."""
    ids = np.zeros((len(texts), TEXT_LENGTH), dtype=np.int64)
    for row, encoded in zip(ids, tokenizer.encode_batch(texts), strict=True):
        kept = encoded.ids[:TEXT_LENGTH]
        row[: len(kept)] = kept
    return ids


def asked_for(said: Attributes) -> npt.NDArray[np.bool_]:
    """[13]: at which frames of a beat the conductor says something that the caption says."""
    frames = np.zeros(SIGNS[-1].phase + 1, dtype=np.bool_)
    for phase, fields in _TELLING.items():
        frames[phase] = any(getattr(said, field) not in {None, ()} for field in fields)
    return frames


def begins_a_bar(token: int) -> bool:
    """Whether a conductor's token says the first beat of a bar."""
    meaning = MEANINGS[token - 1] if 0 < token < END else None
    return meaning is not None and meaning.sign.name == "place" and meaning.second % 4 == 0


def misheard(chance: np.random.Generator, heard: Ints) -> None:
    """Replace, in half of the examples, a few tokens by those of a frame nearby, or by any.

    What the model makes has such mistakes in it, and it should go on as if there were none.
    """
    count, _, frames = heard.shape
    wrong = chance.random(heard.shape) < _MISHEARD
    wrong &= (chance.random(count) < 0.5)[:, None, None]
    row, book, frame = np.nonzero(wrong)
    near = np.clip(frame + chance.integers(-4, 5, len(frame)), 0, frames - 1)
    other = np.where(chance.random(len(row)) < 0.5, row, chance.integers(0, count, len(row)))
    heard[row, book, frame] = heard[other, book, near]


def events_of(codes: Ints) -> npt.NDArray[np.bool_]:
    """[B, K, F] -> [B, F]: where some voice's token is not what follows from the one before.

    The first frames are events too: the conductor says there what comes from the caption.
    """
    voices = range(CONDUCTOR + 1, CODEBOOKS)
    held = np.stack([successors(k)[codes[:, k]] for k in voices], axis=1)
    before = np.concatenate([np.full_like(held[:, :, :1], SILENCE), held[:, :, :-1]], axis=2)
    changed: npt.NDArray[np.bool_] = (codes[:, CONDUCTOR + 1 :] != before).any(axis=1)
    changed[:, : SIGNS[-1].phase + 1] = True
    return changed


def strange(rng: Random, text: str) -> str:
    """Now and then, put a word or two without meaning somewhere between the words."""
    if rng.random() >= _STRANGE:
        return text
    words = text.split(" ")
    for _ in range(rng.randint(1, 2)):
        syllables = (rng.choice("bcdfghjklmnprstvwyz") + rng.choice("aeiou") for _ in range(9))
        word = "".join(list(syllables)[: rng.randint(2, 4)]) + rng.choice(("", "n", "r", "s", "t"))
        words.insert(rng.randint(0, len(words)), word)
    return " ".join(words)


def stream(first: int, folder: Path) -> Iterator[Batch]:
    """Yield the batches from a step on, composed ahead in a process of their own."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue(maxsize=12)
    maker = context.Process(target=_compose, args=(queue, first, folder), daemon=True)
    maker.start()
    try:
        while True:
            try:
                yield queue.get(timeout=60)
            except Empty as exc:
                raise RuntimeError("the composing process stopped") from exc
    finally:
        maker.terminate()


def _compose(queue: Any, first: int, folder: Path) -> None:
    from tokenizers import Tokenizer

    reader = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ears = Ears(load_space(folder / "space.npz"))
    step = first
    while True:
        queue.put(batch(step, reader, ears))
        step += 1
