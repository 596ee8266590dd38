"""The published holidays and make-up days, from the library; editable from then on."""

from django.db import migrations


def seed(apps, schema_editor):
    from chinese_calendar.constants import holidays, workdays

    Day = apps.get_model("kernel", "WorkCalendarDay")
    rows = [
        Day(date=day, is_workday=is_workday, kind=kind, name=name, source="OFFICIAL")
        for days, is_workday, kind in ((holidays, False, "HOLIDAY"), (workdays, True, "MAKEUP"))
        for day, name in days.items()
    ]
    Day.objects.bulk_create(sorted(rows, key=lambda row: row.date))


def unseed(apps, schema_editor):
    apps.get_model("kernel", "WorkCalendarDay").objects.filter(source="OFFICIAL").delete()


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(seed, unseed)]
