"""Changes of rights raise the version by which rights are kept between requests."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER {table}_rights AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION staff_raise_rights_version();
"""
TABLES = ("access_grant", "access_fieldright")


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("staff", "0002_rights_version")]

    operations = [
        migrations.RunSQL(
            "".join(TRIGGER.format(table=table) for table in TABLES),
            "".join(f"DROP TRIGGER {table}_rights ON {table};" for table in TABLES),
        )
    ]
