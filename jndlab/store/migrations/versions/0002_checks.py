"""Checks of several kinds before the first trial

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("right_answer", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_check_trials_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_trials")),
        sa.UniqueConstraint("name", name=op.f("uq_check_trials_name")),
        sa.UniqueConstraint(
            "session_id",
            "place",
            "attempt",
            "number",
            name=op.f("uq_check_trials_session_id_place_attempt_number"),
        ),
    )
    # A sound check was one attempt of one trial; when it was answered was not stored.
    op.execute(
        "INSERT INTO check_trials (id, session_id, place, kind, attempt, number, name,"
        " right_answer, seed, answer, correct, made_at, answered_at)"
        " SELECT id, session_id, 0, 'sound',"
        " row_number() OVER (PARTITION BY session_id ORDER BY id), 1, name,"
        " CAST(n_beeps AS TEXT), 0, CAST(heard AS TEXT), heard = n_beeps, made_at, NULL"
        " FROM sound_checks"
    )
    op.drop_index(op.f("ix_sound_checks_session_id"), table_name="sound_checks")
    op.drop_table("sound_checks")
    op.add_column("studies", sa.Column("screen_out_code", sa.Text(), nullable=True))
    _remake_sessions(
        "checked_at",
        "'open', 'finished', 'screened-out'",
        sa.Column("gain_db", sa.Double(), nullable=True),
    )


def downgrade() -> None:
    op.execute("UPDATE sessions SET state = 'open' WHERE state = 'screened-out'")
    _remake_sessions("sound_checked_at", "'open', 'finished'")
    op.drop_column("studies", "screen_out_code")
    op.create_table(
        "sound_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n_beeps", sa.Integer(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_sound_checks_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sound_checks")),
        sa.UniqueConstraint("name", name=op.f("uq_sound_checks_name")),
    )
    op.create_index(
        op.f("ix_sound_checks_session_id"), "sound_checks", ["session_id"], unique=False
    )
    # Checks of other kinds have no place in the older schema.
    op.execute(
        "INSERT INTO sound_checks (id, session_id, name, n_beeps, heard, made_at)"
        " SELECT id, session_id, name, CAST(right_answer AS INTEGER), CAST(answer AS INTEGER),"
        " made_at FROM check_trials WHERE kind = 'sound'"
    )
    op.drop_table("check_trials")


def _remake_sessions(checked: str, states: str, *further: sa.Column[float]) -> None:
    """Make the table anew, since SQLite cannot change a constraint, and keep its rows."""
    before = "sound_checked_at" if checked == "checked_at" else "checked_at"
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
        sa.Column(checked, sa.Text(), nullable=True),
        sa.Column("last_seen_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("jndlab_version", sa.Text(), nullable=False),
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
        " user_agent, opened_at, last_seen_at, finished_at, jndlab_version"
    )
    op.execute(
        f"INSERT INTO sessions_anew ({kept}, {checked}) SELECT {kept}, {before} FROM sessions"
    )
    op.drop_table("sessions")
    op.rename_table("sessions_anew", "sessions")
