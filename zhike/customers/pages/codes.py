"""The table of regions for the cascade of province, city and district."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from zhike.customers.rules import regions


@require_safe
@cache_control(private=True, max_age=86400)
def region_tree(request: HttpRequest) -> HttpResponse:
    """``[[code, name, [[code, name, …]]]]`` of the codes in force."""
    return JsonResponse(_tree(), safe=False, json_dumps_params={"ensure_ascii": False})


@cache
def _tree() -> list[Any]:
    return [[province.code, province.name, _under_province(province.code)] for province in regions.children()]


def _under_province(code: str) -> list[Any]:
    """Cities with their districts. The four cities that are provinces stand for themselves on this level."""
    whole = regions.table()[code].name
    found: list[Any] = []
    for city in regions.children(code):
        districts = [[one.code, one.name, []] for one in regions.children(city.code) if one.name != "市辖区"]
        found.append([city.code, whole if city.name == "市辖区" else city.name, districts])
    return found
