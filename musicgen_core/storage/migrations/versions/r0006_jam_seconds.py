"""How long the track of a jam may become on a server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; a server that has set nothing has what the bot has."""
    op.add_column("servers", sa.Column("jam_seconds", sa.Double))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("servers", "jam_seconds")
