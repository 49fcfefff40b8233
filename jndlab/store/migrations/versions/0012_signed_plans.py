"""Plans are signed when their sessions are opened

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is signed afterwards: a signature says that the plan was there at the opening."""
    op.add_column("sessions", sa.Column("plan_signature", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sessions") as table:
        table.drop_column("plan_signature")
