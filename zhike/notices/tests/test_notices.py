"""Who is told, in which language, and what counts as read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy

from zhike.kernel.clock import now
from zhike.notices.actions import forget_old, mark_read, notify
from zhike.notices.models import Notice
from zhike.staff.models import OrgUnit, User

TEXT = gettext_lazy("%(who)s commented on %(record)s: %(text)s")
PARAMS = {"who": "Anna", "record": "东海", "text": "ok"}


@pytest.fixture
def people(db: Any) -> list[User]:
    group = OrgUnit.objects.create(name="集团", kind="GROUP")
    found = []
    for name, language in (("anna", "en"), ("bing", "zh-hans"), ("chen", "")):
        user = User(username=name, name=name, org_unit=group, language=language)
        user.set_unusable_password()
        user.save()
        found.append(user)
    return found


def client_of(user: User) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


def test_each_is_told_once_in_his_own_language_and_nobody_of_his_own_doing(people: list[User]) -> None:
    anna, bing, chen = people
    assert notify([anna, bing, bing, None, chen], TEXT, PARAMS, link="/x/", by=anna) == 2
    assert Notice.objects.get(user=bing).text == "Anna 评论了东海：ok"
    assert Notice.objects.get(user=chen).text == "Anna 评论了东海：ok"
    assert not Notice.objects.filter(user=anna).exists()


def test_leavers_are_not_told(people: list[User]) -> None:
    people[0].disabled_at = now()
    assert notify([people[0]], "x") == 0


def test_following_a_notice_reads_it(people: list[User]) -> None:
    anna, bing, _chen = people
    notify([anna], "Look", link="/components/")
    notice = Notice.objects.get()
    assert client_of(bing).get(reverse("notices:follow", args=[notice.pk])).status_code == 404
    response = client_of(anna).get(reverse("notices:follow", args=[notice.pk]))
    assert response["Location"] == "/components/"
    assert not Notice.objects.of(anna).unread().exists()


def test_a_link_elsewhere_is_not_followed(people: list[User]) -> None:
    notify([people[0]], "Look", link="https://evil.example/")
    response = client_of(people[0]).get(reverse("notices:follow", args=[Notice.objects.get().pk]))
    assert response["Location"] == reverse("notices:list")


def test_the_bell_counts_up_to_a_bound(people: list[User]) -> None:
    for number in range(105):
        notify([people[0]], f"n{number}")
    client = client_of(people[0])
    assert "99+" in client.get(reverse("notices:bell")).content.decode()
    assert "99+" in client.get("/").content.decode()
    assert mark_read(by=people[0]) == 105
    assert "count" not in client.get(reverse("notices:bell")).content.decode()


def test_pages(people: list[User]) -> None:
    for number in range(60):
        notify([people[0]], f"notice {number:02}")
    client = client_of(people[0])
    first = client.get(reverse("notices:list")).content.decode()
    assert "notice 59" in first and "notice 05" not in first
    older = first.split('href="?before=')[1].split('"')[0]
    assert "notice 05" in client.get(reverse("notices:list") + f"?before={older}").content.decode()
    assert client.get(reverse("notices:latest")).status_code == 200
    assert client.get(reverse("notices:list") + "?before=nonsense").status_code == 200


def test_old_read_notices_are_forgotten(people: list[User]) -> None:
    notify([people[0]], "old")
    notify([people[0]], "new")
    Notice.objects.filter(text="old").update(created_at="2020-01-01T00:00Z", read_at="2020-01-01T00:00Z")
    assert forget_old() == 1
