"""doctor looks at the database and the clips' folder, and changes neither."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot import diagnosis, storage_findings
from bot.finding import Finding
from bot.settings import Settings, load_settings
from bot.storage_findings import clips_folder, database
from musicgen_core.storage import Storage
from musicgen_core.storage.address import parse_address
from musicgen_core.storage.schema import migrate, revisions

NEWEST = revisions()[-1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    places = {"database": f"sqlite:///{tmp_path}/mindjam.db", "clips": tmp_path / "clips"}
    return load_settings("production", env_file=None, **places)


def start_once(settings: Settings, schema: str = "head") -> None:
    async def start() -> None:
        async with Storage(settings.database, settings.clips):
            pass
        await migrate(parse_address(settings.database), schema)

    asyncio.run(start())


def test_what_is_not_there_yet_is_well_and_stays_so(settings: Settings, tmp_path: Path) -> None:
    for finding in (database(settings), clips_folder(settings)):
        assert finding.verdict == "ok"
        assert finding.text.endswith("to be made at the first start")
    assert list(tmp_path.iterdir()) == []


def test_the_schema_is_told_and_what_the_next_start_makes_of_it(settings: Settings) -> None:
    start_once(settings)
    assert database(settings).text.endswith(f"schema {NEWEST}")
    start_once(settings, "0001")
    told = database(settings)
    assert told.text.endswith(f"schema 0001, to be brought to {NEWEST} at the next start")
    assert told.verdict == "ok"
    assert database(settings).text == told.text


def test_a_database_that_cannot_be_used_is_bad_with_its_reason(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_once(settings)
    monkeypatch.setattr("musicgen_core.storage.checkup.revisions", lambda: ["0000"])
    finding = database(settings)
    assert (finding.verdict, finding.remedy[:14]) == ("bad", "update mindjam")
    Path(settings.database.removeprefix("sqlite:///")).write_bytes(b"no database" * 100)
    finding = database(settings)
    assert finding.verdict == "bad"
    assert "not a database" in finding.text


def test_a_password_is_not_shown() -> None:
    settings = load_settings(
        "production", env_file=None, database="postgresql://me:secret@127.0.0.1:1/mindjam"
    )
    finding = database(settings)
    assert finding.verdict == "bad"
    assert "secret" not in finding.text


def test_a_folder_tells_its_room_or_that_it_cannot_be_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.clips.mkdir()
    assert clips_folder(settings).text.endswith("GiB free")
    monkeypatch.setattr(storage_findings, "ENOUGH_ROOM", 1 << 80)
    assert clips_folder(settings).verdict == "note"
    settings.clips.rmdir()
    settings.clips.touch()
    assert clips_folder(settings).verdict == "bad"


def test_doctor_mentions_both(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for slow in ("frameworks", "engine", "checkpoint"):
        monkeypatch.setattr(diagnosis, slow, lambda *_: Finding("slow", "ok", ""))
    subjects = [finding.subject for finding in diagnosis.examine(settings)]
    assert {"database", "clips' folder"} <= set(subjects)
