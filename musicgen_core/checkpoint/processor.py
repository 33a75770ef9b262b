"""A checkpoint's config and its processor: what its files state, and of the rest MindNLP's."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from musicgen_core.checkpoint.config import CodecConfig, DecoderConfig, ModelConfig, TextConfig
from musicgen_core.checkpoint.small_files import read_json
from musicgen_core.checkpoint.stated import StatedTokenizer, brief, damaged_tokenizer, stated_config
from musicgen_core.errors import InvalidRequest, ModelUnavailable

_T5_LIMIT = 512
_PLAIN_CODEC = {
    "audio_channels": 1,
    "chunk_length_s": None,
    "norm_type": "weight_norm",
    "normalize": False,
    "pad_mode": "reflect",
    "use_causal_conv": False,
}
"""How every published MusicGen's EnCodec is; the engines implement no other."""
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What is raised by a config that lacks values, or has some of another type."""
_WORD_BEGINS = "▁"
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
"""What some tokenizers make of a character that they have no piece for, instead of one unknown."""


def mindnlp_transformers() -> Any:
    """Import `mindnlp.transformers` (seconds) and leave HF_ENDPOINT as it was."""
    # First, or its default endpoint becomes the mirror that mindnlp writes to HF_ENDPOINT.
    import huggingface_hub.constants  # noqa: F401

    before = os.environ.get("HF_ENDPOINT")
    with _unneeded():
        import mindnlp.transformers

    if before is None:
        os.environ.pop("HF_ENDPOINT", None)
    return mindnlp.transformers


@contextmanager
def _unneeded() -> Iterator[None]:
    """Let `import mindnlp` find an empty module for what it imports whole and MusicGen never uses.

    Its share of diffusers takes a quarter of the seconds of a cold start. Who imports it later gets
    the real one.
    """
    if "mindnlp" in sys.modules:
        yield
        return
    name = "mindnlp.diffusers"
    stand_in = sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        package = sys.modules.get("mindnlp")
        if package is not None and vars(package).get("diffusers") is stand_in:
            del vars(package)["diffusers"]


def read_config(folder: Path) -> ModelConfig:
    """Read config.json, by MindNLP's MusicgenConfig where it does not state everything.

    Raises:
        ModelUnavailable: values are missing or wrong, or describe parts that no engine has.
    """
    path = folder / "config.json"
    try:
        return _model_config(path, stated_config(path))
    except _UNREADABLE:
        pass
    try:
        return _model_config(path, mindnlp_transformers().MusicgenConfig.from_pretrained(folder))
    except _UNREADABLE as exc:
        raise ModelUnavailable(
            f"{path} is not a MusicGen config ({brief(exc)}); download the checkpoint again."
        ) from exc


def _model_config(path: Path, config: Any) -> ModelConfig:
    text, codec = config.text_encoder, config.audio_encoder
    if (text.model_type, codec.model_type) != ("t5", "encodec"):
        raise ModelUnavailable(
            f"{path} combines {text.model_type} and {codec.model_type}; only T5 and EnCodec can be "
            "run here."
        )
    for name, value in _PLAIN_CODEC.items():
        if getattr(codec, name) != value:
            raise ModelUnavailable(
                f"{path} asks for an EnCodec with {name} {getattr(codec, name)}; only {value} can "
                "be run here."
            )
    return ModelConfig(_text(text), _decoder(config.decoder), _codec(codec))


def _text(config: Any) -> TextConfig:
    return TextConfig(
        vocab_size=config.vocab_size,
        hidden=config.d_model,
        heads=config.num_heads,
        head_dim=config.d_kv,
        ffn=config.d_ff,
        layers=config.num_layers,
        relative_buckets=config.relative_attention_num_buckets,
        relative_max_distance=config.relative_attention_max_distance,
        epsilon=config.layer_norm_epsilon,
        activation=config.dense_act_fn,
        gated=config.is_gated_act,
    )


def _decoder(config: Any) -> DecoderConfig:
    return DecoderConfig(
        vocab_size=config.vocab_size,
        hidden=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        ffn=config.ffn_dim,
        codebooks=config.num_codebooks,
        channels=config.audio_channels,
        start_token=config.pad_token_id,
        max_positions=config.max_position_embeddings,
        activation=config.activation_function,
        scale_embedding=config.scale_embedding,
    )


def _codec(config: Any) -> CodecConfig:
    return CodecConfig(
        sample_rate=config.sampling_rate,
        hidden=config.hidden_size,
        filters=config.num_filters,
        ratios=tuple(config.upsampling_ratios),
        kernel=config.kernel_size,
        last_kernel=config.last_kernel_size,
        residual_kernel=config.residual_kernel_size,
        residual_layers=config.num_residual_layers,
        dilation_growth=config.dilation_growth_rate,
        compress=config.compress,
        lstm_layers=config.num_lstm_layers,
        conv_shortcut=config.use_conv_shortcut,
        codebook_size=config.codebook_size,
        codebook_dim=config.codebook_dim,
        codebooks=config.num_quantizers,
    )


class Tokenizer(Protocol):
    """A checkpoint's tokenizer."""

    size: int
    """Tokens that it knows."""
    limit: float
    """Tokens that its model reads at most."""
    special: frozenset[str]
    """Tokens that stand for no text."""

    def ids(self, text: str) -> list[int]:
        """Return the text's ids with the end token."""
        ...

    def pieces(self, text: str) -> list[str]:
        """Return the text's pieces without the end token."""
        ...


