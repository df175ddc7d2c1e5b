"""The reviewer queue: roles and grants, further readings, blind reading, drafts, notices, known cases"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What lists show of a case: what intake knew, where its first reading is blind.
SHOWN = {
    "shown_level": (sa.Text(), "CASE WHEN blind THEN provisional_level ELSE level END"),
    "shown_rank": (
        sa.SmallInteger(),
        "CASE WHEN blind THEN CASE provisional_level WHEN 'emergency'::text THEN 0"
        " WHEN 'urgent'::text THEN 1 WHEN 'priority'::text THEN 2 WHEN 'self_care'::text THEN 4 ELSE 3 END"
        " ELSE (rank)::integer END",
    ),
    "shown_due_at": (
        sa.DateTime(timezone=True),
        "CASE WHEN blind THEN provisional_due_at ELSE due_at END",
    ),
}

WAITING = "status IN ('awaiting_review', 'failed', 'needs_retake')"
READABLE_BY = ["platform_id", "region", "language", "known"]


def upgrade() -> None:
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("who_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
    )
    op.create_index("ix_failed_sign_ins_who", "failed_sign_ins", ["who_sha256", "origin", "at"], unique=False)
    op.create_table(
        "platform_grants",
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.Column("platform_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinician_id"],
            ["clinicians.id"],
            name=op.f("fk_platform_grants_clinician_id_clinicians"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platforms.id"],
            name=op.f("fk_platform_grants_platform_id_platforms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinician_id", "platform_id", name=op.f("pk_platform_grants")),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinicians.id"], name=op.f("fk_saved_views_clinician_id_clinicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("clinician_id", "name", name=op.f("uq_saved_views_clinician_id_name")),
    )
    op.create_table(
        "known_cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("source_case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=True),
        sa.Column("seeded_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_known_cases_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["seeded_by"], ["clinicians.id"], name=op.f("fk_known_cases_seeded_by_clinicians")
        ),
        sa.ForeignKeyConstraint(
            ["source_case_id"],
            ["cases.id"],
            name=op.f("fk_known_cases_source_case_id_cases"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_known_cases")),
    )
    op.create_index(op.f("ix_known_cases_source_case_id"), "known_cases", ["source_case_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_notices_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["clinicians.id"], name=op.f("fk_notices_ended_by_clinicians")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "kind",
            "stage",
            "case_id",
            "subject",
            name=op.f("uq_notices_kind_stage_case_id_subject"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_notices_case_id"), "notices", ["case_id"], unique=False)
    op.create_index(
        "ix_notices_open",
        "notices",
        ["role", "created_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "review_drafts",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_review_drafts_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinicians.id"], name=op.f("fk_review_drafts_clinician_id_clinicians")
        ),
        sa.PrimaryKeyConstraint("case_id", "clinician_id", name=op.f("pk_review_drafts")),
    )
    op.create_table(
        "skips",
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_skips_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["clinicians.id"], name=op.f("fk_skips_clinician_id_clinicians")
        ),
        sa.PrimaryKeyConstraint("clinician_id", "case_id", name=op.f("pk_skips")),
    )
    op.create_table(
        "further_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("other_review_id", sa.Uuid(), nullable=True),
        sa.Column("why", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("takes_effect", sa.Boolean(), nullable=False),
        sa.Column("excluded", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("review_token", sa.Uuid(), nullable=True),
        sa.Column("review_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('second', 'adjudication')", name=op.f("ck_further_readings_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'held', 'done', 'cancelled')", name=op.f("ck_further_readings_state")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_further_readings_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_review_id"],
            ["reviews.id"],
            name=op.f("fk_further_readings_other_review_id_reviews"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["reviews.id"],
            name=op.f("fk_further_readings_review_id_reviews"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["clinicians.id"], name=op.f("fk_further_readings_reviewer_id_clinicians")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_further_readings")),
        sa.UniqueConstraint("review_id", "kind", name=op.f("uq_further_readings_review_id_kind")),
    )
    op.create_index("ix_further_readings_case", "further_readings", ["case_id"], unique=False)
    op.create_index(
        "ix_further_readings_held",
        "further_readings",
        ["review_until"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_further_readings_waiting",
        "further_readings",
        ["rank", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    _add_filled("cases", sa.Column("blind", sa.Boolean(), nullable=False), "false")
    _add_filled("cases", sa.Column("provisional_flags", postgresql.ARRAY(sa.Text()), nullable=False), "'{}'")
    op.add_column("cases", sa.Column("provisional_due_at", sa.DateTime(timezone=True), nullable=True))
    # The due time of old cases may be the model's or a clinician's; none of them is read blind.
    op.execute("UPDATE cases SET provisional_due_at = due_at")
    op.alter_column("cases", "provisional_due_at", nullable=False)
    _add_filled("cases", sa.Column("language", sa.Text(), nullable=False), "'en'")
    _add_filled("cases", sa.Column("known", sa.Boolean(), nullable=False), "false")
    _add_filled("cases", sa.Column("awaits_reading", sa.Boolean(), nullable=False), "false")
    _add_filled("cases", sa.Column("escalation_stage", sa.SmallInteger(), nullable=False), "0")
    op.add_column("clinician_sessions", sa.Column("previous_sha256", sa.LargeBinary(), nullable=True))
    _add_filled(
        "clinician_sessions", sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False), "now()"
    )
    _add_filled(
        "clinician_sessions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False), "now()"
    )
    op.add_column(
        "clinician_sessions", sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_unique_constraint(
        op.f("uq_clinician_sessions_previous_sha256"), "clinician_sessions", ["previous_sha256"]
    )
    _add_filled("clinicians", sa.Column("role", sa.Text(), nullable=False), "'clinician'")
    _add_filled("clinicians", sa.Column("all_platforms", sa.Boolean(), nullable=False), "true")
    _add_filled("clinicians", sa.Column("regions", postgresql.ARRAY(sa.Text()), nullable=False), "'{}'")
    _add_filled("clinicians", sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False), "'{}'")
    _add_filled("clinicians", sa.Column("locale", sa.Text(), nullable=False), "'en'")
    _add_filled("clinicians", sa.Column("claims_by_level", sa.SmallInteger(), nullable=False), "0")
    op.add_column("clinicians", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("clinicians", sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("clinicians", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("reviews", sa.Column("release_reason", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("handed_to", sa.Uuid(), nullable=True))
    _add_filled("reviews", sa.Column("blind", sa.Boolean(), nullable=False), "false")
    op.add_column("reviews", sa.Column("blind_level", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("blind_diagnosis", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("blind_diagnosis_code", sa.Text(), nullable=True))
    op.add_column("reviews", sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reviews", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reviews", sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("reviews", sa.Column("supersedes_id", sa.Uuid(), nullable=True))
    op.add_column("reviews", sa.Column("diagnosis_code", sa.Text(), nullable=True))
    op.create_index(
        "ix_reviews_decided",
        "reviews",
        ["decided_at"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    for name, (kind, value) in SHOWN.items():
        op.add_column("cases", sa.Column(name, kind, sa.Computed(value, persisted=True), nullable=False))
    op.drop_index("ix_cases_review_without_model", table_name="cases")
    op.create_index(
        "ix_cases_review_without_model",
        "cases",
        ["rank", "review_from", "id"],
        postgresql_where=sa.text("status IN ('queued', 'assessing')"),
    )
    op.drop_index("ix_cases_review", table_name="cases")
    op.create_index(
        "ix_cases_review",
        "cases",
        ["rank", "due_at", "id"],
        postgresql_include=READABLE_BY,
        postgresql_where=sa.text(f"{WAITING} AND NOT awaits_reading"),
    )
    op.create_index(
        "ix_cases_listing",
        "cases",
        ["shown_rank", "shown_due_at", "id"],
        postgresql_include=[*READABLE_BY, "shown_level"],
        postgresql_where=sa.text(f"{WAITING} AND NOT awaits_reading"),
    )
    op.create_index(
        "ix_cases_open",
        "cases",
        ["due_at", "id"],
        postgresql_where=sa.text("status NOT IN ('completed', 'cancelled')"),
    )
    op.create_foreign_key(
        op.f("fk_reviews_handed_to_clinicians"), "reviews", "clinicians", ["handed_to"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_reviews_supersedes_id_reviews"),
        "reviews",
        "reviews",
        ["supersedes_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_check_constraint(
        op.f("ck_clinicians_role"),
        "clinicians",
        "role IN ('clinician', 'senior', 'administrator', 'auditor', 'analyst')",
    )
    op.create_check_constraint(
        op.f("ck_reviews_kind"),
        "reviews",
        "kind IN ('first', 'second', 'adjudication', 'known', 'amendment')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_reviews_kind"), "reviews", type_="check")
    op.drop_constraint(op.f("ck_clinicians_role"), "clinicians", type_="check")
    op.drop_constraint(op.f("fk_reviews_supersedes_id_reviews"), "reviews", type_="foreignkey")
    op.drop_constraint(op.f("fk_reviews_handed_to_clinicians"), "reviews", type_="foreignkey")
    op.drop_index(
        "ix_reviews_decided", table_name="reviews", postgresql_where=sa.text("decided_at IS NOT NULL")
    )
    op.drop_column("reviews", "diagnosis_code")
    op.drop_column("reviews", "supersedes_id")
    op.drop_column("reviews", "before")
    op.drop_column("reviews", "undone_at")
    op.drop_column("reviews", "revealed_at")
    op.drop_column("reviews", "blind_diagnosis_code")
    op.drop_column("reviews", "blind_diagnosis")
    op.drop_column("reviews", "blind_level")
    op.drop_column("reviews", "blind")
    op.drop_column("reviews", "handed_to")
    op.drop_column("reviews", "release_reason")
    op.drop_column("clinicians", "totp_last_step")
    op.drop_column("clinicians", "totp_confirmed_at")
    op.drop_column("clinicians", "totp_secret")
    op.drop_column("clinicians", "claims_by_level")
    op.drop_column("clinicians", "locale")
    op.drop_column("clinicians", "languages")
    op.drop_column("clinicians", "regions")
    op.drop_column("clinicians", "all_platforms")
    op.drop_column("clinicians", "role")
    op.drop_constraint(op.f("uq_clinician_sessions_previous_sha256"), "clinician_sessions", type_="unique")
    op.drop_column("clinician_sessions", "second_factor_at")
    op.drop_column("clinician_sessions", "seen_at")
    op.drop_column("clinician_sessions", "rotated_at")
    op.drop_column("clinician_sessions", "previous_sha256")
    op.drop_index("ix_cases_open", table_name="cases")
    op.drop_index("ix_cases_listing", table_name="cases")
    op.drop_index("ix_cases_review", table_name="cases")
    op.create_index("ix_cases_review", "cases", ["rank", "due_at", "id"], postgresql_where=sa.text(WAITING))
    op.drop_index("ix_cases_review_without_model", table_name="cases")
    op.create_index(
        "ix_cases_review_without_model",
        "cases",
        ["rank", "due_at", "id"],
        postgresql_where=sa.text("status IN ('queued', 'assessing')"),
    )
    for name in SHOWN:
        op.drop_column("cases", name)
    op.drop_column("cases", "escalation_stage")
    op.drop_column("cases", "awaits_reading")
    op.drop_column("cases", "known")
    op.drop_column("cases", "language")
    op.drop_column("cases", "provisional_due_at")
    op.drop_column("cases", "provisional_flags")
    op.drop_column("cases", "blind")
    op.drop_index(
        "ix_further_readings_waiting",
        table_name="further_readings",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_further_readings_held", table_name="further_readings", postgresql_where=sa.text("state = 'held'")
    )
    op.drop_index("ix_further_readings_case", table_name="further_readings")
    op.drop_table("further_readings")
    op.drop_table("skips")
    op.drop_table("review_drafts")
    op.drop_index("ix_notices_open", table_name="notices", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_notices_case_id"), table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_known_cases_source_case_id"), table_name="known_cases")
    op.drop_table("known_cases")
    op.drop_table("saved_views")
    op.drop_table("platform_grants")
    op.drop_index("ix_failed_sign_ins_who", table_name="failed_sign_ins")
    op.drop_table("failed_sign_ins")


def _add_filled(table: str, column: sa.Column[Any], value: str) -> None:
    """Old rows get the value; new ones always name theirs."""
    name = column.name
    column.server_default = sa.DefaultClause(sa.text(value))
    op.add_column(table, column)
    op.alter_column(table, name, server_default=None)
