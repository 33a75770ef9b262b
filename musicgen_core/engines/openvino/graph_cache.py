"""Finished graphs on disk, one file each: read only when whole, and for the very key asked for.

A file is `MAGIC`, the length of a header (8 bytes, little endian), the header in JSON (the key, the
sizes of the graph's description and of its weights, a checksum of both), the description, and the
weights from a multiple of `_ALIGNMENT` on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import mmap
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO, Any

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

MAGIC = b"mindjam graph\n"
KEPT = 12
"""Graphs that stay in the folder; of more, the least recently used ones go."""
_ALIGNMENT = 64
_BLOCK = 1 << 20
_LONGEST_HEADER = 1 << 16
_ABANDONED = 3600
"""Seconds after which a file that nobody finished is nobody's."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredGraph:
    """A graph's description and weights; the weights lie in the file as long as they are held."""

    description: bytes
    weights: npt.NDArray[np.uint8]
    _file: mmap.mmap

    def release(self) -> None:
        """Give back the memory of what was read; it is read from the file when it is needed."""
        self._file.madvise(mmap.MADV_DONTNEED)


class GraphCache:
    """A folder of graphs that any number of processes read and write at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, key: Mapping[str, str]) -> Path:
        """Return the file that a key's graph is kept in."""
        digest = hashlib.sha256(json.dumps(dict(key), sort_keys=True).encode()).hexdigest()
        return self._folder / f"{digest[:32]}.graph"

    def read(self, key: Mapping[str, str]) -> StoredGraph | None:
        """Return the graph of `key`; None where there is none, or none that is whole."""
        path = self.path_of(key)
        try:
            stored = _read(path, key)
            os.utime(path)  # in use: the others go first
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as exc:
            log.warning("The kept graph %s is not used: %s.", path, exc)
            return None
        return stored

    def workplace(self) -> TemporaryDirectory[str]:
        """Return a folder for as long as it is entered, on the disk that graphs are kept on.

        Raises:
            OSError: it cannot be made.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return TemporaryDirectory(dir=self._folder, suffix=".part")

    def write(
        self, key: Mapping[str, str], description: bytes, weights: bytes | memoryview
    ) -> None:
        """Keep a graph; whoever reads meanwhile finds the one before or this one, whole.

        Raises:
            OSError: it cannot be written; nothing is left behind.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
            try:
                _write(file, key, description, weights)
                file.close()
                Path(file.name).replace(self.path_of(key))
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        self._tidy()

    def _tidy(self) -> None:
        """Remove what has not been used for longest, and what a killed process left."""
        known = sorted(self._folder.glob("*.graph"), key=_used, reverse=True)
        long_ago = time.time() - _ABANDONED
        parts = [path for path in self._folder.glob("*.part") if _used(path) < long_ago]
        for path in (*known[KEPT:], *parts):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)  # others may map it, and keep what they map


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process has tidied
        return 0.0


def _write(
    file: IO[bytes], key: Mapping[str, str], description: bytes, weights: bytes | memoryview
) -> None:
    checksum = hashlib.sha256(description)
    checksum.update(weights)
    header = {
        "key": dict(key),
        "sizes": [len(description), len(weights)],
        "sha256": checksum.hexdigest(),
    }
    encoded = json.dumps(header).encode()
    file.write(MAGIC + len(encoded).to_bytes(8, "little") + encoded + description)
    file.write(bytes(-file.tell() % _ALIGNMENT))
    file.write(weights)


def _read(path: Path, key: Mapping[str, str]) -> StoredGraph:
    """Map a file and check it.

    Raises:
        ValueError: it is not what was written for `key`; the text says what is wrong.
    """
    with path.open("rb") as file:
        header = _header(file)
        if header.get("key") != dict(key):
            raise ValueError("it is of another checkpoint, precision or version")
        described, weighed = header["sizes"]
        description = file.read(described)
        start = file.tell() + -file.tell() % _ALIGNMENT
        if file.seek(0, os.SEEK_END) != start + weighed:
            raise ValueError("its length is wrong")
        if _checksum(file, description, start) != header.get("sha256"):
            raise ValueError("its checksum is wrong")
        # Copy-on-write, since OpenVINO takes no read-only memory; nothing ever writes to it.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    weights: npt.NDArray[np.uint8] = np.frombuffer(mapped, np.uint8, weighed, start)
    return StoredGraph(description, weights, mapped)


def _checksum(file: IO[bytes], description: bytes, start: int) -> str:
    """Return the digest of a description and of all from `start` on, read past any mapping."""
    checksum = hashlib.sha256(description)
    file.seek(start)
    while block := file.read(_BLOCK):
        checksum.update(block)
    return checksum.hexdigest()


def _header(file: IO[bytes]) -> dict[str, Any]:
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("it is no graph")
    length = int.from_bytes(file.read(8), "little")
    if length > _LONGEST_HEADER:
        raise ValueError("its header is damaged")
    try:
        header: dict[str, Any] = json.loads(file.read(length))
        described, weighed = header["sizes"]
        sound = min(int(described), int(weighed)) >= 0
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise ValueError("its header is damaged") from exc
    if not sound:
        raise ValueError("its header is damaged")
    return header
