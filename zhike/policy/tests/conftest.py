"""A group of two companies."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from zhike.policy.tests.samples import WORLD, person, unit


@pytest.fixture
def org(db: None) -> SimpleNamespace:
    WORLD.clear()
    group = unit("集团", None, "GROUP")
    north, south = unit("北方公司", group, "COMPANY"), unit("南方公司", group, "COMPANY")
    sales = unit("销售部", north, "DEPARTMENT")
    team = unit("一组", sales, "TEAM")
    return SimpleNamespace(
        group=group, north=north, south=south, sales=sales, team=team,
        rep=person("rep", team), boss=person("boss", sales), other=person("other", south),
    )  # fmt: skip