class MindNLPTokenizer:
    """The tokenizer of MindNLP's MusicgenProcessor; see Tokenizer."""

    def __init__(self, folder: Path) -> None:
        """Load the tokenizer of a checkpoint folder.

        Raises:
            ModelUnavailable: it is damaged.
        """
        try:
            processor = mindnlp_transformers().MusicgenProcessor.from_pretrained(
                folder, local_files_only=True
            )
        except Exception as exc:  # the tokenizers library raises nothing more specific
            raise damaged_tokenizer(folder, exc) from exc
        self._tokenizer = processor.tokenizer
        self.size = len(self._tokenizer)
        # Where a tokenizer has no limit it states an astronomical one.
        self.limit = self._tokenizer.model_max_length
        self.special = frozenset(self._tokenizer.all_special_tokens)

    def ids(self, text: str) -> list[int]:
        """Return the text's ids with the end token."""
        ids: list[int] = self._tokenizer(text, truncation=False, verbose=False).input_ids
        return ids

    def pieces(self, text: str) -> list[str]:
        """Return the text's pieces without the end token."""
        pieces: list[str] = self._tokenizer.tokenize(text)
        return pieces


class PromptProcessor:
    """Turns a prompt into what the text encoder reads."""

    def __init__(self, folder: Path, config: ModelConfig) -> None:
        """Load the tokenizer of a checkpoint folder.

        Raises:
            ModelUnavailable: a file is damaged, or does not fit the config.
        """
        self._tokenizer: Tokenizer = StatedTokenizer.of(folder) or MindNLPTokenizer(folder)
        rate = read_json(folder / "preprocessor_config.json").get("sampling_rate")
        if rate != config.codec.sample_rate:
            raise ModelUnavailable(
                f"{folder / 'preprocessor_config.json'} has a sampling rate of {rate}, but "
                f"config.json {config.codec.sample_rate}; download both again."
            )
        if self._tokenizer.size > config.text.vocab_size:
            raise ModelUnavailable(
                f"The tokenizer in {folder} has {self._tokenizer.size} tokens, but config.json "
                f"{config.text.vocab_size}; download both again."
            )
        self._limit = int(min(self._tokenizer.limit, _T5_LIMIT))

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return T5's ids of `text` with the end token.

        Raises:
            InvalidRequest: the text has more tokens than the model reads.
        """
        ids = self._tokenizer.ids(text)
        if len(ids) > self._limit:
            raise InvalidRequest(
                f"The prompt is too long: {len(ids)} tokens, and this model reads {self._limit} at "
                "most."
            )
        return tuple(ids)

    def unread(self, text: str) -> float:
        """Return the share, 0 to 1, of the text's characters that the tokenizer has no piece for.

        Characters are counted, because one unknown token may stand for many. Spaces do not count.
        """
        whole = len("".join(unicodedata.normalize("NFKC", text).split()))
        read = sum(
            len(piece.replace(_WORD_BEGINS, ""))
            for piece in self._tokenizer.pieces(text)
            if piece not in self._tokenizer.special and not _BYTE.fullmatch(piece)
        )
        return min(1.0, max(0.0, 1 - read / whole)) if whole else 0.0
