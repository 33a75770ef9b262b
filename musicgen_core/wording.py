"""Musical wishes as the words that models were trained on."""

from __future__ import annotations

import re

STYLES: dict[str, str] = {
    "80s pop": "80s pop track with bassy drums and synth",
    "90s rock": "90s rock song with loud guitars and heavy drums",
    "ambient": "calm ambient with warm synth pads",
    "ballad": "slow ballad with piano and strings",
    "blues": "blues track with groovy saxophone",
    "bossa nova": "bossa nova with acoustic guitar",
    "chiptune": "chiptune with square wave lead",
    "country": "country song with acoustic guitar",
    "disco": "disco with funky bass and strings",
    "drum'n'bass": "fast drum and bass with deep bass",
    "folk": "folk with acoustic guitar and flute",
    "funk": "funk with slap bass and clean guitar",
    "gospel": "gospel with organ and piano",
    "hip-hop": "hip-hop beat with 808 drums and electric piano",
    "house": "house with four on the floor drums and synth",
    "jazz": "jazz with upright bass, piano and brushes",
    "lo-fi": "lo-fi with electric piano and soft drums",
    "metal": "metal with distorted guitar and heavy drums",
    "orchestral": "cinematic orchestral with strings",
    "reggae": "reggae with organ and deep bass",
    "soul": "soul with electric piano and saxophone",
    "synthwave": "synthwave with synth bass and gated drums",
    "techno": "driving techno with 909 drums and synth",
    "trance": "uplifting trance with synth lead",
    "trip-hop": "trip-hop with slow drums and strings",
    "waltz": "waltz with piano and strings",
}
"""Curated styles, each worded for the model."""
NOTES = (
    "C",
    "C#",
    "Db",
    "D",
    "D#",
    "Eb",
    "E",
    "F",
    "F#",
    "Gb",
    "G",
    "G#",
    "Ab",
    "A",
    "A#",
    "Bb",
    "B",
)
KEYS: tuple[str, ...] = tuple(f"{note} {mode}" for note in NOTES for mode in ("major", "minor"))
SLOWEST, FASTEST = 40, 240
"""Beats a minute that may be asked for."""
# A word such as "fast" is the tempo's where nothing follows that it could describe.
TEMPO = re.compile(
    r"""
    \b(?:bpm|tempo|faster|slower|half[- ]?time|double[- ]?time|speed\ (?:it\ )?up)\b
    | \d\s*bpm\b | \bslow(?:ed|ing|s)?\ (?:it\ |things\ )?down\b
    | \b(?:slow|fast|quick)(?=\s*(?:$|[,.;!]|\b(?:and|but|now)\b))
    | 速度 | 每分钟 | \d\s*拍 | 拍子[快慢] | [放减]慢 | 加[快速] | 减速 | [更很再极太变][快慢]
    | [快慢](?:一?[点些]|下来|起来)
    | (?:缓慢|轻快|[快慢中](?:速|节奏))的?(?=\s*(?:$|[,.;!，。；！、]))
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What names a tempo, whichever."""
KEY = re.compile(
    r"""
    \b(?:[A-G](?:[#b♯♭]|[- ](?:sharp|flat))|(?-i:A)|[B-G])\s*(?:major|minor)\b
    | \b(?:in|to)\ (?:a\ )?(?:major|minor)\b | \ba\ (?:major|minor)(?=\s*(?:$|[,.;!]))
    | \b(?:key|transposed?|modulate)\b
    | [大小移升降]调 | [转变换]一?个?调 | [升降]\s*[A-G]\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What names a key, whichever."""


def worded(
    prompt: str | None, style: str | None = None, tempo: float | None = None, key: str | None = None
) -> str | None:
    """Return one prompt that says it all; None: nothing was asked for."""
    parts = [prompt, STYLES.get(style.casefold(), style) if style else None]
    parts += [f"{tempo:g} bpm" if tempo else None, f"in {key}" if key else None]
    return ", ".join(part for part in parts if part) or None
