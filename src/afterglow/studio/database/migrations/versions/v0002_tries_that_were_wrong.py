"""Tries to log in whose password was looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["branch_labels", "depends_on", "down_revision", "downgrade", "revision", "upgrade"]

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tell wrong passwords from tries that a server process did not live to look at; what is there counts as wrong."""
    op.add_column("login_tries", sa.Column("wrong", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    """Count all alike."""
    op.drop_column("login_tries", "wrong")
