"""Jobs that one of several servers holds, and what is to be done from time to time

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What "runs" has no holder: the servers of before are gone, and it is taken up anew."""
    op.add_column("jobs", sa.Column("host", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("held_until", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "periodic",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic")),
    )


def downgrade() -> None:
    op.drop_table("periodic")
    with op.batch_alter_table("jobs") as table:
        for name in ("attempts", "held_until", "host"):
            table.drop_column(name)
