"""What an examination of the host brings to light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the host; `bad` ones keep mindjam from running."""

    subject: str
    verdict: Literal["ok", "note", "bad"]
    text: str
    remedy: str = ""
