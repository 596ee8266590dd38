"""Words that the articles of ownership share, in both languages of a policy."""

from __future__ import annotations

from datetime import date
from typing import Any

TRIGGERS = {
    "NO_FOLLOW_UP": ("无有效跟进", "without effective contact"),
    "NO_OPPORTUNITY": ("未建立商机", "without a new opportunity"),
    "NO_DEAL": ("未成交", "without a deal"),
    "HOLD_TOO_LONG": ("占有客户", "held"),
    "NO_FIRST_CONTACT": ("领取或分配后未首次跟进", "without a first contact after claim or assignment"),
}
EXEMPT = {
    "LOCKED": ("已锁定", "locked by the owner"),
    "DEAL": ("已成交", "who have bought"),
    "OPEN_OPPORTUNITY": ("商机正在推进", "with an opportunity in work"),
    "DEPOSIT": ("已交定金", "who have paid a deposit"),
    "CLASH": ("撞单尚未裁定", "with a clash not decided"),
    "APPEAL": ("申诉尚未裁定", "with an appeal not decided"),
    "VIP": ("按等级由专属团队服务", "served by an own team by the treatment of their grade"),
}
RELATIONS = {"SPOUSE": ("配偶", "spouse"), "PARENT": ("父母", "parents"), "CHILD": ("子女", "children")}
DEPOSITS = {
    "EARNEST": ("定金", "earnest money"),
    "ADVANCE": ("订金", "advance payment"),
    "SINCERITY": ("诚意金", "sincerity money"),
    "SUBSCRIPTION": ("认筹金", "subscription money"),
}
CRITERIA = {
    "GROUP_OWNER": ("集团客户负责人或框架协议", "owner of the group account or a framework agreement"),
    "REGISTRATION": ("有效登记（报备）", "a valid registration"),
    "TERRITORY": ("区域或行业归属", "territory or industry"),
    "FIRST_CONTACT": ("最早的有效接触", "the earliest effective contact"),
    "CUSTOMER_CHOICE": ("客户书面意愿", "the customer's written choice"),
    "EXECUTIVE": ("管理层裁定", "a decision of the management"),
}


def zh(language: str) -> bool:
    return language.startswith("zh")


def say(words: dict[str, tuple[str, str]], code: str, language: str) -> str:
    """A code in the language."""
    chinese, english = words.get(code, (code, code))
    return chinese if zh(language) else english


def listed(words: dict[str, tuple[str, str]], codes: Any, language: str) -> str:
    return ("、" if zh(language) else ", ").join(say(words, code, language) for code in codes)


def days(count: int, counting: str, language: str) -> str:
    """``7日``, ``7个工作日``; ``7 days``, ``7 working days``."""
    if zh(language):
        return f"{count}个工作日" if counting == "WORKING" else f"{count}日"
    kind = "working day" if counting == "WORKING" else "day"
    return f"{count} {kind}{'' if count == 1 else 's'}"


FIELDS = {
    "STATUS": ("状态", "status"),
    "GRADE": ("等级", "grade"),
    "TAG": ("标签", "tag"),
    "SOURCE": ("来源", "source"),
    "REGION": ("地区", "region"),
    "INDUSTRY": ("行业", "industry"),
}


def not_counted(rows: Any, language: str) -> str:
    """``标签“老客户”、等级“A”``; ``tag “old”, grade “A”``."""
    said = [
        f"{say(FIELDS, one.field, language)}“{one.value}”"
        if zh(language)
        else f"{say(FIELDS, one.field, language)} “{one.value}”"
        for one in rows
    ]
    return ("、" if zh(language) else ", ").join(said)


def day(value: date | str | None) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
