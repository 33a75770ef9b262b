"""The text encoder's tokenizer: the words of the captions, numbers, letters, bytes for the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from recipes.builtin.captions import chinese_words
from recipes.builtin.captions.captioning import caption
from recipes.builtin.captions.saying import Habits
from recipes.builtin.captions.tables import Words
from recipes.builtin.composer.composing import compose

_SPECIAL = ("<pad>", "</s>", "<unk>")
_SPACE = "\u2581"
_HAN = re.compile("[\u4e00-\u9fff]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789#&-'.,!?/()+:;\""
_NUMBERS = (*range(30, 261), 1950, 1960, 1970, 1980, 1990, 2000)
"""Read as one token each: tempos, decades and seconds."""
_SAMPLED = 12_000
"""Captions whose words are counted; a word must be seen in _SEEN of them."""
_SEEN = 3
_COUNTED = Habits(
    bpm=0.27,
    key=0.27,
    absent=0.06,
    no_drums=0.45,
    seconds=0.75,
    instruments=(0.22, 0.28, 0.26, 0.15, 0.09),
)
"""As captions were written when training began; other habits would number the words otherwise."""
_FRAMES = 300
"""Of the pieces whose captions are counted: short ones are composed fastest."""


def tokenizer() -> dict[str, Any]:
    """The content of a tokenizer.json: Unigram with a fallback to bytes (Kudo 2018).

    Everything is lower case; numbers and runs of Chinese characters are split off first.
    """
    words, characters = _words(_captions())
    pieces = [[_SPACE, -6.0]]
    pieces += [[_SPACE + word, -7.0] for word in words]
    pieces += [[_SPACE + str(number), -7.0] for number in _NUMBERS]
    pieces += [[word, -7.5] for word in _chinese_words()]
    pieces += [[character, -8.0] for character in (*characters, *_LETTERS)]
    pieces += [[f"<0x{byte:02X}>", -12.0] for byte in range(256)]
    vocabulary = [[token, 0.0] for token in _SPECIAL]
    vocabulary += list({piece[0]: piece for piece in reversed(pieces)}.values())[::-1]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_special(i, token) for i, token in enumerate(_SPECIAL)],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": {"Regex": '[\u4e00-\u9fff]+|[0-9]+|[,.;:!?()/"]'},
                    "behavior": "Isolated",
                    "invert": False,
                },
                _metaspace(),
            ],
        },
        "post_processor": _ending(),
        "decoder": _metaspace(),
        "model": {"type": "Unigram", "unk_id": 2, "vocab": vocabulary, "byte_fallback": True},
    }


def _captions() -> Iterator[str]:
    for number in range(_SAMPLED):
        seed = f"vocabulary {number}"
        yield caption(seed, compose(seed, _FRAMES).attributes, _COUNTED).text


def _words(captions: Iterable[str]) -> tuple[list[str], list[str]]:
    """The Latin words and the Chinese characters that captions use, the commonest first."""
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for text in captions:
        characters.update("".join(_HAN.findall(text)))
        words.update(re.findall("[a-z&'#-]+", text.lower()))
    common = sorted((w for w, n in words.items() if n >= _SEEN), key=lambda w: (-words[w], w))
    return common, sorted(characters)


def _chinese_words() -> list[str]:
    tables: tuple[Words, ...] = (
        *(chinese_words.GENRES, chinese_words.ERAS, chinese_words.TEMPOS, chinese_words.MOODS),
        *(chinese_words.INSTRUMENTS, chinese_words.KITS, chinese_words.DENSITIES),
        *(chinese_words.FEELS, chinese_words.MODES),
    )
    found = [
        run for table in tables for ws in table.values() for w in ws for run in _HAN.findall(w)
    ]
    return list(dict.fromkeys(run for run in found if len(run) > 1))


def _metaspace() -> dict[str, Any]:
    return {"type": "Metaspace", "replacement": _SPACE, "prepend_scheme": "always", "split": True}


def _special(number: int, token: str) -> dict[str, Any]:
    return {
        "id": number,
        "content": token,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def _ending() -> dict[str, Any]:
    sequence = [{"Sequence": {"id": "A", "type_id": 0}}]
    end = [{"SpecialToken": {"id": "</s>", "type_id": 0}}]
    second = [{"Sequence": {"id": "B", "type_id": 0}}]
    return {
        "type": "TemplateProcessing",
        "single": sequence + end,
        "pair": sequence + end + second + end,
        "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
    }
