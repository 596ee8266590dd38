"""The database itself refuses to change what has been published, and what has been decided."""

from django.db import migrations

VERSION = """
CREATE FUNCTION policy_refuse_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'PUBLISHED' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'A published policy version is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF (to_jsonb(OLD) - ARRAY['effective_to', 'end_reason', 'updated_at', 'version'])
        IS DISTINCT FROM (to_jsonb(NEW) - ARRAY['effective_to', 'end_reason', 'updated_at', 'version']) THEN
        RAISE EXCEPTION 'A published policy version is never changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_version_sealed BEFORE UPDATE OR DELETE ON policy_policyversion
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_version();
"""

TEXT = """
CREATE FUNCTION policy_refuse_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sealed boolean;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state = 'PUBLISHED' INTO sealed FROM policy_policyversion WHERE id = OLD.version_of_id;
    END IF;
    IF sealed IS NOT TRUE AND TG_OP <> 'DELETE' THEN
        SELECT state = 'PUBLISHED' INTO sealed FROM policy_policyversion WHERE id = NEW.version_of_id;
    END IF;
    IF sealed THEN
        RAISE EXCEPTION 'The text of a published policy version is never changed' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
"""

DECISION = """
CREATE FUNCTION policy_refuse_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A decision is never changed' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER policy_decision_sealed BEFORE UPDATE ON policy_decision
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_decision();
"""

TABLES = ("policy_chapter", "policy_article", "policy_clause", "policy_question")


def _text_trigger(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_sealed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION policy_refuse_text()",
        f"DROP TRIGGER {table}_sealed ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [
        migrations.RunSQL(VERSION, "DROP TRIGGER policy_version_sealed ON policy_policyversion; "
                          "DROP FUNCTION policy_refuse_version()"),
        migrations.RunSQL(TEXT, "DROP FUNCTION policy_refuse_text()"),
        *(_text_trigger(table) for table in TABLES),
        migrations.RunSQL(DECISION, "DROP TRIGGER policy_decision_sealed ON policy_decision; "
                          "DROP FUNCTION policy_refuse_decision()"),
    ]
