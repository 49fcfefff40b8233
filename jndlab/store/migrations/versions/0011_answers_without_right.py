"""Answers of which none is right or wrong: ratings and preferences

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answers") as table:
        table.alter_column("correct", existing_type=sa.Boolean(), nullable=True)


def downgrade() -> None:
    """Older versions take every answer for right or wrong; what is neither becomes wrong."""
    op.execute(sa.text("UPDATE answers SET correct = false WHERE correct IS NULL"))
    with op.batch_alter_table("answers") as table:
        table.alter_column("correct", existing_type=sa.Boolean(), nullable=False)
