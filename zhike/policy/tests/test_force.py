"""Which clause rules whom, on which day; what is published stays as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from zhike.kernel.clock import business_date
from zhike.kernel.errors import Refused
from zhike.policy import force
from zhike.policy.models import Clause, PolicyVersion
from zhike.policy.tests.samples import Quiet, document, put_in_force, version

pytestmark = pytest.mark.django_db


def days(*args, **kwargs):
    found = force.params(Quiet, *args, **kwargs)
    return None if found is None else found.days


def holds(where, number, *, since=None, till=None):
    return put_in_force(version(document(where), params={"days": number, "warn_days": 0}), since, till)


def test_nothing_in_force_is_none(org):
    version(document(org.group))
    assert days(org.team) is None
    assert not force.table(Quiet)


def test_the_most_specific_scope_wins(org):
    for where, number in ((org.group, 10), (org.north, 20), (org.sales, 30), (org.team, 40)):
        holds(where, number)
        assert days(org.team) == number
    assert [days(where) for where in (org.sales, org.north, org.south, org.group, None)] == [30, 20, 10, 10, 10]
    table = force.table(Quiet)
    for where in (org.team, org.sales, org.north, org.south, org.group):
        assert table.of(where.pk)[1] == force.params(Quiet, where.pk)


def test_dates_decide(org):
    holds(org.group, 10, since=business_date() - timedelta(days=20), till=business_date() - timedelta(days=10))
    newer = holds(org.group, 11, since=business_date() - timedelta(days=10), till=business_date() + timedelta(days=1))
    assert days(org.team, as_of=business_date() - timedelta(days=21)) is None
    assert days(org.team, as_of=business_date() - timedelta(days=20)) == 10
    assert days(org.team, as_of=business_date() - timedelta(days=11)) == 10
    assert days(org.team, as_of=business_date() - timedelta(days=10)) == 11
    assert days(org.team) == 11
    assert days(org.team, as_of=business_date() + timedelta(days=1)) is None
    assert newer.standing() == "IN_FORCE" and newer.standing(business_date() + timedelta(days=1)) == "SUPERSEDED"


def test_of_two_in_one_scope_the_newer_rules(org):
    holds(org.group, 10, since=business_date() - timedelta(days=5))
    holds(org.group, 11, since=business_date() - timedelta(days=9))
    assert days(org.team) == 10
    assert force.table(Quiet).of(org.team.pk)[1].days == 10


def test_few_queries(org):
    holds(org.group, 10)
    holds(org.sales, 30)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        force.params(Quiet, org.team.pk)
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        table = force.table(Quiet)
        for where in (org.team, org.sales, org.south):
            table.of(where.pk)
    assert len(asked) == 2


def test_a_draft_in_place_of_what_is_in_force(org):
    row = holds(org.group, 10)
    draft = version(row.document, params={"days": 99, "warn_days": 0})
    assert force.table(Quiet, instead=draft).of(org.team.pk)[1].days == 99
    assert force.table(Quiet).of(org.team.pk)[1].days == 10


def test_params_that_no_longer_fit_are_refused_in_words(org):
    put_in_force(version(document(org.group), params={"days": 5, "colour": "red"}))
    with pytest.raises(Refused) as error:
        force.params(Quiet, org.team)
    assert "colour" in error.value.fields and "1" in str(error.value.message)


def test_the_database_refuses_to_change_what_is_published(org):
    row = holds(org.group, 10)
    clause = Clause.objects.get(version_of=row)
    for change in (
        lambda: Clause.objects.filter(pk=clause.pk).update(params={"days": 1}),
        lambda: clause.delete(),
        lambda: Clause.objects.create(version_of=row, article=clause.article, text="x"),
        lambda: PolicyVersion.objects.filter(pk=row.pk).update(effective_from=business_date()),
        lambda: PolicyVersion.objects.filter(pk=row.pk).update(state="DRAFT"),
        lambda: PolicyVersion.objects.filter(pk=row.pk).delete(),
        lambda: row.chapters.update(title="x"),
        lambda: row.articles.update(number=7),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    PolicyVersion.objects.filter(pk=row.pk).update(
        effective_to=business_date() + timedelta(days=9), end_reason="SUPERSEDED"
    )


def test_two_versions_of_a_document_never_overlap(org):
    row = holds(org.group, 10, since=business_date() - timedelta(days=9), till=business_date())
    other = version(row.document)
    with pytest.raises(IntegrityError), transaction.atomic():
        put_in_force(other, business_date() - timedelta(days=1))
    put_in_force(other, business_date())
