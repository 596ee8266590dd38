"""An index only of those who have a parent company or a referrer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0003_grades'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customer',
            name='parent',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='subsidiaries', to='customers.customer', verbose_name='Parent company'),
        ),
        migrations.AlterField(
            model_name='customer',
            name='referrer',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='referred', to='customers.customer', verbose_name='Referred by'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(models.F('parent'), condition=models.Q(('parent', None), _negated=True), name='customer_parent'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(models.F('referrer'), condition=models.Q(('referrer', None), _negated=True), name='customer_referrer'),
        ),
    ]
