"""File names made of prompts: short, ASCII, nothing a file system would act on."""

from __future__ import annotations

import re
import unicodedata

SLUG_LENGTH = 40


def clip_name(
    prompt: str | None, seed: int | str | None, suffix: str, take: int | None = None
) -> str:
    """Return e.g. `lo-fi-piano-42.wav`, `2-lo-fi-piano-43.wav` for the second of several takes.

    `mindjam-42.wav` where the prompt leaves nothing.
    """
    plain = unicodedata.normalize("NFKD", prompt or "").encode("ascii", "ignore").decode("ascii")
    slug = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:SLUG_LENGTH].strip("-")
    number = "" if take is None else f"{take}-"
    return f"{number}{slug or 'mindjam'}-{seed}.{suffix.lower()}"
