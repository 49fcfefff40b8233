"""Hash chains over sessions and over deeds, and how long personal data are kept

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = (
    ("sessions", "chain_head"),
    ("presented_trials", "link"),
    ("answers", "link"),
    ("studies", "chain_head"),
    ("deeds", "link"),
    ("studies", "keep_until"),
    ("studies", "kept_then"),
    ("studies", "kept_at"),
)


def upgrade() -> None:
    """Nothing is chained afterwards: a link says that the row was there when the next one came."""
    for table, column in COLUMNS:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))


def downgrade() -> None:
    """The chains are lost; upgraded again, what was stored meanwhile has none."""
    for table in dict.fromkeys(table for table, _ in COLUMNS):
        with op.batch_alter_table(table) as batch:
            for name in (column for other, column in COLUMNS if other == table):
                batch.drop_column(name)
