"""Confidence of answers, and sessions that were gone on with

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("confidence", sa.Integer(), nullable=True))
    op.create_table(
        "resumes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("resumed_at", sa.Text(), nullable=False),
        sa.Column("gap_seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_resumes_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resumes")),
        sa.UniqueConstraint("session_id", "key", name=op.f("uq_resumes_session_id_key")),
    )


def downgrade() -> None:
    op.drop_table("resumes")
    with op.batch_alter_table("answers") as batch:
        batch.drop_column("confidence")
