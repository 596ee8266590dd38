"""The administrator's pages, one's own account and the API reference: readable and usable by everybody."""

from __future__ import annotations

from typing import Any

import pytest

from zhike.administration.tests.people import group, person, unit
from zhike.sales.actions.pipeline import install_presets
from zhike.staff.models import Role

LOOKS = [("desk", "zh-hans", "LIGHT"), ("phone", "en", "DARK")]


@pytest.mark.parametrize(("size", "language", "theme"), LOOKS)
def test_the_settings_are_clean(surf: Any, size: str, language: str, theme: str) -> None:
    company = unit(group(), "COMPANY")
    admin, rep = person(company, "admin"), person(company, "sales_rep")
    install_presets(by=None)
    role = Role.objects.get(code="sales_rep")
    settings = ["", "organisation/", f"organisation/{company.pk}/", "people/", "people/new/", f"people/{rep.pk}/"]
    settings += ["roles/", "roles/new/", f"roles/{role.pk}/", f"roles/{role.pk}/fields/customers/", "fields/customers/"]
    settings += ["fields/customers/new/", "security/", "calendar/", "tokens/", "access/"]
    pages = [f"/settings/{path}" for path in settings]
    pages += [f"/account/{path}" for path in ("", "security/", "password/", "second-factor/", "sessions/")]
    pages += ["/pipelines/", "/opportunities/board/", "/import/", "/api/v1/docs"]
    surfer = surf(admin, size=size, language=language, theme=theme)
    for path in pages:
        assert surfer.go(path).status == 200, path
        assert surfer.fits(), path
        assert surfer.axe() == [], path
        surfer.shot(f"settings-{pages.index(path)}-{size}-{language}")
    assert surfer.errors == []


def test_a_page_that_is_not_there_says_so(surf: Any) -> None:
    surfer = surf(person(None, "sales_rep"), size="phone")
    for path in ("/nothing/", "/settings/people/", "/pipelines/"):
        assert surfer.go(path).status == 404, path
        assert surfer.axe() == [], path
