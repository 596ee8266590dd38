"""The ledger of ownership is written by the database, and the numbers come from it."""

from django.db import migrations

# The reason of a change is told by the verb in the setting `zhike.ownership` of its transaction; without one it is a
# plain creation, assignment or transfer.
LEDGER = """
CREATE FUNCTION ownership_why() RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('zhike.ownership', true), ''), '{}')::jsonb $$;

CREATE FUNCTION ownership_begin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE why jsonb := ownership_why();
BEGIN
    INSERT INTO ownership_ownershiprecord (id, customer_id, owner_id, org_unit_id, company_id, since, acquired_by,
        acquired_note, acquired_actor_id, end_reason, end_note)
    SELECT gen_random_uuid(), made.id, made.owner_id, made.org_unit_id, made.company_id, made.created_at,
        coalesce(why->>'acquired_by', 'CREATE'), coalesce(why->>'note', ''), (why->>'actor')::uuid, '', ''
    FROM made WHERE made.owner_id IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION ownership_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    why jsonb := ownership_why();
    moment timestamptz := clock_timestamp();
    begun timestamptz;
BEGIN
    IF NEW.owner_id IS NOT DISTINCT FROM OLD.owner_id THEN
        UPDATE ownership_ownershiprecord SET org_unit_id = NEW.org_unit_id, company_id = NEW.company_id
        WHERE customer_id = NEW.id AND until IS NULL;
        RETURN NULL;
    END IF;
    SELECT since INTO begun FROM ownership_ownershiprecord WHERE customer_id = NEW.id AND until IS NULL;
    -- Two changes within one microsecond stay in order.
    moment := greatest(moment, begun + interval '1 microsecond');
    UPDATE ownership_ownershiprecord
    SET until = moment, end_note = coalesce(why->>'note', ''), end_actor_id = (why->>'actor')::uuid,
        end_reason = coalesce(why->>'end_reason', CASE WHEN NEW.owner_id IS NULL THEN 'RETURN' ELSE 'TRANSFER' END)
    WHERE customer_id = NEW.id AND until IS NULL;
    IF NEW.owner_id IS NOT NULL THEN
        UPDATE ownership_poolstay SET until = greatest(moment, since + interval '1 microsecond')
        WHERE customer_id = NEW.id AND until IS NULL;
        INSERT INTO ownership_ownershiprecord (id, customer_id, owner_id, org_unit_id, company_id, since, acquired_by,
            acquired_note, acquired_actor_id, end_reason, end_note)
        VALUES (gen_random_uuid(), NEW.id, NEW.owner_id, NEW.org_unit_id, NEW.company_id, moment,
            coalesce(why->>'acquired_by', CASE WHEN OLD.owner_id IS NULL THEN 'ASSIGN' ELSE 'TRANSFER' END),
            coalesce(why->>'note', ''), (why->>'actor')::uuid, '', '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ownership_begin AFTER INSERT ON customers_customer
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION ownership_begin();
-- Also where an import has proven the foreign keys itself (records/importing/keys.py).
ALTER TABLE customers_customer ENABLE ALWAYS TRIGGER ownership_begin;
CREATE TRIGGER ownership_change AFTER UPDATE OF owner_id, org_unit_id, company_id ON customers_customer
    FOR EACH ROW WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id OR OLD.org_unit_id IS DISTINCT FROM NEW.org_unit_id)
    EXECUTE FUNCTION ownership_change();
"""
DROP = """
DROP TRIGGER ownership_change ON customers_customer;
DROP TRIGGER ownership_begin ON customers_customer;
DROP FUNCTION ownership_change();
DROP FUNCTION ownership_begin();
DROP FUNCTION ownership_why();
"""
# Customers that were there before the ledger have been their owner's since they were entered.
BEFORE = """
INSERT INTO ownership_ownershiprecord (id, customer_id, owner_id, org_unit_id, company_id, since, acquired_by,
    acquired_note, end_reason, end_note)
SELECT gen_random_uuid(), id, owner_id, org_unit_id, company_id, created_at, 'CREATE', '', '', ''
FROM customers_customer WHERE owner_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("ownership", "0001_initial")]
    operations = [
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL(LEDGER, DROP),
    ]
