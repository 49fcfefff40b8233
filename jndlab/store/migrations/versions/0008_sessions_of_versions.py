"""Sessions of a version, by a link, in a slot; whom a recruiter sent

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SESSION = (
    "id, study_id, public_id, token_digest, kind, participant, state, plan, plan_digest,"
    " user_agent, opened_at, checked_at, last_seen_at, finished_at, jndlab_version, gain_db,"
    " consent_version, consented_at, withdrawn_at"
)


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("recruiter", sa.Text(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('multiple', 'single', 'personal', 'preview')", name=op.f("ck_links_kind")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_links_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_links_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token", name=op.f("uq_links_token")),
    )
    op.create_index(op.f("ix_links_study_id"), "links", ["study_id"], unique=False)

    op.create_table(
        "sessions_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("participant", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
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
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('participant', 'simulated', 'pilot', 'preview')",
            name=op.f("ck_sessions_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'finished', 'screened-out', 'withdrawn')",
            name=op.f("ck_sessions_state"),
        ),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_sessions_link_id_links")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_sessions_study_id_studies")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["study_versions.id"],
            name=op.f("fk_sessions_version_id_study_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sessions_public_id")),
        sa.UniqueConstraint(
            "study_id", "kind", "participant", name=op.f("uq_sessions_study_id_kind_participant")
        ),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sessions_token_digest")),
    )
    op.execute(
        f"INSERT INTO sessions_anew ({SESSION}, version_id, slot)"
        f" SELECT {SESSION}, (SELECT v.id FROM study_versions AS v"
        " WHERE v.study_id = sessions.study_id), participant FROM sessions"
    )
    op.drop_table("sessions")
    op.rename_table("sessions_anew", "sessions")
    op.create_index(op.f("ix_sessions_link_id"), "sessions", ["link_id"], unique=False)
    op.create_index(op.f("ix_sessions_version_id"), "sessions", ["version_id"], unique=False)
    op.create_table(
        "recruits",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("recruiter", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_recruits_session_id_sessions")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_recruits_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_recruits")),
        sa.UniqueConstraint(
            "study_id",
            "recruiter",
            "external_id",
            name=op.f("uq_recruits_study_id_recruiter_external_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("recruits")
    _drop_what_could_not_be_told()
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
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('participant', 'simulated')", name=op.f("ck_sessions_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'finished', 'screened-out', 'withdrawn')",
            name=op.f("ck_sessions_state"),
        ),
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
    op.execute(f"INSERT INTO sessions_anew ({SESSION}) SELECT {SESSION} FROM sessions")
    op.drop_table("sessions")
    op.rename_table("sessions_anew", "sessions")
    op.drop_table("links")


def _drop_what_could_not_be_told() -> None:
    """All sessions counted, and belonged to the one version of their study."""
    op.execute(
        "DELETE FROM sessions WHERE kind IN ('pilot', 'preview') OR version_id NOT IN"
        " (SELECT max(id) FROM study_versions GROUP BY study_id)"
    )
    for table in ("check_trials", "resumes", "questionnaire_answers", "events", "presented_trials"):
        op.execute(f"DELETE FROM {table} WHERE session_id NOT IN (SELECT id FROM sessions)")
    for table in ("released_clips", "answers"):
        op.execute(
            f"DELETE FROM {table} WHERE presented_id NOT IN (SELECT id FROM presented_trials)"
        )
