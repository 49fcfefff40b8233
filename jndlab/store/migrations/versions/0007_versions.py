"""Versions of a study, and its states

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STIMULUS = (
    "item, condition, level, clip, n_frames, rate_hz, n_channels, gain_db, source_digest,"
    " source_rate_hz"
)


def upgrade() -> None:
    op.create_table(
        "study_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("definition_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Integer(), nullable=True),
        sa.Column("live_since", sa.Text(), nullable=True),
        sa.Column("registered_at", sa.Text(), nullable=True),
        sa.Column("jndlab_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["frozen_by"], ["users.id"], name=op.f("fk_study_versions_frozen_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_versions_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_versions")),
        sa.UniqueConstraint("study_id", "number", name=op.f("uq_study_versions_study_id_number")),
    )

    # The study that was there becomes its first version, under the same number.
    op.execute(
        "INSERT INTO study_versions (id, study_id, number, definition, definition_digest, digest,"
        " note, frozen_at, live_since, jndlab_version)"
        " SELECT id, id, 1, definition, definition_digest, digest, '', launched_at, launched_at,"
        " jndlab_version FROM studies"
    )
    op.create_table(
        "studies_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("completion_code", sa.Text(), nullable=False),
        sa.Column("screen_out_code", sa.Text(), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("link", name=op.f("uq_studies_link")),
        sa.UniqueConstraint("slug", name=op.f("uq_studies_slug")),
    )
    op.execute(
        "INSERT INTO studies_anew (id, slug, title, link, completion_code, screen_out_code,"
        " created_at) SELECT id, slug, coalesce(CASE WHEN json_valid(definition)"
        " THEN json_extract(definition, '$.title') END, slug), link, completion_code,"
        " screen_out_code, launched_at FROM studies"
    )
    op.create_table(
        "study_states_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'piloting', 'running', 'paused', 'closed', 'archived')",
            name=op.f("ck_study_states_state"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_study_states_changed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_states_study_id_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_states")),
    )
    op.execute(
        "INSERT INTO study_states_anew (study_id, state, since, note) SELECT study_id,"
        " CASE state WHEN 'open' THEN 'running' ELSE state END, since, '' FROM study_states"
        " ORDER BY id"
    )
    # Where nothing was noted the study ran from its launch on.
    op.execute(
        "INSERT INTO study_states_anew (study_id, state, since, note)"
        " SELECT id, 'running', launched_at, '' FROM studies"
        " WHERE id NOT IN (SELECT study_id FROM study_states)"
    )
    op.drop_index(op.f("ix_study_states_study_id"), table_name="study_states")
    op.drop_table("study_states")
    op.rename_table("study_states_anew", "study_states")
    op.create_index(op.f("ix_study_states_study_id"), "study_states", ["study_id"], unique=False)
    op.create_table(
        "stimuli_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
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
            ["version_id"], ["study_versions.id"], name=op.f("fk_stimuli_version_id_study_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stimuli")),
        sa.UniqueConstraint(
            "version_id",
            "item",
            "condition",
            "level",
            name=op.f("uq_stimuli_version_id_item_condition_level"),
        ),
    )
    op.execute(
        f"INSERT INTO stimuli_anew (id, version_id, {STIMULUS})"
        f" SELECT id, study_id, {STIMULUS} FROM stimuli"
    )
    op.drop_table("stimuli")
    op.rename_table("stimuli_anew", "stimuli")
    op.drop_table("studies")
    op.rename_table("studies_anew", "studies")


def downgrade() -> None:
    _drop_what_could_not_be_told()
    op.create_table(
        "studies_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("definition_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("completion_code", sa.Text(), nullable=False),
        sa.Column("launched_at", sa.Text(), nullable=False),
        sa.Column("jndlab_version", sa.Text(), nullable=False),
        sa.Column("screen_out_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("link", name=op.f("uq_studies_link")),
        sa.UniqueConstraint("slug", name=op.f("uq_studies_slug")),
    )
    op.execute(
        "INSERT INTO studies_anew (id, slug, definition, definition_digest, digest, link,"
        " completion_code, launched_at, jndlab_version, screen_out_code)"
        " SELECT s.id, s.slug, v.definition, v.definition_digest, v.digest, s.link,"
        " s.completion_code, v.frozen_at, v.jndlab_version, s.screen_out_code"
        " FROM studies AS s JOIN study_versions AS v ON v.study_id = s.id"
    )
    op.create_table(
        "stimuli_anew",
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
    op.execute(
        f"INSERT INTO stimuli_anew (id, study_id, {STIMULUS}) SELECT stimuli.id, v.study_id,"
        f" {STIMULUS} FROM stimuli JOIN study_versions AS v ON v.id = version_id"
    )
    op.drop_table("stimuli")
    op.rename_table("stimuli_anew", "stimuli")
    op.create_table(
        "study_states_anew",
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
    op.execute(
        "INSERT INTO study_states_anew (id, study_id, state, since) SELECT id, study_id,"
        " CASE state WHEN 'running' THEN 'open' WHEN 'paused' THEN 'paused' ELSE 'closed' END,"
        " since FROM study_states"
    )
    op.drop_index(op.f("ix_study_states_study_id"), table_name="study_states")
    op.drop_table("study_states")
    op.rename_table("study_states_anew", "study_states")
    op.create_index(op.f("ix_study_states_study_id"), "study_states", ["study_id"])
    op.drop_table("studies")
    op.rename_table("studies_anew", "studies")
    op.drop_table("study_versions")


def _drop_what_could_not_be_told() -> None:
    """A study had one version, and it was launched. What is beyond that goes."""
    op.execute(
        "DELETE FROM study_versions WHERE id NOT IN (SELECT max(id) FROM study_versions"
        " GROUP BY study_id)"
    )
    unversioned = "study_id NOT IN (SELECT study_id FROM study_versions)"
    for table in ("study_states", "members", "deeds", "jobs", "invitations"):
        op.execute(f"DELETE FROM {table} WHERE {unversioned}")
    op.execute("DELETE FROM studies WHERE id NOT IN (SELECT study_id FROM study_versions)")
    op.execute("DELETE FROM stimuli WHERE version_id NOT IN (SELECT id FROM study_versions)")
