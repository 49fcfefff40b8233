"""Answers to questionnaires, the consent that was given, and withdrawal

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questionnaire_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_questionnaire_answers_session_id_sessions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_answers")),
        sa.UniqueConstraint(
            "session_id",
            "questionnaire",
            "block",
            "question",
            name=op.f("uq_questionnaire_answers_session_id_questionnaire_block_question"),
        ),
    )
    op.create_table(
        "consent_texts",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_consent_texts")),
    )
    _remake_sessions(
        "'open', 'finished', 'screened-out', 'withdrawn'",
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
    )


def downgrade() -> None:
    # Without its answers a withdrawn session is one that ended before its first trial.
    op.execute("UPDATE sessions SET state = 'screened-out' WHERE state = 'withdrawn'")
    _remake_sessions("'open', 'finished', 'screened-out'")
    op.drop_table("consent_texts")
    op.drop_table("questionnaire_answers")


def _remake_sessions(states: str, *further: sa.Column[str]) -> None:
    """Make the table anew, since SQLite cannot change a constraint, and keep its rows."""
    op.create_table(
        "sessions_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("participant", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_digest", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.Text(), nullable=True),
        sa.Column("last_seen_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("jndlab_version", sa.Text(), nullable=False),
        sa.Column("gain_db", sa.Double(), nullable=True),
        *further,
        sa.CheckConstraint("kind IN ('participant', 'simulated')", name=op.f("ck_sessions_kind")),
        sa.CheckConstraint(f"state IN ({states})", name=op.f("ck_sessions_state")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_sessions_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sessions_public_id")),
        sa.UniqueConstraint(
            "study_id", "kind", "participant", name=op.f("uq_sessions_study_id_kind_participant")
        ),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sessions_token_digest")),
    )
    kept = (
        "id, study_id, public_id, token_digest, kind, participant, state, plan, plan_digest,"
        " user_agent, opened_at, checked_at, last_seen_at, finished_at, jndlab_version, gain_db"
    )
    op.execute(f"INSERT INTO sessions_anew ({kept}) SELECT {kept} FROM sessions")
    op.drop_table("sessions")
    op.rename_table("sessions_anew", "sessions")
