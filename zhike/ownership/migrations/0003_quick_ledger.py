"""The same promise of the ledger for a third of the cost: the open ownership apart from the ended ones."""

import django.contrib.postgres.constraints
from django.db import migrations, models

import zhike.ownership.models.ledger

WORDS = "At that time the customer belongs to somebody else."
# The open row lies behind all ended ones. Whoever writes the ledger has the customer's row locked. What the ledger's own
# triggers write (0002) is in order by the way they are made, and is not looked at a second time.
ORDER = """
CREATE FUNCTION ownership_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ownership_ownershiprecord o WHERE o.customer_id = NEW.customer_id AND o.id <> NEW.id
        AND CASE WHEN NEW.until IS NULL THEN o.until > NEW.since ELSE o.until IS NULL AND o.since < NEW.until END)
    THEN
        RAISE EXCEPTION 'conflicting ownership of customer %: ownership_one_at_a_time', NEW.customer_id
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'ownership_one_at_a_time';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ownership_in_order AFTER INSERT OR UPDATE OF customer_id, since, until ON ownership_ownershiprecord
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ownership_in_order();
"""
NO_ORDER = """
DROP TRIGGER ownership_in_order ON ownership_ownershiprecord;
DROP FUNCTION ownership_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [("ownership", "0002_ledger")]
    operations = [
        migrations.RemoveConstraint("ownershiprecord", "ownership_one_at_a_time"),
        migrations.AddConstraint(
            "ownershiprecord",
            django.contrib.postgres.constraints.ExclusionConstraint(
                name="ownership_one_at_a_time",
                expressions=[
                    ("customer", "="),
                    (zhike.ownership.models.ledger.MomentRange("since", "until"), "&&"),
                ],
                condition=models.Q(until__isnull=False),
                violation_error_message=WORDS,
            ),
        ),
        migrations.AddConstraint(
            "ownershiprecord",
            models.UniqueConstraint(
                fields=("customer",),
                condition=models.Q(until=None),
                name="ownership_one_open",
                violation_error_message=WORDS,
            ),
        ),
        migrations.RunSQL(ORDER, NO_ORDER),
    ]
