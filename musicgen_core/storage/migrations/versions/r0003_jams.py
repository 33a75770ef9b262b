"""Jams, the files and the people in them, and who likes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "jams",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("server_id", sa.BigInteger),
        sa.Column("place_id", sa.BigInteger),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("due", MOMENT),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jams"),
    )
    op.create_index("ix_jams_open_due", "jams", ["open", "due"])
    op.create_index("ix_jams_place_id", "jams", ["place_id"])
    op.create_index("ix_jams_server_id_phase", "jams", ["server_id", "phase"])
    _create_parts("jam_files", sa.Column("file", sa.String(80), nullable=False))
    for table in ("jam_people", "jam_likes"):
        person = sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False)
        _create_parts(table, person)


def downgrade() -> None:
    """Drop them."""
    for table in ("jam_likes", "jam_people", "jam_files", "jams"):
        op.drop_table(table)


def _create_parts(table: str, column: sa.Column[str] | sa.Column[int]) -> None:
    """Create a table of what belongs to a jam."""
    jam = sa.ForeignKeyConstraint(
        ["jam_id"], ["jams.id"], name=f"fk_{table}_jam_id_jams", ondelete="CASCADE"
    )
    key = sa.PrimaryKeyConstraint("jam_id", column.name, name=f"pk_{table}")
    op.create_table(table, sa.Column("jam_id", sa.String(32), nullable=False), column, jam, key)
    op.create_index(f"ix_{table}_{column.name}", table, [column.name])
