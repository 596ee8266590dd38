"""A record type that only tests have: every kind of column, made beside the real ones."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from zhike.access.permissions import Permission, Scope, permissions
from zhike.kernel.models import DerivedCharField
from zhike.records import registry
from zhike.records.description import Description, Section
from zhike.records.kinds import Kind
from zhike.records.models import RecordModel
from zhike.records.registry import register
from zhike.search.tokens import pinyin_key

VERBS = ("view", "create", "change", "delete", "assign", "export")
for _verb in VERBS:
    _code = f"tests.gadget.{_verb}"
    permissions().setdefault(_code, Permission(_code, _code, defaults={"sales_rep": Scope.SELF}))


class Gadget(RecordModel):
    """Something to list."""

    permission_noun = "tests.gadget"

    class Stage(models.TextChoices):
        NEW = "NEW", "新"
        OPEN = "OPEN", "进行中"
        DONE = "DONE", "完成"

    name = models.CharField("名称", max_length=80)
    stage = models.CharField("阶段", max_length=8, choices=Stage, default=Stage.NEW)
    amount = models.DecimalField("金额", max_digits=14, decimal_places=2, null=True, blank=True)
    units = models.IntegerField("数量", null=True, blank=True)
    due = models.DateField("到期", null=True, blank=True)
    seen_at = models.DateTimeField("见于", null=True, blank=True)
    hot = models.BooleanField("热", default=False)
    note = models.TextField("备注", blank=True)
    homepage = models.URLField("网址", blank=True)
    phones = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name="电话")
    handles = models.JSONField("账号", default=list, blank=True)
    addresses = models.JSONField("地址", default=list, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上级", db_constraint=False
    )
    pinyin_key = DerivedCharField(max_length=200, source="make_pinyin_key")

    class Meta:
        app_label = "records_tests"
        verbose_name = "物件"
        verbose_name_plural = "物件"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="gadget_amount_positive",
                violation_error_message="The amount is not below zero.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def make_pinyin_key(self) -> str:
        return pinyin_key(self.name)

    def search_texts(self) -> dict[str, list[str]]:
        return {"names": [self.name], "phones": list(self.phones)}


class Gadgets(Description):
    model = Gadget
    name = "gadgets"
    fields = ("name", "stage", "amount", "units", "due", "seen_at", "hot", "owner", "org_unit", "tags", "phones",
              "note", "homepage", "parent", "created_at", "handles", "addresses")  # fmt: skip
    columns = ("name", "stage", "amount", "owner", "due", "tags")
    sorts = ("-created_at", "name", "amount")
    sort_keys = {"name": "pinyin_key"}
    filters = ("stage", "owner", "amount")
    kinds = {
        "amount": Kind.MONEY,
        "phones": Kind.PHONES,
        "handles": Kind.HANDLES,
        "addresses": Kind.ADDRESSES,
    }
    totals = ("amount", "units")
    related = ("owner",)
    import_key = ("name",)
    form = (
        Section("主要", ("name", "stage", "amount", "units", "due", "seen_at", "hot", "owner", "parent")),
        Section("完成", ("note", "homepage"), when=("stage", ("OPEN", "DONE"))),
        Section("联系", ("phones", "handles", "addresses", "tags")),
    )


_description: list[Description] = []


def install() -> Description:
    """Make the type known."""
    if not _description:
        register(Gadgets)
        _description.append(registry.describe("gadgets"))
    registry._by_name["gadgets"] = _description[0]
    registry._by_model[Gadget] = _description[0]
    return _description[0]


def uninstall() -> None:
    registry._by_name.pop("gadgets", None)
    registry._by_model.pop(Gadget, None)
