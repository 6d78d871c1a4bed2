"""The first tables: the catalogue, the needs and what was shown, the demand signals, the outbox, the postcodes.

Revision: 0001
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "catalogue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=True),
        sa.Column("last_load", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue")),
    )
    op.create_table(
        "employer_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("record_key", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("basis IN ('domain', 'email', 'need')", name=op.f("ck_employer_key_basis_known")),
        sa.CheckConstraint("record_key BETWEEN 0 AND 4095", name=op.f("ck_employer_key_record_key_12_bits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_employer_key_digest")),
    )
    op.create_table(
        "mail_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("to_address", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("send_after", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("given_up_at", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_message_key")),
    )
    op.create_index(op.f("ix_mail_message_to_address"), "mail_message", ["to_address"], unique=False)
    op.create_index(
        "ix_mail_message_waiting", "mail_message", ["sent_at", "given_up_at", "send_after"], unique=False
    )
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("payload_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcode", sa.String(length=4), nullable=False),
        sa.Column("place", sa.String(length=75), nullable=False),
        sa.Column("district", sa.String(length=9), nullable=False),
        sa.Column("outside_area", sa.Boolean(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("who_for", sa.String(length=8), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("wanted_when", sa.String(length=10), nullable=False),
        sa.Column("size_band", sa.String(length=8), nullable=False),
        sa.Column("sic_section", sa.String(length=1), nullable=False),
        sa.Column("max_km", sa.Float(), nullable=True),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("attendance", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("budget", sa.Numeric(precision=10, scale=2, asdecimal=False), nullable=True),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.Column("ages", sa.JSON(), nullable=False),
        sa.Column("from_words", sa.JSON(), nullable=False),
        sa.Column("hosts_t_level", sa.Boolean(), nullable=False),
        sa.Column("hosts_teacher", sa.Boolean(), nullable=False),
        sa.Column("ambassador", sa.Boolean(), nullable=False),
        sa.Column("business_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_verified_at", sa.DateTime(), nullable=True),
        sa.Column("verify_digest", sa.String(length=64), nullable=True),
        sa.Column("verify_until", sa.DateTime(), nullable=True),
        sa.Column("manage_digest", sa.String(length=64), nullable=True),
        sa.Column("search_round", sa.Integer(), nullable=False),
        sa.Column("searched_at", sa.DateTime(), nullable=True),
        sa.Column("matcher_version", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "size_band IN ('', '0-9', '10-49', '50-249', '250+')", name=op.f("ck_need_size_band_known")
        ),
        sa.CheckConstraint("status IN ('open', 'withdrawn')", name=op.f("ck_need_status_known")),
        sa.CheckConstraint(
            "wanted_when IN ('', 'now', '6-months', '1-year', '3-years')",
            name=op.f("ck_need_wanted_when_known"),
        ),
        sa.CheckConstraint("who_for IN ('', 'present', 'new', 'both')", name=op.f("ck_need_who_for_known")),
        sa.CheckConstraint("level BETWEEN 0 AND 8", name=op.f("ck_need_level_entry_to_8")),
        sa.CheckConstraint("people IS NULL OR people >= 1", name=op.f("ck_need_people_at_least_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("manage_digest", name=op.f("uq_need_manage_digest")),
        sa.UniqueConstraint("reference", name=op.f("uq_need_reference")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_need_token_digest")),
        sa.UniqueConstraint("verify_digest", name=op.f("uq_need_verify_digest")),
    )
    op.create_index(op.f("ix_need_created_at"), "need", ["created_at"], unique=False)
    op.create_index("ix_need_waiting", "need", ["matcher_version", "status"], unique=False)
    op.create_table(
        "postcode_point",
        sa.Column("postcode", sa.String(length=7), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("district", sa.String(length=9), nullable=False),
        sa.PrimaryKeyConstraint("postcode", name=op.f("pk_postcode_point")),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ukprn", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("town", sa.String(length=75), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("website", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "ukprn BETWEEN 10000000 AND 19999999", name=op.f("ck_provider_ukprn_eight_digits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("ukprn", name=op.f("uq_provider_ukprn")),
    )
    op.create_table(
        "demand_signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employer_key_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(length=30), nullable=False),
        sa.Column("theme_confirmed", sa.Boolean(), nullable=False),
        sa.Column("soc_guessed", sa.String(length=4), nullable=False),
        sa.Column("soc_confirmed", sa.String(length=4), nullable=False),
        sa.Column("sic_section", sa.String(length=1), nullable=False),
        sa.Column("district", sa.String(length=9), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("need_kind", sa.String(length=30), nullable=False),
        sa.Column("who_for", sa.String(length=8), nullable=False),
        sa.Column("size_band", sa.String(length=8), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("countable_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('nothing-fitted', 'offers-shown', 'fits', 'none-fits', 'started')",
            name=op.f("ck_demand_signal_outcome_known"),
        ),
        sa.CheckConstraint("level BETWEEN 0 AND 8", name=op.f("ck_demand_signal_level_entry_to_8")),
        sa.CheckConstraint(
            "people IS NULL OR people >= 1", name=op.f("ck_demand_signal_people_at_least_one")
        ),
        sa.ForeignKeyConstraint(
            ["employer_key_id"],
            ["employer_key.id"],
            name=op.f("fk_demand_signal_employer_key_id_employer_key"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_signal")),
    )
    op.create_index("ix_demand_signal_counted", "demand_signal", ["countable_at", "theme"], unique=False)
    op.create_index(
        op.f("ix_demand_signal_employer_key_id"), "demand_signal", ["employer_key_id"], unique=False
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("town", sa.String(length=75), nullable=False),
        sa.Column("county", sa.String(length=75), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("district", sa.String(length=9), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("website", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_venue_provider_id_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint(
            "provider_id", "name", "postcode", name=op.f("uq_venue_provider_id_name_postcode")
        ),
    )
    op.create_index(op.f("ix_venue_district"), "venue", ["district"], unique=False)
    op.create_index(op.f("ix_venue_provider_id"), "venue", ["provider_id"], unique=False)
    op.create_table(
        "facet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("kind_hint", sa.String(length=30), nullable=False),
        sa.Column("theme", sa.String(length=30), nullable=False),
        sa.Column("theme_confirmed", sa.Boolean(), nullable=False),
        sa.Column("soc", sa.String(length=4), nullable=False),
        sa.Column("soc_confirmed", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("employer_reasons", sa.JSON(), nullable=False),
        sa.Column("employer_words", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('nothing-fitted', 'offers-shown', 'fits', 'none-fits', 'started')",
            name=op.f("ck_facet_outcome_known"),
        ),
        sa.CheckConstraint("level BETWEEN 0 AND 8", name=op.f("ck_facet_level_entry_to_8")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_facet_need_id_need")),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["demand_signal.id"], name=op.f("fk_facet_signal_id_demand_signal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facet")),
        sa.UniqueConstraint("need_id", "position", name=op.f("uq_facet_need_id_position")),
        sa.UniqueConstraint("signal_id", name=op.f("uq_facet_signal_id")),
    )
    op.create_index(op.f("ix_facet_need_id"), "facet", ["need_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("source_ref", sa.String(length=120), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("who_for", sa.Text(), nullable=False),
        sa.Column("what_learned", sa.Text(), nullable=False),
        sa.Column("entry_requirements", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("awarding_body", sa.String(length=255), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("route", sa.String(length=30), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("study_mode", sa.String(length=12), nullable=False),
        sa.Column("attendance", sa.String(length=12), nullable=False),
        sa.Column("start_dates", sa.JSON(), nullable=False),
        sa.Column("flexible_start", sa.Boolean(), nullable=False),
        sa.Column("duration_value", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("duration_unit", sa.String(length=8), nullable=False),
        sa.Column("cost", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("cost_description", sa.String(length=255), nullable=False),
        sa.Column("national", sa.Boolean(), nullable=False),
        sa.Column("regions", sa.Text(), nullable=False),
        sa.Column("lars_ref", sa.String(length=8), nullable=False),
        sa.Column("standard_ref", sa.String(length=6), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("source_updated", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "attendance IN ('', 'daytime', 'evening', 'weekend', 'block')",
            name=op.f("ck_offer_attendance_known"),
        ),
        sa.CheckConstraint(
            "duration_unit IN ('', 'minutes', 'hours', 'days', 'weeks', 'months', 'years')",
            name=op.f("ck_offer_duration_unit_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('', 'course', 'short-course', 'skills-bootcamp', 'esol', 'functional-skills', "
            "'apprenticeship', 'foundation-apprenticeship', 'apprenticeship-unit', 't-level-placement', "
            "'htq', 'free-course-for-jobs', 'educator-cpd', 'leadership-programme')",
            name=op.f("ck_offer_kind_known"),
        ),
        sa.CheckConstraint(
            "mode IN ('', 'classroom', 'online', 'workplace', 'blended')", name=op.f("ck_offer_mode_known")
        ),
        sa.CheckConstraint(
            "study_mode IN ('', 'full-time', 'part-time', 'flexible')", name=op.f("ck_offer_study_mode_known")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_offer_cost_not_negative")),
        sa.CheckConstraint("level BETWEEN 0 AND 8", name=op.f("ck_offer_level_entry_to_8")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_offer_provider_id_provider")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_offer_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("source", "source_ref", name=op.f("uq_offer_source_source_ref")),
    )
    op.create_index("ix_offer_browse", "offer", ["withdrawn_at", "kind", "route"], unique=False)
    op.create_index(op.f("ix_offer_changed_at"), "offer", ["changed_at"], unique=False)
    op.create_index(op.f("ix_offer_kind"), "offer", ["kind"], unique=False)
    op.create_index(op.f("ix_offer_provider_id"), "offer", ["provider_id"], unique=False)
    op.create_index(op.f("ix_offer_route"), "offer", ["route"], unique=False)
    op.create_index(op.f("ix_offer_venue_id"), "offer", ["venue_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("facet_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["facet_id"], ["facet.id"], name=op.f("fk_correction_facet_id_facet")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_correction_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_facet_id"), "correction", ["facet_id"], unique=False)
    op.create_index(op.f("ix_correction_need_id"), "correction", ["need_id"], unique=False)
    op.create_table(
        "need_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("facet_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("search_round", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("offer_digest", sa.String(length=32), nullable=False),
        sa.Column("matcher_version", sa.String(length=60), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["facet_id"], ["facet.id"], name=op.f("fk_need_match_facet_id_facet")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_need_match_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_match")),
        sa.UniqueConstraint(
            "facet_id", "search_round", "position", name=op.f("uq_need_match_facet_id_search_round_position")
        ),
    )
    op.create_index(op.f("ix_need_match_offer_id"), "need_match", ["offer_id"], unique=False)
    op.create_index("ix_need_match_shown", "need_match", ["facet_id", "search_round"], unique=False)


def downgrade():
    op.drop_index("ix_need_match_shown", table_name="need_match")
    op.drop_index(op.f("ix_need_match_offer_id"), table_name="need_match")
    op.drop_table("need_match")
    op.drop_index(op.f("ix_correction_need_id"), table_name="correction")
    op.drop_index(op.f("ix_correction_facet_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_offer_venue_id"), table_name="offer")
    op.drop_index(op.f("ix_offer_route"), table_name="offer")
    op.drop_index(op.f("ix_offer_provider_id"), table_name="offer")
    op.drop_index(op.f("ix_offer_kind"), table_name="offer")
    op.drop_index(op.f("ix_offer_changed_at"), table_name="offer")
    op.drop_index("ix_offer_browse", table_name="offer")
    op.drop_table("offer")
    op.drop_index(op.f("ix_facet_need_id"), table_name="facet")
    op.drop_table("facet")
    op.drop_index(op.f("ix_venue_provider_id"), table_name="venue")
    op.drop_index(op.f("ix_venue_district"), table_name="venue")
    op.drop_table("venue")
    op.drop_index(op.f("ix_demand_signal_employer_key_id"), table_name="demand_signal")
    op.drop_index("ix_demand_signal_counted", table_name="demand_signal")
    op.drop_table("demand_signal")
    op.drop_table("provider")
    op.drop_table("postcode_point")
    op.drop_index("ix_need_waiting", table_name="need")
    op.drop_index(op.f("ix_need_created_at"), table_name="need")
    op.drop_table("need")
    op.drop_index("ix_mail_message_waiting", table_name="mail_message")
    op.drop_index(op.f("ix_mail_message_to_address"), table_name="mail_message")
    op.drop_table("mail_message")
    op.drop_table("employer_key")
    op.drop_table("catalogue")
