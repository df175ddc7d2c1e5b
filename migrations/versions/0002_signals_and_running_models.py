"""Signals and saliency of assessments; the active model, the model on trial, and what workers have loaded"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CONTROL = (
    ("active_ref", sa.Text()),
    ("active_revision", sa.Text()),
    ("active_since", sa.DateTime(timezone=True)),
    ("shadow_ref", sa.Text()),
    ("shadow_revision", sa.Text()),
    ("shadow_since", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    # The default fills the rows that are there; new rows always name their signals.
    signals = sa.Column("signals", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'"))
    op.add_column("assessments", signals)
    op.alter_column("assessments", "signals", server_default=None)
    for name, kind in CONTROL:
        op.add_column("model_control", sa.Column(name, kind, nullable=True))
    op.create_table(
        "saliency_maps",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_saliency_maps_assessment_id_assessments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assessment_id", "position", name=op.f("pk_saliency_maps")),
    )
    op.create_table(
        "shadow_assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("model_version_id", sa.Uuid(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provenance", postgresql.JSONB(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_shadow_assessments_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_shadow_assessments_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow_assessments")),
        sa.UniqueConstraint(
            "case_id",
            "round",
            "model_version_id",
            name=op.f("uq_shadow_assessments_case_id_round_model_version_id"),
        ),
    )
    op.create_index("ix_shadow_assessments_model", "shadow_assessments", ["model_version_id", "created_at"])
    op.create_table(
        "model_workers",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("shadow_revision", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_model_workers")),
    )
    op.create_index(op.f("ix_model_workers_seen_at"), "model_workers", ["seen_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_model_workers_seen_at"), table_name="model_workers")
    op.drop_table("model_workers")
    op.drop_index("ix_shadow_assessments_model", table_name="shadow_assessments")
    op.drop_table("shadow_assessments")
    op.drop_table("saliency_maps")
    for name, _ in reversed(CONTROL):
        op.drop_column("model_control", name)
    op.drop_column("assessments", "signals")
