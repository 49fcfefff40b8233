"""States of a study: open, paused, closed

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "study_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'paused', 'closed')", name=op.f("ck_study_states_state")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_states_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_states")),
    )
    op.create_index(op.f("ix_study_states_study_id"), "study_states", ["study_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_study_states_study_id"), table_name="study_states")
    op.drop_table("study_states")
