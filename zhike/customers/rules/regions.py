"""Provinces, prefectures and counties by their six-digit code (GB/T 2260; R1.7).

The table is the one python-stdnum carries, with the years in which a code was in force: abolished codes stay
valid on old records and are shown with the year they ended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

# The mainland's 22 provinces, 5 regions, 4 cities; Hong Kong, Macau and Taiwan.
_SPECIAL = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}
# Steps of the code that are no place: 北京市 市辖区 东城区, 湖北省 省直辖县级行政单位 仙桃市.
_EMPTY_NAMES = {"市辖区", "县", "省直辖县级行政单位", "自治区直辖县级行政单位"}
_LINE = re.compile(r'^(?P<indent> *)(?P<code>\d+) (?P<kind>province|county)="(?P<names>[^"]*)"')
_PERIOD = re.compile(r"^\[(?P<since>\d*)-(?P<until>\d*)\](?P<name>.*)$")
_SHORT = re.compile(r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|盟)$")


@dataclass(frozen=True)
class Region:
    """A division. ``until``: the year its code was abolished, None while it is in force."""

    code: str
    name: str
    until: int | None = None

    @property
    def in_force(self) -> bool:
        return self.until is None

    @property
    def level(self) -> int:
        """1 province, 2 prefecture, 3 county."""
        return 1 if self.code.endswith("0000") else 2 if self.code.endswith("00") else 3


@cache
def table() -> dict[str, Region]:
    """Every known code, abolished ones too."""
    found: dict[str, Region] = {}
    province = ""
    for line in files("stdnum").joinpath("cn/loc.dat").read_text("utf-8").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        if match["kind"] == "province":
            province = match["code"]
            name = _SPECIAL.get(province, match["names"])
            found[f"{province}0000"] = Region(f"{province}0000", name)
        elif match["code"] != "0000":
            code = province + match["code"]
            found[code] = _latest(code, match["names"])
    return found


def _latest(code: str, names: str) -> Region:
    """The last name a code had: ``[-1991]东郊区,[1992-]东丽区`` is 东丽区."""
    best = Region(code, names)
    for position, part in enumerate(names.split(",")):
        period = _PERIOD.match(part)
        region = (
            Region(code, period["name"], int(period["until"]) if period["until"] else None)
            if period
            else Region(code, part)
        )
        if position == 0 or (region.until or 9999) >= (best.until or 9999):
            best = region
    return best


def find(code: str) -> Region | None:
    return table().get(code)


def path(code: str) -> list[Region]:
    """Province, prefecture, county of a code, as far as it goes; names without meaning (市辖区) left out."""
    steps = [code[:2] + "0000", code[:4] + "00", code]
    found = [region for step in dict.fromkeys(steps) if (region := table().get(step))]
    return [region for region in found if region.name not in _EMPTY_NAMES]


@cache
def full_name(code: str) -> str:
    """``广东省 深圳市 南山区``; an abolished code says so; an unknown one stands for itself."""
    steps = path(code)
    if not steps:
        return code
    text = " ".join(region.name for region in steps)
    return text if steps[-1].in_force else f"{text}(至{steps[-1].until}年)"


def children(code: str = "") -> tuple[Region, ...]:
    """The divisions in force right under a code: provinces under ``""``."""
    return _below().get(code, ())


@cache
def _below() -> dict[str, tuple[Region, ...]]:
    found: dict[str, list[Region]] = {}
    for region in table().values():
        if region.in_force:
            above = {1: "", 2: region.code[:2] + "0000", 3: region.code[:4] + "00"}[region.level]
            found.setdefault(above, []).append(region)
    return {code: tuple(regions) for code, regions in found.items()}


@cache
def province_and_prefecture_names() -> frozenset[str]:
    """Names and short names (深圳市, 深圳) of the two upper levels."""
    names = {region.name for region in table().values() if region.level < 3}
    return frozenset(names | {short for name in names if len(short := _SHORT.sub("", name)) >= 2}) - {
        "市辖",
        "县",
    }


@cache
def _by_name() -> dict[str, str]:
    """Written names to codes. Codes in force win over abolished ones, upper levels over lower ones."""
    found: dict[str, str] = {}
    for code, region in sorted(table().items(), key=lambda item: (not item[1].in_force, item[1].level)):
        if region.name in _EMPTY_NAMES:
            continue
        steps = path(code)
        found.setdefault("".join(step.name for step in steps), code)
        found.setdefault("".join(_SHORT.sub("", step.name) if step.level < 3 else step.name for step in steps), code)
        if region.level < 3:
            found.setdefault(region.name, code)
            found.setdefault(_SHORT.sub("", region.name), code)
    return found


@lru_cache(maxsize=4096)
def from_text(text: str) -> str | None:
    """The code of a code or of written names: ``440305``, ``广东省深圳市南山区``, ``广东 深圳``."""
    compact = re.sub(r"[\s/,,、>\-]+", "", text)
    if re.fullmatch(r"[0-9]{6}", compact):
        return compact if compact in table() else None
    return _by_name().get(compact)


def search(text: str, most: int = 30) -> list[tuple[str, str]]:
    """(code, full name) of regions in force whose name holds the text, upper levels first."""
    wanted = re.sub(r"\s+", "", text)
    found = [
        region
        for region in table().values()
        if region.in_force and region.name not in _EMPTY_NAMES and wanted in (region.name + region.code)
    ]
    found.sort(key=lambda region: (region.level, not region.name.startswith(wanted), region.code))
    return [(region.code, full_name(region.code)) for region in found[:most]]
