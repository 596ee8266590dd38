"""Sums of won deals, kept by triggers (models/won_sum.py says how)."""

from django.db import migrations, models

SUMS = """
    SELECT CASE WHEN grouping(owner_id) = 1 THEN 'UNIT' WHEN grouping(month) = 1 THEN 'OWNER' ELSE 'CELL' END AS level,
        coalesce(month, year) AS period, owner_id, org_unit_id, company_id, currency,
        sum(sign)::bigint AS deals, sum(sign * coalesce(closed_value, 0)) AS value
    FROM (
        SELECT *, date_trunc('month', closed_on)::date AS month, date_trunc('year', closed_on)::date AS year
        FROM ({deals}) AS deal
    ) AS won
    GROUP BY GROUPING SETS (
        (month, owner_id, org_unit_id, company_id, currency),
        (year, owner_id, org_unit_id, company_id, currency),
        (month, org_unit_id, company_id, currency)
    )
    HAVING sum(sign) <> 0 OR sum(sign * coalesce(closed_value, 0)) <> 0
"""
DEALS = """
    SELECT {sign} AS sign, owner_id, org_unit_id, company_id, currency, closed_on, closed_value
    FROM {rows} WHERE state = 'WON' AND trashed_at IS NULL
"""
ADD = "INSERT INTO sales_wonsum (level, period, owner_id, org_unit_id, company_id, currency, deals, value)"
FUNCTION = """
CREATE FUNCTION sales_won_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ({any}) THEN
        {add} {sums};
    END IF;
    RETURN NULL;
END $$;
"""
ANY = "SELECT FROM {rows} WHERE state = 'WON' AND trashed_at IS NULL"
CHANGES = {"insert": {"made": 1}, "delete": {"gone": -1}, "update": {"made": 1, "gone": -1}}


def functions() -> str:
    made = []
    for name, tables in CHANGES.items():
        deals = " UNION ALL ".join(DEALS.format(sign=sign, rows=rows) for rows, sign in tables.items())
        some = " UNION ALL ".join(ANY.format(rows=rows) for rows in tables)
        made.append(FUNCTION.format(name=name, any=some, add=ADD, sums=SUMS.format(deals=deals)))
    return "".join(made)


TRIGGERS = """
CREATE TRIGGER sales_won_insert AFTER INSERT ON sales_opportunity
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION sales_won_insert();
CREATE TRIGGER sales_won_update AFTER UPDATE ON sales_opportunity
    REFERENCING OLD TABLE AS gone NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION sales_won_update();
CREATE TRIGGER sales_won_delete AFTER DELETE ON sales_opportunity
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sales_won_delete();
CREATE FUNCTION sales_won_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sales_wonsum;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_won_truncate AFTER TRUNCATE ON sales_opportunity
    FOR EACH STATEMENT EXECUTE FUNCTION sales_won_truncate();
"""
BEFORE = f"{ADD} {SUMS.format(deals=DEALS.format(sign=1, rows='sales_opportunity'))};"
DROP = "".join(
    f"DROP TRIGGER sales_won_{name} ON sales_opportunity; DROP FUNCTION sales_won_{name}();"
    for name in (*CHANGES, "truncate")
)


class Migration(migrations.Migration):
    dependencies = [("sales", "0002_indexes_of_lists")]
    operations = [
        migrations.CreateModel(
            name="WonSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("CELL", "by month, owner and unit"),
                            ("OWNER", "by year, owner and unit"),
                            ("UNIT", "by month and unit"),
                        ],
                        max_length=5,
                    ),
                ),
                ("period", models.DateField()),
                ("owner_id", models.UUIDField(null=True)),
                ("org_unit_id", models.UUIDField()),
                ("company_id", models.UUIDField()),
                ("currency", models.CharField(max_length=3)),
                ("deals", models.BigIntegerField()),
                ("value", models.DecimalField(decimal_places=2, max_digits=24)),
                ("folded", models.BooleanField(db_default=False)),
            ],
            options={
                "indexes": [
                    models.Index(models.F("level"), models.F("period"), models.F("org_unit_id"), name="won_sum_unit"),
                    models.Index(
                        models.F("owner_id"),
                        models.F("period"),
                        condition=models.Q(("level", "CELL")),
                        name="won_sum_owner",
                    ),
                    models.Index(
                        models.F("level"),
                        models.F("period"),
                        condition=models.Q(("folded", False)),
                        name="won_sum_fresh",
                    ),
                    models.Index(
                        condition=models.Q(("level", "OWNER")),
                        fields=["period", "currency", "owner_id"],
                        include=("org_unit_id", "company_id", "deals", "value"),
                        name="won_sum_best",
                    ),
                ],
            },
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL(functions() + TRIGGERS, DROP),
    ]
