"""Clips as files: whole or not there."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import stat
import time
from pathlib import Path

import pytest
from stored_things import longest_gap

from musicgen_core.errors import InvalidRequest, StorageUnavailable
from musicgen_core.storage.clip_files import ClipFiles

DATA = b"sound" * 10_000


@pytest.fixture
async def files(tmp_path: Path) -> ClipFiles:
    opened = ClipFiles(tmp_path / "new" / "clips")
    await opened.open()
    return opened


async def test_a_written_file_is_read_as_it_was(files: ClipFiles) -> None:
    stored = await files.write(DATA, "WAV")
    assert stored.name.endswith(".wav")
    assert (stored.sha256, stored.bytes) == (hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert await files.exists(stored.name)
    assert await files.read(stored.name, stored.sha256) == DATA
    assert (await files.write(DATA, "wav")).name != stored.name


async def test_a_file_gets_its_name_when_it_is_whole_and_synced(
    files: ClipFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, list[tuple[str, int]]]] = []

    def spy(handle: int, sync=os.fsync) -> None:
        sync(handle)
        found = [(path.suffix, path.stat().st_size) for path in files.folder.iterdir()]
        seen.append((stat.S_ISDIR(os.fstat(handle).st_mode), found))

    monkeypatch.setattr(os, "fsync", spy)
    await files.write(b"sound", "wav")  # so little stays in a buffer that is not flushed
    assert seen == [(False, [(".part", 5)]), (True, [(".wav", 5)])]


async def test_of_a_file_that_the_disk_does_not_take_nothing_is_left(
    files: ClipFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageUnavailable, match="No space left on device; check its permissions"):
        await files.write(DATA, "wav")
    assert list(files.folder.iterdir()) == []


async def test_of_a_file_whose_writing_is_cancelled_nothing_is_left(
    files: ClipFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: time.sleep(0.2))
    writing = asyncio.create_task(files.write(DATA, "wav"))
    await asyncio.sleep(0.1)
    assert [path.suffix for path in files.folder.iterdir()] == [".part"]
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert list(files.folder.iterdir()) == []


async def test_writing_does_not_hold_up_the_event_loop(
    files: ClipFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: time.sleep(1))
    # The best of three: what else the machine does is not the writing's doing.
    assert min([await longest_gap(files.write(DATA, "wav")) for _ in range(3)]) < 0.7


async def test_a_file_that_is_gone_or_damaged_is_told_apart(files: ClipFiles) -> None:
    stored = await files.write(DATA, "wav")
    (files.folder / stored.name).write_bytes(DATA[:-1])
    with pytest.raises(StorageUnavailable, match="is damaged"):
        await files.read(stored.name, stored.sha256)
    assert await files.remove(stored.name)
    assert not await files.remove(stored.name)
    assert not await files.exists(stored.name)
    with pytest.raises(InvalidRequest, match="has been deleted"):
        await files.read(stored.name)


@pytest.mark.parametrize("name", ["../secret.wav", "/etc/passwd", "", "notes.txt", "a" * 32])
async def test_other_names_than_ours_are_never_touched(files: ClipFiles, name: str) -> None:
    for method in (files.read, files.exists, files.remove):
        with pytest.raises(ValueError, match="is no clip's file"):
            await method(name)


@pytest.mark.parametrize("suffix", ["", "../x", "wav.part", "part/", "suffix-too-long"])
async def test_a_suffix_is_a_plain_word(files: ClipFiles, suffix: str) -> None:
    with pytest.raises(ValueError, match="is no file's suffix"):
        await files.write(DATA, suffix)


async def test_old_files_are_found_and_strangers_are_not(files: ClipFiles) -> None:
    old, new = await files.write(DATA, "wav"), await files.write(DATA, "wav")
    part, stranger = f"{'0' * 32}.wav.part", "notes.txt"
    for name in (old.name, part, stranger):
        (files.folder / name).touch()
        os.utime(files.folder / name, (0, time.time() - 100))
    assert await files.older_than(50) == sorted([old.name, part])
    assert await files.older_than(0) == sorted([old.name, new.name, part])


async def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable) as caught:
        await ClipFiles(tmp_path / "file" / "clips").open()
    assert str(caught.value) == (
        f"The clips' folder {tmp_path}/file/clips cannot be used: Not a directory; "
        "check its permissions and the room on its disk."
    )


async def test_a_folder_that_cannot_be_written_is_refused_at_the_start(
    files: ClipFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(StorageUnavailable, match="is not writable"):
        await files.open()
