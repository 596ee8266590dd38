"""How contact records are imported: with their original author and date, at the customer they belong to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from zhike.activities.actions.interactions import create
from zhike.activities.models import FollowUpRecord
from zhike.activities.rules.effective import Method
from zhike.customers.models import Contact
from zhike.customers.rules.names import name_key
from zhike.kernel.clock import now
from zhike.kernel.errors import DomainError
from zhike.records.fields import Field
from zhike.records.importing.importer import Draft, Importer, Key, register_importer
from zhike.records.kinds import Kind
from zhike.staff.models import User


@register_importer
class InteractionImporter(Importer):
    """Contact records. The customer is found by number or by a name that only one has; never by the first hit."""

    kind = "interactions"
    names = {
        "customer": (
            "客户", "客户名称", "客户编号", "公司", "公司名称", "customer", "account", "company", "customer number",
        ),
        "contact": ("联系人", "联系人姓名", "contact", "contact name", "contact person"),
        "author": ("跟进人", "记录人", "拜访人", "业务员", "销售", "作者", "author", "by", "sales agent", "user",
                   "created by"),
        "happened_at": (
            "时间", "跟进时间", "跟进日期", "联系时间", "联系日期", "拜访时间", "拜访日期", "沟通时间", "沟通日期",
            "日期", "date", "time", "happened at", "contacted at",
        ),
        "method": ("方式", "跟进方式", "联系方式", "拜访方式", "沟通方式", "method", "type", "channel",
                   "activity type"),
        "content": ("内容", "跟进内容", "跟进记录", "沟通内容", "拜访内容", "记录", "content", "notes", "note",
                    "description", "subject"),
        "result": ("结果", "跟进结果", "result", "outcome"),
        "next_step": ("下一步", "下步计划", "next step", "next action"),
        "next_contact_at": (
            "下次联系时间", "下次联系日期", "下次跟进时间", "下次跟进日期", "下次跟进", "下次联系", "下次拜访",
            "next contact",
        ),
    }  # fmt: skip
    words = {
        "method": {
            "PHONE": ("打电话", "电话沟通", "电话联系", "电话拜访", "致电", "手机"),
            "VISIT": ("上门拜访", "上门", "登门拜访", "实地拜访", "走访"),
            "MEETING": ("面谈", "会面", "开会"),
            "WECHAT": ("微信沟通", "微信联系"),
            "EMAIL": ("电子邮件", "电邮"),
            "SMS": ("短信沟通", "短信通知"),
            "VIDEO": ("视频会议", "线上会议", "腾讯会议"),
            "RECEPTION": ("来访", "到访", "接待"),
        },
    }  # fmt: skip
    without = frozenset({"owner", "about_type", "about_id"})
    extra = (Field("contact", gettext_lazy("Contact person"), Kind.TEXT, max_length=60),)

    def required(self) -> set[str]:
        return {"customer", "happened_at"}

    def prepare(self, draft: Draft) -> None:
        wrong = {name for name, _problem in draft.problems}
        if draft.values.get("customer") is None and "customer" not in wrong:
            draft.refuse(_("Say which customer it was."), "customer")
        if draft.values.get("happened_at") is None and "happened_at" not in wrong:
            draft.refuse(_("Say when it was."), "happened_at")
        elif "happened_at" in draft.values and draft.values["happened_at"] > now():
            draft.refuse(_("This lies in the future."), "happened_at")
        draft.values.setdefault("method", Method.OTHER)

    def keys(self, draft: Draft) -> list[Key]:
        """The same words about the same customer at the same time are the same record."""
        values = draft.values
        return [Key("same", (values["customer"].pk, values["happened_at"], (values.get("content") or "")[:200]))]

    def existing(self, keys: Iterable[Key]) -> dict[Key, list[uuid.UUID]]:
        wanted = set(keys)
        rows = FollowUpRecord.objects.filter(
            trashed_at=None,
            customer_id__in={key.value[0] for key in wanted},
            happened_at__in={key.value[1] for key in wanted},
        )
        found: dict[Key, list[uuid.UUID]] = {}
        for customer_id, happened_at, content, pk in rows.values_list("customer_id", "happened_at", "content", "pk"):
            key = Key("same", (customer_id, happened_at, content[:200]))
            if key in wanted:
                found.setdefault(key, []).append(pk)
        return found

    @property
    def create_verb(self) -> Callable[..., Any]:
        return create

    def create(self, drafts: list[Draft], by: User) -> None:
        _find_contacts(drafts)
        for draft in drafts:
            if not draft.problems:
                self.create_one(draft, by)

    def create_one(self, draft: Draft, by: User) -> None:
        draft.values |= {"origin": FollowUpRecord.Origin.IMPORT, "plan": False}
        super().create_one(draft, by)

    def remove(self, rows: list[Any], by: User) -> None:
        """One by one: the customer's clocks go back."""
        for row in rows:
            try:
                self.description.trash(row, by=None)
            except DomainError:
                continue


def _find_contacts(drafts: list[Draft]) -> None:
    """Put contacts in the place of their names: those of the row's own customer only."""
    named = [draft for draft in drafts if isinstance(draft.values.get("contact"), str)]
    if not named:
        return
    rows = Contact.objects.filter(trashed_at=None, customer_id__in={draft.values["customer"].pk for draft in named})
    known: dict[tuple[Any, str], list[Contact]] = {}
    for row in rows.filter(name_key__in={name_key(draft.values["contact"]) for draft in named}):
        known.setdefault((row.customer_id, row.name_key), []).append(row)
    for draft in named:
        text = draft.values["contact"]
        found = known.get((draft.values["customer"].pk, name_key(text)), [])
        if len(found) == 1:
            draft.values["contact"] = found[0]
        else:
            draft.refuse(_("The customer has no contact, or several, called “%(text)s”."), "contact", text=text)


@register_importer
class TaskImporter(Importer):
    """Tasks; each row is one of its own."""

    kind = "tasks"
    names = {
        "title": ("任务", "任务名称", "标题", "事项", "待办", "task", "subject", "to do"),
        "customer": ("客户", "客户名称", "客户编号", "公司", "公司名称", "customer", "account", "company"),
        "owner": ("负责人", "执行人", "处理人", "assignee", "assigned to", "owner"),
        "due_on": ("截止日期", "到期日", "完成期限", "due", "due date", "deadline"),
    }
    identifiers = ("title",)
    # What a task is about is kept as a type and a key, which no file has.
    without = frozenset({"about_type", "about_id"})
