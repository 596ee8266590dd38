"""The first ownership of a customer has a key made of the customer's: as much in order, and nothing to draw lots for.

A drawn key lands anywhere in its index, and takes the database longer than the rest of the row. Version 8 of a UUID is
the one whose content everybody makes himself (RFC 9562).
"""

from django.db import migrations

BEGIN = """
CREATE OR REPLACE FUNCTION ownership_begin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    why jsonb := ownership_why();
    how text := coalesce(why->>'acquired_by', 'CREATE');
    note text := coalesce(why->>'note', '');
    actor uuid := (why->>'actor')::uuid;
BEGIN
    INSERT INTO ownership_ownershiprecord (id, customer_id, owner_id, org_unit_id, company_id, since, acquired_by,
        acquired_note, acquired_actor_id, end_reason, end_note)
    SELECT overlay(made.id::text PLACING '8' FROM 15 FOR 1)::uuid, made.id, made.owner_id, made.org_unit_id,
        made.company_id, made.created_at, how, note, actor, '', ''
    FROM made WHERE made.owner_id IS NOT NULL;
    RETURN NULL;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION ownership_begin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE why jsonb := ownership_why();
BEGIN
    INSERT INTO ownership_ownershiprecord (id, customer_id, owner_id, org_unit_id, company_id, since, acquired_by,
        acquired_note, acquired_actor_id, end_reason, end_note)
    SELECT gen_random_uuid(), made.id, made.owner_id, made.org_unit_id, made.company_id, made.created_at,
        coalesce(why->>'acquired_by', 'CREATE'), coalesce(why->>'note', ''), (why->>'actor')::uuid, '', ''
    FROM made WHERE made.owner_id IS NOT NULL;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ownership", "0003_quick_ledger")]
    operations = [migrations.RunSQL(BEGIN, BEFORE)]
