"""A decision: what a clause made of which facts about whom. Written once, never changed (POL-4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.clock import now
from zhike.kernel.ids import uuid7


class DecisionQuerySet(models.QuerySet["Decision"]):
    def about(self, subject_id: Any) -> DecisionQuerySet:
        """Newest first. The caller has checked that its reader may see the subject."""
        return self.filter(subject_id=subject_id).order_by("-decided_at", "-id")

    def one_by_one(self, page: int = 5000) -> Iterator[Decision]:
        """In the order of their keys, some at a time: a million of them fill gigabytes."""
        rows, last = self.order_by("pk"), None
        while found := list((rows if last is None else rows.filter(pk__gt=last))[:page]):
            yield from found
            last = found[-1].pk


class Decision(models.Model):
    """``as_of`` is the business date it was decided for; ``occasion`` tells apart several decisions of one kind about
    one subject on one day (the number of a registration, the key of a claim); empty for nightly ones.

    Visible to whoever sees the subject.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("Kind of clause"), max_length=60)
    # Clause and run begin indexes below.
    clause = models.ForeignKey(
        "policy.Clause", models.PROTECT, related_name="decisions", verbose_name=_("Clause"), db_index=False
    )
    version = models.ForeignKey("policy.PolicyVersion", models.PROTECT, related_name="+", verbose_name=_("Version"))
    article_number = models.PositiveIntegerField(_("Article"))
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    org_unit = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, null=True, related_name="+", verbose_name=_("Department")
    )
    person = models.ForeignKey("staff.User", models.PROTECT, null=True, related_name="+", verbose_name=_("Person"))
    as_of = models.DateField(_("For"))
    occasion = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(_("Facts"), encoder=DjangoJSONEncoder)
    outcome = models.CharField(_("Outcome"), max_length=40)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    run = models.ForeignKey(
        "policy.Run", models.PROTECT, null=True, related_name="decisions", verbose_name=_("Run"), db_index=False
    )
    decided_at = models.DateTimeField(_("Decided at"), default=now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Decision")
        verbose_name_plural = _("Decisions")
        ordering = ("-decided_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("clause", "subject_id", "as_of", "outcome", "occasion"), name="policy_decided_once"
            )
        ]
        indexes = [
            models.Index(
                "subject_id", models.F("decided_at").desc(), models.F("id").desc(), name="policy_decision_subject"
            ),
            models.Index("kind", models.F("as_of").desc(), models.F("id").desc(), name="policy_decision_kind"),
            models.Index("run", "kind", "outcome", name="policy_decision_run"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome} {self.as_of}"
