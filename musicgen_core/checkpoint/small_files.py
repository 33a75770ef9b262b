"""The small files of a checkpoint folder: read, and refused where they are not MusicGen's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from musicgen_core.errors import InvalidRequest, ModelUnavailable
from musicgen_core.requests import GenerationDefaults, SamplingParams

_LICENSE = re.compile(r"^license:\s*(\S+)\s*$", re.MULTILINE)
_LANGUAGES = re.compile(r"^language:\s*\[?([^\]\n]*)\]?\s*$", re.MULTILINE)
_PUBLISHED = ("en",)
"""What the published checkpoints' captions were written in; their cards do not say."""
UNSTATED = "not stated"


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        ModelUnavailable: the file is missing, is not JSON, or holds something else.
    """
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise ModelUnavailable(f"{path} is missing; download the checkpoint again.") from exc
    except (OSError, ValueError) as exc:
        raise ModelUnavailable(f"{path} cannot be read; download the checkpoint again.") from exc
    if not isinstance(found, dict):
        raise ModelUnavailable(f"{path} holds no JSON object; download the checkpoint again.")
    return found


def check_kind(folder: Path) -> None:
    """Refuse a folder that holds no MusicGen, or one whose small files are missing.

    Raises:
        ModelUnavailable: the text names the file.
    """
    path = folder / "config.json"
    kind = read_json(path).get("model_type")
    if kind == "musicgen_melody":
        raise ModelUnavailable(
            f"{path} is of a melody checkpoint, which this version does not play; use one such as "
            "facebook/musicgen-small."
        )
    if kind != "musicgen":
        raise ModelUnavailable(
            f"{path} is of a model of type {kind or 'unknown'}, not musicgen; use a checkpoint "
            "such as facebook/musicgen-small."
        )
    read_json(folder / "preprocessor_config.json")
    if not (folder / "spiece.model").is_file():
        read_json(folder / "tokenizer.json")


def read_defaults(folder: Path) -> GenerationDefaults:
    """Return generation_config.json's values; what it leaves out is as the paper samples.

    Raises:
        ModelUnavailable: a value is out of its range.
    """
    path = folder / "generation_config.json"
    if not path.is_file():
        return GenerationDefaults()
    stored = read_json(path)
    known = GenerationDefaults().to_dict()
    given = {name: stored[name] for name in known if stored.get(name) is not None}
    defaults = GenerationDefaults(**given)
    try:
        SamplingParams().over(defaults)
        valid = int(defaults.max_length) > 0
    except (InvalidRequest, TypeError, ValueError) as exc:
        raise ModelUnavailable(
            f"{path} has a value out of range ({str(exc).rstrip('.')}); correct it, or remove "
            "the file."
        ) from exc
    if not valid:
        raise ModelUnavailable(f"{path} has a max_length below 1; correct it.")
    return defaults


def read_own(folder: Path) -> tuple[str, bool]:
    """Return what mindjam.json says, which only mindjam reads and few checkpoints have.

    That is a note that people must know, or nothing; and whether the model is told in words what is
    heard in a clip that its codec does not give back.
    """
    path = folder / "mindjam.json"
    found = read_json(path) if path.is_file() else {}
    return str(found.get("note", "")), found.get("describes_audio_prompts") is True


def read_license(folder: Path) -> str:
    """Return the license that the model card's front matter names."""
    found = _LICENSE.search(_front_matter(folder))
    return found[1] if found else UNSTATED


def read_languages(folder: Path) -> tuple[str, ...]:
    """Return the languages (ISO 639-1) of prompts that the model card's front matter names."""
    found = _LANGUAGES.search(_front_matter(folder))
    named = tuple(name.strip() for name in found[1].split(",")) if found else ()
    return tuple(filter(None, named)) or _PUBLISHED


def _front_matter(folder: Path) -> str:
    card = folder / "README.md"
    if not card.is_file():
        return ""
    _, _, rest = card.read_text(encoding="utf-8", errors="replace").partition("---\n")
    front, _, _ = rest.partition("\n---")
    return front
