"""What servers and people have set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "servers",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("channels", sa.JSON),
        sa.Column("roles", sa.JSON),
        sa.Column("longest_seconds", sa.Double),
        sa.Column("clips_an_hour", sa.Integer),
        sa.Column("formats", sa.JSON),
        sa.Column("blocked_words", sa.JSON),
        sa.Column("model", sa.Text),
        sa.Column("retention_days", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_servers"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("format", sa.String(8)),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("people")
    op.drop_table("servers")
