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
from recipes.builtin.mistakes import hush, misheard, strange, unfounded
from recipes.builtin.voices import CODEBOOKS, CONDUCTOR, SILENCE, successors

TEXT_LENGTH = 40
"""Ids a caption is padded or cut to."""


class Kind(NamedTuple):
    """A batch's size, and what of it is learned from."""

    frames: int
    examples: int
    share: float
    """Of its frames. Those in which something happens are, and of the others, with more weight,
    some."""
    carried: float
    """Share of its examples that begin as somebody else's clip does, to be carried on."""
    given: tuple[int, int]
    """Frames that such a clip has: at least, and fewer than."""


_SHORT = Kind(16, 192, 0.7, 0.0, (0, 0))
_ENTERING = Kind(64, 64, 0.45, 1.0, (16, 36))
_MIDDLE = Kind(500, 16, 0.3, 0.3, (80, 300))
_LONG = Kind(1500, 6, 0.3, 0.3, (80, 350))
KINDS = (_SHORT, _SHORT, _ENTERING, _MIDDLE, _SHORT, _SHORT, _ENTERING, _LONG)
"""The batches, in turn.

What a caption says is said in a clip's first beat, and later is known from what went before: short
windows teach to listen to it, long ones to go on.
"""
_MOST = max(kind.examples for kind in KINDS)
_OWN = 0.5
"""How often the beginning is one's own music as others would play it, where the window has room for
a bar of it; else it has nothing to do with what follows."""
_WHOLE = 0.5
"""How often it ends where the other's clip does, which dies away there."""
_MIDWAY = 60
"""Frames that are not learned of a window that begins inside a bar: clips are to begin with one.

Of a short one, none are."""

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
    """[B, K, F]: what the model gets to hear; the same but for foreign beginnings and mistakes."""
    given: Ints
    """[B]: frames at the beginning that are not to be learned."""
    begins: Ints
    """[B]: the frame in which the music begins that the caption tells of."""
    ids: Ints
    """[B, TEXT_LENGTH], 0 behind the end."""
    labels: npt.NDArray[np.float32]
    """[B, L]: what the captions say, as labels."""
    events: npt.NDArray[np.bool_]
    """[B, F]: frames in which any voice does not merely go on, or the music begins."""
    asked: npt.NDArray[np.bool_]
    """[B, 13]: frames of the first beat in which the conductor says what the caption asks for."""
    drumless: npt.NDArray[np.bool_]
    """[B]: captions that want no drums."""
    unfounded: npt.NDArray[np.bool_]
    """[B, K, F]: tokens that do not follow from what is heard, and are not learned."""
    share: float
    """As in Kind."""


@dataclass(frozen=True)
class Others:
    """What training hears of other people's music."""

    ears: Ears
    clips: Ints
    """[C, K, F]: what the codec makes of their clips."""

    def before(self, rng: Random, kind: Kind, codes: Ints) -> tuple[Ints, Ints, int]:
        """Codes [K, F] of what begins a bar -> those to learn, those heard, both [K, F], given."""
        likely = range(*kind.given)
        bars = [frame for frame in likely if begins_a_bar(int(codes[CONDUCTOR, frame]))]
        if bars and rng.random() < _OWN:
            given = rng.choice(bars)
            return codes, np.hstack([self.ears(rng, codes[:, :given]), codes[:, given:]]), given
        given, clip = rng.choice(likely), rng.choice(self.clips)
        end = clip.shape[1] if rng.random() < _WHOLE else rng.randint(given, clip.shape[1])
        following = np.hstack([clip[:, end - given : end], codes[:, : codes.shape[1] - given]])
        return following, following, given


def batch(step: int, tokenizer: Any, others: Others | None) -> Batch:
    """The batch of a step, made anew from its number; nothing foreign without others."""
    kind = KINDS[step % len(KINDS)]
    rng = Random(f"words {step}")  # noqa: S311 - training data, not secrets
    carried = [others is not None and rng.random() < kind.carried for _ in range(kind.examples)]
    examples = [
        example(step * _MOST + i, kind.frames, carried=each) for i, each in enumerate(carried)
    ]
    texts = [strange(rng, e.caption.text) for e in examples]
    codes = np.stack([e.codes for e in examples]).astype(np.int64)
    heard, begins = codes.copy(), np.zeros(kind.examples, dtype=np.int64)
    for i in np.flatnonzero(carried) if others else ():
        codes[i], heard[i], begins[i] = others.before(rng, kind, codes[i])
    inside = np.array([not begins_a_bar(int(e.codes[CONDUCTOR, 0])) for e in examples])
    events = events_of(codes)
    for row, begin in zip(events, begins, strict=True):
        row[begin : begin + SIGNS[-1].phase + 1] = True
    misheard(np.random.default_rng([step, 5]), heard)
    hushed = hush(np.random.default_rng([step, 6]), heard)
    return Batch(
        codes=codes,
        heard=heard,
        given=np.maximum(begins, np.where(inside, _MIDWAY, 0)),
        begins=begins,
        ids=ids_of(texts, tokenizer),
        labels=np.stack([labels_of(e.caption.said) for e in examples]),
        events=events,
        asked=np.stack([asked_for(e.caption.said) for e in examples]),
        drumless=np.array(["drums" in e.caption.said.absent for e in examples]),
        unfounded=unfounded(codes, hushed),
        share=kind.share,
    )


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
    others = Others(Ears(load_space(folder / "space.npz")), np.load(folder / "strangers.npy"))
    step = first
    while True:
        queue.put(batch(step, reader, others))
        step += 1
