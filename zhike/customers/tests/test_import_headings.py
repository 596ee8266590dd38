"""Which field a heading goes into."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from zhike.customers.models import Customer
from zhike.customers.tests.test_import_breaks import bring
from zhike.records.importing.header import guess_columns
from zhike.records.importing.slots import importable, slots_for

pytestmark = pytest.mark.django_db


def test_every_label_of_every_type_is_the_fields_own(admin):
    for of in importable(admin):
        slots = slots_for(of.name, admin)
        targets = [slot.target for slot in slots]
        for column, language in enumerate(("zh-hans", "en")):
            with override(language):
                for slot in slots:
                    (guess,) = guess_columns([slot.labels[column]], targets)
                    assert (guess.key, guess.sure) == (slot.key, True), (of.name, slot.labels)


@pytest.mark.parametrize("heading", ["标签", "Tags", "tag", "labels"])
def test_tags_are_no_colours(admin, heading):
    bring(admin, f"名称,{heading}\n东海精密机械有限公司,重点;华东\n", "customers")
    row = Customer.objects.get()
    assert (row.tags, row.preferred_colours) == (["重点", "华东"], [])
