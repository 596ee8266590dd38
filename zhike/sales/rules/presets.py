"""Pipelines and closing reasons to begin with (domain rule R6.2). Company data: each changes its own copy."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from zhike.sales.rules.stage_entry import INVALID, LOST, OPEN, WON


@dataclass(frozen=True)
class PresetStage:
    code: str
    name: str
    name_en: str
    probability: Decimal
    kind: str = OPEN
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preset:
    name: str
    name_en: str
    stages: tuple[PresetStage, ...]


def _open(code: str, name: str, name_en: str, percent: int, *required: str) -> PresetStage:
    return PresetStage(code, name, name_en, Decimal(percent) / 100, OPEN, required)


_CLOSING = (
    PresetStage("WON", "赢单", "Won", Decimal(1), WON, ("amount",)),
    PresetStage("LOST", "输单", "Lost", Decimal(0), LOST),
    PresetStage("INVALID", "无效", "Invalid", Decimal(0), INVALID),
)

PRESETS: dict[str, Preset] = {
    "STANDARD": Preset(
        "标准销售流程",
        "Standard sales process",
        (
            _open("CONTACT", "初步接触", "First contact", 10, "customer", "contact"),
            _open("REQUIREMENT", "需求确认", "Need confirmed", 30, "need", "budget", "expected_close_on"),
            _open("PROPOSAL", "方案/报价", "Proposal and quote", 50, "amount"),
            _open("NEGOTIATION", "商务谈判", "Negotiation", 70, "decision_maker"),
            _open("CONTRACT_REVIEW", "合同评审", "Contract review", 90, "decision_process"),
            *_CLOSING,
        ),
    ),
    "REAL_ESTATE": Preset(
        "案场销售流程",
        "Real-estate sales process",
        (
            _open("VISIT", "来电/来访", "Call or visit", 10, "customer"),
            _open("TALK", "洽谈", "Talks", 30, "need"),
            _open("INTENT", "认筹", "Intent registered", 50, "budget", "expected_close_on"),
            _open("SUBSCRIPTION", "认购(定金)", "Subscribed with deposit", 80, "amount"),
            _open("SIGNING", "签约", "Signing", 90, "decision_process"),
            _open("PAYMENT", "回款", "Payment", 95),
            *_CLOSING,
        ),
    ),
}

# Outcome → code, name, name in English.
REASONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    LOST: (
        ("COMPETITOR", "竞品", "Competitor"),
        ("NO_PROJECT", "立项失败", "Project not approved"),
        ("DECISION_CHAIN", "决策链复杂", "Decision too complex"),
        ("BUDGET", "预算", "Budget"),
        ("NEED_CHANGED", "需求变化", "Need changed"),
        ("PRICE", "价格", "Price"),
        ("NO_FOLLOW_UP", "无跟进", "Not followed up"),
        ("OTHER", "其他", "Other"),
    ),
    INVALID: (
        ("DUPLICATE", "重复录入", "Entered twice"),
        ("NO_NEED", "没有真实需求", "No real need"),
        ("WRONG_CONTACT", "联系方式无效", "Cannot be reached"),
        ("OTHER", "其他", "Other"),
    ),
}
NO_FOLLOW_UP = "NO_FOLLOW_UP"
