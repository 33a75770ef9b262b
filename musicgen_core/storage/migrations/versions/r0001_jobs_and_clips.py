"""Jobs and the clips that they made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables, which point at each other."""
    _create_jobs()
    _create_clips()
    with op.batch_alter_table("jobs") as batch:
        batch.create_foreign_key(
            "fk_jobs_parent_id_clips", "clips", ["parent_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index("ix_jobs_status_priority_created", ["status", "priority", "created"])
        batch.create_index("ix_jobs_person_id_created", ["person_id", "created"])
        batch.create_index("ix_jobs_parent_id", ["parent_id"])
    op.create_index("ix_clips_person_id_created", "clips", ["person_id", "created"])
    op.create_index("ix_clips_server_id_created", "clips", ["server_id", "created"])
    op.create_index("ix_clips_parent_id", "clips", ["parent_id"])


def downgrade() -> None:
    """Drop both; the reference that closes the circle first."""
    with op.batch_alter_table("jobs") as batch:
        batch.drop_constraint("fk_jobs_parent_id_clips", type_="foreignkey")
    op.drop_table("clips")
    op.drop_table("jobs")


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("started", MOMENT),
        sa.Column("ended", MOMENT),
        sa.Column("error", sa.Text),
        *_parameters(),
        sa.Column("audio_file", sa.String(80)),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("from_second", sa.Double),
        sa.Column("status_message_id", sa.BigInteger),
        sa.Column("result_message_id", sa.BigInteger),
        sa.Column("nonce", sa.String(25), nullable=False),
        sa.Column("delivered", sa.String(16)),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("nonce", name="uq_jobs_nonce"),
    )


def _parameters() -> list[sa.Column[object]]:
    return [
        sa.Column("prompt", sa.Text),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("seed", sa.BigInteger),
        sa.Column("do_sample", sa.Boolean),
        sa.Column("guidance", sa.Double),
        sa.Column("temperature", sa.Double),
        sa.Column("top_k", sa.Integer),
        sa.Column("top_p", sa.Double),
        sa.Column("tempo", sa.Double),
        sa.Column("key", sa.Text),
        sa.Column("style", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("variations", sa.Integer, nullable=False),
        sa.Column("locale", sa.String(16), nullable=False),
    ]


def _create_clips() -> None:
    op.create_table(
        "clips",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("file", sa.String(80), nullable=False),
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger),
        sa.Column("parent_id", sa.String(32)),
        sa.Column("from_second", sa.Double),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("sample_rate", sa.Integer, nullable=False),
        sa.Column("channels", sa.Integer, nullable=False),
        sa.Column("tempo", sa.Double),
        sa.Column("key", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("searchable", sa.Text, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.Column("deleted", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
        sa.UniqueConstraint("file", name="uq_clips_file"),
        sa.UniqueConstraint("job_id", "number", name="uq_clips_job_id_number"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_clips_job_id_jobs", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["clips.id"], name="fk_clips_parent_id_clips", ondelete="SET NULL"
        ),
    )
