"""What a checkpoint's files state outright, read without MindNLP, whose import takes seconds.

MindNLP knows what a file leaves out, and old kinds of tokenizers: then it is asked after all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicgen_core.checkpoint.small_files import read_json
from musicgen_core.errors import ModelUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PARTS = ("text_encoder", "decoder", "audio_encoder")


class Stated:
    """Values of a config by name, as attributes.

    Raises:
        AttributeError: the file does not state a value.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError as exc:
            raise AttributeError(name) from exc

    @property
    def dense_act_fn(self) -> str:
        """T5's activation; gated-gelu is the tanh approximation, as transformers has it."""
        kind = self.feed_forward_proj
        return "gelu_new" if kind == "gated-gelu" else str(kind).rpartition("-")[2]

    @property
    def is_gated_act(self) -> bool:
        """Whether T5's feed-forward layers are gated."""
        return str(self.feed_forward_proj).startswith("gated-")

    @property
    def num_quantizers(self) -> int:
        """EnCodec's codebooks at its largest bandwidth, in kilobits a second."""
        frame_rate = math.ceil(self.sampling_rate / math.prod(self.upsampling_ratios))
        bits = math.ceil(math.log2(self.codebook_size))
        return int(1000 * self.target_bandwidths[-1] // (frame_rate * bits))


def stated_config(path: Path) -> Stated:
    """Return config.json's values, those of its three parts below their names."""
    values = read_json(path)
    parts = {name: Stated(values[name]) for name in PARTS if isinstance(values.get(name), dict)}
    return Stated(values | parts)


class StatedTokenizer:
    """The tokenizer of tokenizer.json, as the library behind MindNLP's reads it; see Tokenizer."""

    def __init__(self, tokenizer: Tokenizer, limit: float) -> None:
        self._tokenizer, self.limit = tokenizer, limit
        self.size: int = tokenizer.get_vocab_size()
        added = tokenizer.get_added_tokens_decoder().values()
        self.special = frozenset(token.content for token in added if token.special)
        tokenizer.no_truncation()
        tokenizer.no_padding()

    @classmethod
    def of(cls, folder: Path) -> StatedTokenizer | None:
        """Read a checkpoint folder's; None: it has none, or one that MindNLP is to be asked for.

        Raises:
            ModelUnavailable: it is damaged.
        """
        from tokenizers import Tokenizer

        path, config = folder / "tokenizer.json", folder / "tokenizer_config.json"
        if not (path.is_file() and config.is_file()):
            return None
        limit = read_json(config).get("model_max_length", math.inf)
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as exc:  # the library raises nothing more specific
            raise damaged_tokenizer(folder, exc) from exc
        # What ends a prompt is the tokenizer's business, or else MindNLP's.
        ends = tokenizer.post_processor is not None
        return cls(tokenizer, limit) if ends and isinstance(limit, int | float) else None

    def ids(self, text: str) -> list[int]:
        """Return the text's ids with the end token."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids

    def pieces(self, text: str) -> list[str]:
        """Return the text's pieces without the end token."""
        pieces: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return pieces


def damaged_tokenizer(folder: Path, exc: Exception) -> ModelUnavailable:
    """Say that a library cannot read a folder's tokenizer, and why not."""
    return ModelUnavailable(
        f"The tokenizer or the preprocessor_config.json in {folder} cannot be read "
        f"({brief(exc)}); download them again."
    )


def brief(exc: Exception) -> str:
    """Return the first line of what a library says, which may go on for pages."""
    return next(iter(str(exc).splitlines()), type(exc).__name__).rstrip(".")
