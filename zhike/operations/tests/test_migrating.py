"""What the models promise is in the database, whichever way the migrations were run."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_every_index_and_constraint_of_the_models_is_there() -> None:
    promised = {
        promise.name
        for model in apps.get_models()
        if f"zhike.{model._meta.app_label}" in settings.MODULES and model._meta.managed
        for promise in [*model._meta.indexes, *model._meta.constraints]
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind = 'i'")
        present = {name for (name,) in cursor.fetchall()}
    assert promised
    assert not promised - present
