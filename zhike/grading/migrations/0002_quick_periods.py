"""The same promise of the grades for a third of the cost: the open period apart from the ended ones."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.conf import settings
from django.db import migrations, models

WORDS = "The customer already has a level of this scheme at that time."
# The open period lies behind all ended ones. Whoever writes grades has the customer's row locked. Looked at by the
# statement, and always, so that what is copied in without the database's own look at keys is looked at, too.
ORDER = """
CREATE FUNCTION grading_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose uuid;
BEGIN
    SELECT n.customer_id INTO whose FROM made n JOIN grading_grade g
        ON g.customer_id = n.customer_id AND g.scheme = n.scheme AND g.id <> n.id
        AND CASE WHEN n.until IS NULL THEN g.until > n.since ELSE g.until IS NULL AND g.since < n.until END LIMIT 1;
    IF whose IS NOT NULL THEN
        RAISE EXCEPTION 'conflicting level of customer %: grade_periods_do_not_overlap', whose
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'grade_periods_do_not_overlap';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER grading_in_order_made AFTER INSERT ON grading_grade REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION grading_in_order();
CREATE TRIGGER grading_in_order_changed AFTER UPDATE ON grading_grade REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION grading_in_order();
ALTER TABLE grading_grade ENABLE ALWAYS TRIGGER grading_in_order_made;
ALTER TABLE grading_grade ENABLE ALWAYS TRIGGER grading_in_order_changed;
"""
NO_ORDER = """
DROP TRIGGER grading_in_order_made ON grading_grade;
DROP TRIGGER grading_in_order_changed ON grading_grade;
DROP FUNCTION grading_in_order();
"""


def _index(name):
    """Few periods have these."""
    return migrations.AddIndex(
        "grade", models.Index(models.F(name), condition=models.Q(**{f"{name}__isnull": False}), name=f"grade_{name}")
    )


class Migration(migrations.Migration):
    dependencies = [("grading", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RemoveConstraint("grade", "grade_periods_do_not_overlap"),
        migrations.AlterField(
            "grade", "assessment",
            models.ForeignKey(db_index=False, null=True, on_delete=models.SET_NULL, related_name="+",
                              to="grading.assessment"),
        ),
        migrations.AlterField(
            "grade", "decided_by",
            models.ForeignKey(db_index=False, null=True, on_delete=models.PROTECT, related_name="+",
                              to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            "grade", "override",
            models.ForeignKey(db_index=False, null=True, on_delete=models.SET_NULL, related_name="grades",
                              to="grading.gradeoverride"),
        ),
        *map(_index, ("assessment", "override", "decided_by")),
        migrations.AddConstraint(
            "grade",
            django.contrib.postgres.constraints.ExclusionConstraint(
                name="grade_periods_do_not_overlap",
                expressions=[
                    ("customer", "="),
                    ("scheme", "="),
                    (models.Func(models.F("since"), models.F("until"), function="TSTZRANGE",
                                 output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), "&&"),
                ],
                condition=models.Q(until__isnull=False),
                violation_error_message=WORDS,
            ),
        ),
        migrations.AddConstraint(
            "grade",
            models.UniqueConstraint(
                fields=("customer", "scheme"), condition=models.Q(until=None), name="grade_one_open",
                violation_error_message=WORDS,
            ),
        ),
        migrations.RunSQL(ORDER, NO_ORDER),
    ]  # fmt: skip
