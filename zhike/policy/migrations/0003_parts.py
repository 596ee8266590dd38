"""Steps of a run in parts that are done side by side; two indexes that others begin with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policy", "0002_immutable")]

    operations = [
        migrations.AlterModelOptions(
            "runstep", options={"ordering": ("position", "part"), "verbose_name": "Step of a run"}
        ),
        migrations.AddField("runstep", "part", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("runstep", "upto", models.UUIDField(null=True)),
        migrations.RemoveConstraint("runstep", "policy_step_once"),
        migrations.AddConstraint(
            "runstep", models.UniqueConstraint(fields=("run", "kind", "part"), name="policy_step_once")
        ),
        migrations.AlterField(
            "decision", "clause",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="decisions",
                              to="policy.clause", verbose_name="Clause"),
        ),
        migrations.AlterField(
            "decision", "run",
            models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                              related_name="decisions", to="policy.run", verbose_name="Run"),
        ),
    ]  # fmt: skip
