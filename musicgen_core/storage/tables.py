"""The tables as this version reads and writes them; migrations/ says how they came to be."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from musicgen_core.storage.column_types import Items, Moment, Words

# Names that do not depend on the database: a migration can name what it changes.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("server_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("status", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("started", Moment),
    Column("ended", Moment),
    Column("error", Words),
    Column("prompt", Words),
    Column("seconds", Double, nullable=False),
    Column("seed", BigInteger),
    Column("do_sample", Boolean),
    Column("guidance", Double),
    Column("temperature", Double),
    Column("top_k", Integer),
    Column("top_p", Double),
    Column("tempo", Double),
    Column("key", Words),
    Column("style", Words),
    Column("model", Words),
    Column("variations", Integer, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("audio_file", String(80)),
    # use_alter: jobs and clips point at each other.
    Column("parent_id", ForeignKey("clips.id", ondelete="SET NULL", use_alter=True)),
    Column("from_second", Double),
    Column("hear_seconds", Double),
    Column("status_message_id", BigInteger),
    Column("result_message_id", BigInteger),
    Column("nonce", String(25), nullable=False, unique=True),
    Column("delivered", String(16)),
    Index(None, "status", "priority", "created"),
    Index(None, "person_id", "created"),
    Index(None, "parent_id"),
)

clips = Table(
    "clips",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("file", String(80), nullable=False, unique=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("server_id", BigInteger),
    Column("parent_id", ForeignKey("clips.id", ondelete="SET NULL")),
    Column("from_second", Double),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("sample_rate", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("tempo", Double),
    Column("key", Words),
    Column("title", Words, nullable=False),
    Column("searchable", Words, nullable=False),
    Column("created", Moment, nullable=False),
    Column("kept", Boolean, nullable=False),
    Column("deleted", Moment),
    UniqueConstraint("job_id", "number"),
    Index(None, "person_id", "created"),
    Index(None, "server_id", "created"),
    Index(None, "parent_id"),
)

servers = Table(
    "servers",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", String(16)),
    Column("channels", Items),
    Column("roles", Items),
    Column("longest_seconds", Double),
    Column("clips_an_hour", Integer),
    Column("formats", Items),
    Column("blocked_words", Items),
    Column("model", Words),
    Column("retention_days", Integer),
    Column("jam_seconds", Double),
)

people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", String(16)),
    Column("format", String(8)),
)

# A jam is read and written whole, so `state` holds it whole; the rest is what is searched for,
# and derived from it with every change.
jams = Table(
    "jams",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("server_id", BigInteger),
    Column("place_id", BigInteger),
    Column("phase", String(16), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("due", Moment),
    Column("state", Text, nullable=False),
    Index(None, "open", "due"),
    Index(None, "place_id"),
    Index(None, "server_id", "phase"),
)

jam_files = Table(
    "jam_files",
    metadata,
    Column("jam_id", ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("file", String(80), primary_key=True),
    Index(None, "file"),
)

jam_people = Table(
    "jam_people",
    metadata,
    Column("jam_id", ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Index(None, "person_id"),
)

jam_likes = Table(
    "jam_likes",
    metadata,
    Column("jam_id", ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Index(None, "person_id"),
)

# One row: what the clips' folder must have as its mark.
identity = Table("identity", metadata, Column("id", String(32), primary_key=True))
