"""What code something on disk was made by: a change in it makes it worthless."""

from __future__ import annotations

import hashlib
from pathlib import Path


def digest_of(*places: Path) -> str:
    """Return a digest of these files, and of the Python files of these folders."""
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()
