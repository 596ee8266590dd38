"""What the living page `/components/` shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.http import HttpRequest

from zhike.kernel.clock import now

COLOURS = (
    "ground",
    "paper",
    "sunken",
    "hover",
    "press",
    "rule",
    "ink",
    "ink-2",
    "ink-3",
    "accent",
    "accent-soft",
    "red",
    "amber",
    "green",
    "blue",
    "violet",
)


@dataclass
class Gallery:
    theme: str
    colours: tuple[str, ...] = COLOURS
    moment: datetime = field(default_factory=lambda: now() - timedelta(minutes=35))
    rows: list[tuple[str, str, str, str, int]] = field(
        default_factory=lambda: [
            ("东海精密机械有限公司", "王芳", "A", "green", 1280000),
            ("苏州华联纺织品有限公司", "李强", "B", "blue", 356000),
            ("成都新希望餐饮管理有限公司", "陈晓明", "C", "", 48600),
        ]
    )

    @classmethod
    def of(cls, request: HttpRequest) -> Gallery:
        return cls(theme="dark" if request.GET.get("theme") == "dark" else "light")
