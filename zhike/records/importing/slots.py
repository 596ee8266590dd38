"""Everything a column of a file can be, for one record type and one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import override

from zhike.access.permissions import permissions
from zhike.access.rights import rights_of
from zhike.records.description import Description
from zhike.records.fields import Field
from zhike.records.importing.header import Target
from zhike.records.importing.importer import Importer, importer_of
from zhike.records.kinds import LISTS, Kind
from zhike.records.registry import describe, descriptions
from zhike.staff.models import User

LANGUAGES = ("zh-hans", "en")
# Chat accounts are told apart by the heading.
_HANDLES = {"WECHAT": ("微信", "微信号", "WeChat"), "QQ": ("QQ", "QQ号"), "WECOM": ("企业微信", "企微", "WeCom")}
# What a column of a kind is often called whatever the field's own label is.
_OFTEN = {
    Kind.PHONES: (
        "电话", "手机", "手机号", "手机号码", "电话号码", "联系电话", "移动电话", "座机", "固定电话", "办公电话",
        "phone", "phones", "mobile", "mobile phone", "cell", "tel", "telephone", "phone number", "work phone",
    ),
    Kind.EMAILS: ("邮箱", "电子邮件", "电子邮箱", "邮件", "email", "e-mail", "mail", "email address"),
    Kind.URL: ("网址", "网站", "官网", "website", "web", "url", "homepage"),
    Kind.REGION: ("地区", "省市区", "所在地区", "区域", "region", "省", "城市", "city"),
}  # fmt: skip
_BY_NAME = {
    "owner": ("负责人", "所属人", "归属人", "业务员", "销售", "销售员", "销售代表", "跟进人", "客户经理",
              "owner", "sales rep", "salesperson", "sales agent", "assigned to"),
    "remark": ("备注", "说明", "note", "notes", "remarks", "comment", "comments"),
    "tags": ("标签", "tags", "tag", "labels", "categories"),
    "note": ("备注", "说明", "notes", "remark", "remarks", "comment"),
    "address_detail": ("地址", "详细地址", "联系地址", "address", "street"),
}  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """One thing a column can be, and what it is called: most surely by its labels, less by its names, then as its kind
    is often. ``child``: of a record in the same row (``contact``, ``contact2``)."""

    key: str
    field: Field
    labels: tuple[str, str]
    names: tuple[str, ...]
    child: str = ""
    option: str = ""
    often: tuple[str, ...] = ()

    @property
    def several(self) -> bool:
        """Several columns may feed it."""
        return self.field.kind in LISTS or self.field.kind in (Kind.HANDLES, Kind.LONG_TEXT)

    @property
    def target(self) -> Target:
        return Target(self.key, self.names, self.several, self.labels, self.often)

    def label(self, language: str) -> str:
        return self.labels[1 if language.startswith("en") else 0]


def may_import(user: User, description: Description) -> bool:
    """Whether the person may import this type: the right to import it and to create it."""
    noun = description.model.permission_noun
    needed = [f"{noun}.import", f"{noun}.create"]
    rights = rights_of(user)
    return all(code in permissions() and rights.may(code) for code in needed)


def importable(user: User) -> list[Description]:
    return [description for description in descriptions() if may_import(user, description)]


def slots_for(kind: str, user: User) -> list[Slot]:
    """The type's own fields first, then those of records in the same row."""
    importer = importer_of(kind)
    found = _slots(importer, user)
    for child in importer.children:
        if not rights_of(user).may(describe(child.kind).model.permission("create")):
            continue
        for number in range(1, child.count + 1):
            found += _of_child(importer, child, number, user)
    return found


def missing_in(kind: str, slots: list[Slot], chosen: set[str]) -> list[Slot]:
    """What a new record must have and no column is."""
    required = importer_of(kind).required()
    return [slot for slot in slots if slot.key in required and slot.key not in chosen]


def _of_child(importer: Importer, child: Any, number: int, user: User) -> list[Slot]:
    suffix = "" if number == 1 else str(number)
    prefix = child.prefix + suffix
    with override("zh-hans"):
        zh = str(child.label)
    with override("en"):
        en = str(child.label)
    found = []
    for slot in _slots(importer_of(child.kind), user):
        if slot.key in (child.link, "owner"):
            continue
        labels = (f"{zh}{suffix}{slot.labels[0]}", f"{en}{suffix} {slot.labels[1].lower()}")
        words = [f"{word}{suffix}" for word in (zh, en, *child.words)]
        names = [f"{word}{name}" for word in words for name in (*slot.labels, *slot.names)]
        often = tuple(f"{word}{name}" for word in words for name in slot.often)
        if slot.key == "name":
            names += [*words, *(f"{word}姓名" for word in words)]
        key = f"{prefix}.{slot.key}"
        names += importer.names.get(key, ())
        found.append(Slot(key, slot.field, labels, tuple(names), prefix, slot.option, often))
    return found


def _slots(importer: Importer, user: User) -> list[Slot]:
    labels: list[dict[str, str]] = []
    fields: dict[str, Field] = {}
    for language in LANGUAGES:
        with override(language):
            fields = {**importer.description.writable(user)} | {one.name: one for one in importer.extra}
            labels.append({name: str(one.label) for name, one in fields.items()})
    found: list[Slot] = []
    for name, one in fields.items():
        if one.kind in (Kind.FILE, Kind.ADDRESSES) or name in importer.without:
            continue
        pair = (labels[0][name], labels[1][name])
        names, often = (*importer.names.get(name, ()), *_BY_NAME.get(name, ())), _OFTEN.get(one.kind, ())
        if one.kind is Kind.HANDLES:
            found += [
                Slot(f"{name}:{code}", one, (known[0], known[-1]), (*known, *importer.names.get(f"{name}:{code}", ())),
                     option=code)
                for code, known in _HANDLES.items()
            ]  # fmt: skip
        else:
            found.append(Slot(name, one, pair, names, often=often))
    return found
