"""The query that scopes rows does what the scopes say, whatever the organisation looks like."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.access.worlds import MODELS, World, build, give, reaches
from zhike.access.models import OwnedRecord
from zhike.access.permissions import Scope
from zhike.access.rights import rights_of
from zhike.access.scoped import Scoped
from zhike.access.take import allowed, see
from zhike.kernel.clock import now
from zhike.kernel.errors import NotFound
from zhike.staff.models import RoleAssignment, User

drawn = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
SCOPES = [scope.value for scope in Scope]
WIDER = {
    "SELF": ["DEPT", "DEPT_AND_CHILD", "DEPT_CUSTOM", "COMPANY", "ALL"],
    "DEPT": ["DEPT_AND_CHILD", "COMPANY", "ALL"],
    "DEPT_AND_CHILD": ["COMPANY", "ALL"],
    "DEPT_CUSTOM": ["ALL"],
    "COMPANY": ["ALL"],
    "ALL": [],
}


EVERY = {model: Scoped(model, lambda rows: rows) for model in MODELS}


def seen(model: type[OwnedRecord], user: User) -> set[Any]:
    return set(model.objects.visible_to(user).values_list("pk", flat=True))


def may_see(row: Model, user: User) -> bool:
    try:
        return see(type(row), row.pk, by=user).pk == row.pk  # type: ignore[type-var]
    except NotFound:
        return False


class Scopes(TestCase):
    def draw_grant(
        self, data: Any, world: World, user: User, code: str, model: type[OwnedRecord]
    ) -> tuple[str, list[Any]]:
        scope = data.draw(st.sampled_from(SCOPES))
        chosen = data.draw(st.lists(st.sampled_from(world.units), max_size=2)) if scope == "DEPT_CUSTOM" else []
        give(user, code, model, scope, chosen)
        return scope, chosen

    @drawn
    @given(st.data(), st.sampled_from(MODELS))
    def test_the_list_is_what_each_record_says(self, data: Any, model: type[OwnedRecord]) -> None:
        world = build(data)
        user = data.draw(st.sampled_from(world.people))
        grants = [
            self.draw_grant(data, world, user, code, model) for code in ("a", "b")[: data.draw(st.integers(1, 2))]
        ]
        user = world.fresh(user)
        rows = list(model.objects.select_related("org_unit"))
        expected = {row.pk for row in rows if any(reaches(user, row, scope, chosen) for scope, chosen in grants)}
        assert seen(model, user) == expected
        assert {row.pk for row in rows if may_see(row, user)} == expected
        reach = rights_of(user).reach(model.permission("view"))
        assert {row.pk for row in rows if reach.covers(row)} == expected
        assert allowed(rows, user, model.permission("view")) == expected
        assert {row.pk for row in EVERY[model](user)} == expected

    @drawn
    @given(st.data(), st.sampled_from(MODELS))
    def test_a_wider_grant_never_hides(self, data: Any, model: type[OwnedRecord]) -> None:
        world = build(data)
        user = data.draw(st.sampled_from(world.people))
        scope, _chosen = self.draw_grant(data, world, user, "a", model)
        before = seen(model, world.fresh(user))
        for wider in WIDER[scope]:
            give(user, "a", model, wider)
            assert before <= seen(model, world.fresh(user)), (scope, wider)

    @drawn
    @given(st.data(), st.sampled_from(MODELS))
    def test_two_roles_see_what_either_sees(self, data: Any, model: type[OwnedRecord]) -> None:
        world = build(data)
        user = data.draw(st.sampled_from(world.people))
        apart = set()
        for code in ("a", "b"):
            self.draw_grant(data, world, user, code, model)
            apart |= seen(model, world.fresh(user))
            assignment = RoleAssignment.objects.filter(user=user, role__code__startswith=code)
            assignment.update(user=User.objects.create(username=f"parked-{code}", name="x", org_unit=user.org_unit))
        RoleAssignment.objects.update(user=user)
        assert seen(model, world.fresh(user)) == apart

    @drawn
    @given(st.data())
    def test_a_leaver_sees_nothing_and_no_role_is_nothing(self, data: Any) -> None:
        world = build(data)
        leaver, stranger = world.people[:2]
        for model in MODELS:
            give(leaver, "a", model, "ALL")
        User.objects.filter(pk=leaver.pk).update(disabled_at=now())
        for model in MODELS:
            for user in (world.fresh(leaver), world.fresh(stranger)):
                assert seen(model, user) == set()
                assert not rights_of(user).may(model.permission("view"))
