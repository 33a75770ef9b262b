"""How much of a clip the model hears before it goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; older jobs heard what the model takes."""
    op.add_column("jobs", sa.Column("hear_seconds", sa.Double))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("jobs", "hear_seconds")
