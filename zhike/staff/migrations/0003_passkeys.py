import django.db.models.deletion
import zhike.kernel.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0002_rights_version'),
    ]

    operations = [
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', models.UUIDField(default=zhike.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='Created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='Updated at')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='Version')),
                ('name', models.CharField(max_length=60, verbose_name='Name')),
                ('credential_id', models.CharField(editable=False, max_length=1364, unique=True)),
                ('credential', models.BinaryField()),
                ('sign_count', models.BigIntegerField(default=0, editable=False, verbose_name='Signatures counted')),
                ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='Last used at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passkeys', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'Passkey',
                'verbose_name_plural': 'Passkeys',
                'ordering': ('created_at', 'id'),
            },
        ),
    ]
