"""The first tables

Revision ID: 0001
Revises: (none)
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("definition_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("completion_code", sa.Text(), nullable=False),
        sa.Column("launched_at", sa.Text(), nullable=False),
        sa.Column("jndlab_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("link", name=op.f("uq_studies_link")),
        sa.UniqueConstraint("slug", name=op.f("uq_studies_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "sessions",
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
        sa.Column("sound_checked_at", sa.Text(), nullable=True),
        sa.Column("last_seen_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("jndlab_version", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('participant', 'simulated')", name=op.f("ck_sessions_kind")),
        sa.CheckConstraint("state IN ('open', 'finished')", name=op.f("ck_sessions_state")),
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
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_ins_token_digest")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"], unique=False)
    op.create_table(
        "stimuli",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("clip", sa.Text(), nullable=False),
        sa.Column("n_frames", sa.Integer(), nullable=False),
        sa.Column("rate_hz", sa.Integer(), nullable=False),
        sa.Column("n_channels", sa.Integer(), nullable=False),
        sa.Column("gain_db", sa.Double(), nullable=False),
        sa.Column("source_digest", sa.Text(), nullable=False),
        sa.Column("source_rate_hz", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_stimuli_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stimuli")),
        sa.UniqueConstraint(
            "study_id",
            "item",
            "condition",
            "level",
            name=op.f("uq_stimuli_study_id_item_condition_level"),
        ),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_events_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_session_id_received_at"),
        "events",
        ["session_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "presented_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("trial", sa.Text(), nullable=False),
        sa.Column("presented_at", sa.Text(), nullable=False),
        sa.Column("n_loads", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_presented_trials_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presented_trials")),
        sa.UniqueConstraint(
            "session_id", "number", name=op.f("uq_presented_trials_session_id_number")
        ),
    )
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
    op.create_table(
        "answers",
        sa.Column("presented_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.Column("response_time_ms", sa.Double(), nullable=False),
        sa.Column("plays", sa.Text(), nullable=False),
        sa.Column("context_rate_hz", sa.Integer(), nullable=True),
        sa.Column("output_latency_ms", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["presented_id"],
            ["presented_trials.id"],
            name=op.f("fk_answers_presented_id_presented_trials"),
        ),
        sa.PrimaryKeyConstraint("presented_id", name=op.f("pk_answers")),
    )
    op.create_table(
        "released_clips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("presented_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("clip", sa.Text(), nullable=False),
        sa.Column("noise_seed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["presented_id"],
            ["presented_trials.id"],
            name=op.f("fk_released_clips_presented_id_presented_trials"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released_clips")),
        sa.UniqueConstraint("name", name=op.f("uq_released_clips_name")),
        sa.UniqueConstraint(
            "presented_id", "position", name=op.f("uq_released_clips_presented_id_position")
        ),
    )


def downgrade() -> None:
    op.drop_table("released_clips")
    op.drop_table("answers")
    op.drop_index(op.f("ix_sound_checks_session_id"), table_name="sound_checks")
    op.drop_table("sound_checks")
    op.drop_table("presented_trials")
    op.drop_index(op.f("ix_events_session_id_received_at"), table_name="events")
    op.drop_table("events")
    op.drop_table("stimuli")
    op.drop_index(op.f("ix_sign_ins_user_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_table("sessions")
    op.drop_table("users")
    op.drop_table("studies")
