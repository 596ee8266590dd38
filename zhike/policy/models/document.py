"""A written policy (制度、管理办法): what it is called, whom it binds, who looks after it (glossary 160)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from zhike.access.rights import rights_of
from zhike.kernel.models import BaseModel

if TYPE_CHECKING:
    from zhike.staff.models import User


class PolicyDocumentQuerySet(models.QuerySet["PolicyDocument"]):
    def within(self, user: User, permission: str) -> PolicyDocumentQuerySet:
        """The documents a user may do ``permission`` to."""
        reach = rights_of(user).reach(permission)
        if reach.everything:
            return self
        if reach.nothing:
            return self.none()
        units, companies = list(reach.org_unit_ids), list(reach.company_ids)
        return self.filter(
            Q(author_id=reach.user_id) | Q(org_unit_id__in=units) | Q(org_unit__company_id__in=companies)
        )

    def binding(self, user: User) -> PolicyDocumentQuerySet:
        """Those with a published version that bind the user: of his unit or one above it."""
        roles = [role.code for role in user.roles.all()]
        return self.filter(
            Q(bound_roles=[]) | Q(bound_roles__overlap=roles),
            org_unit_id__in=user.org_unit.path,
            versions__state="PUBLISHED",
        ).distinct()

    def visible_to(self, user: User) -> PolicyDocumentQuerySet:
        """What binds the user, what he may work on or watch over, and what he was asked to review."""
        keys = Q(pk__in=self.model.objects.binding(user).values("pk"))
        keys |= Q(pk__in=self.model.objects.within(user, "policy.document.view").values("pk"))
        keys |= Q(versions__participants__user=user)
        return self.filter(keys).distinct()


class PolicyDocument(BaseModel):
    """``org_unit`` is its scope: it holds there and below, unless a more specific one rules.

    ``bound_roles``: codes of the roles that must read it; none: everybody in scope. Titles in both languages; an
    empty English one is printed in Chinese.
    """

    class Type(models.TextChoices):
        MEASURES = "MEASURES", _("Measures")
        SYSTEM = "SYSTEM", _("Policy")
        RULES = "RULES", _("Detailed rules")
        PROCEDURE = "PROCEDURE", _("Procedure")

    no = models.CharField(_("Number"), max_length=40, unique=True)
    title = models.CharField(_("Title"), max_length=120)
    title_en = models.CharField(_("Title in English"), max_length=160, blank=True)
    type = models.CharField(_("Type"), max_length=10, choices=Type, default=Type.MEASURES)
    org_unit = models.ForeignKey("staff.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("Holds for"))
    department = models.ForeignKey(
        "staff.OrgUnit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Department in charge")
    )
    author = models.ForeignKey(
        "staff.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("policy", "Author"),
    )
    bound_roles = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("Binds roles"))
    template = models.CharField(_("Template"), max_length=40, blank=True, editable=False)
    review_months = models.PositiveSmallIntegerField(_("Reviewed every months"), default=12)
    reviewed_on = models.DateField(_("Last reviewed on"), null=True, editable=False)
    abolished_on = models.DateField(_("Abolished on"), null=True, editable=False)

    objects = PolicyDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Policy document")
        verbose_name_plural = _("Policy documents")
        ordering = ("no",)

    def __str__(self) -> str:
        return self.title_in(get_language() or "")

    def title_in(self, language: str) -> str:
        return self.title if language.startswith("zh") else self.title_en or self.title
