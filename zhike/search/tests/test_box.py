"""The box: commands in both languages and by pinyin, records within the rights, what was opened last."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from zhike.search import commands, registry
from zhike.search.recent import forget_old, recent, remember
from zhike.search.registry import Group, Hit
from zhike.staff.models import OrgUnit, User

KEY, HIDDEN = uuid.uuid4(), uuid.uuid4()


class Asked:
    def __init__(self, text: str) -> None:
        self.text, self.steps = text, ["weigh", "send", "answer"]

    def step(self, name: str) -> None:
        assert self.steps.pop(0) == name

    def weigh(self) -> None:
        self.step("weigh")

    def send(self) -> None:
        self.step("send")

    def answer(self) -> Group:
        self.step("answer")
        hits = [Hit("东海<b>精密", "/things/1/", "王芳")] if self.text in "东海<b>精密" else []
        return Group(Things.name, "Things", Things.icon, hits, "/things/?q=x")


class Things:
    """Knows one thing, and another that nobody may see."""

    name, icon, position = "test-things", "star", 1

    def question(self, text: str, *, by: User, limit: int) -> Asked:
        return Asked(text)

    def by_keys(self, keys: list[uuid.UUID], *, by: User) -> dict[uuid.UUID, Hit]:
        return {key: Hit("东海", "/things/1/") for key in keys if key == KEY}


@pytest.fixture
def user(db: Any, monkeypatch: Any) -> User:
    monkeypatch.setattr(registry, "_providers", {"test-things": Things()})
    group = OrgUnit.objects.create(name="集团", kind="GROUP")
    user = User(username="u", name="u", org_unit=group, language="zh-hans")
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def client(user: User) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


@pytest.mark.parametrize("text", ["首页", "shouye", "sy", "home", "Home", "ｈｏｍｅ"])
def test_commands_are_found_in_every_reading(user: User, text: str) -> None:
    with translation.override("zh-hans"):
        assert commands.matching(text, user)[0].label == "前往首页"


def test_commands_need_their_permission(user: User) -> None:
    found = [choice.url for choice in commands.matching("", user, 99)]
    assert "/" in found
    assert not any("organisation" in url or "people" in url for url in found)


def test_records_are_found_and_escaped(client: Client) -> None:
    text = client.get("/search/box/", {"q": "精密"}).content.decode()
    assert "东海&lt;b&gt;<mark>精密</mark>" in text
    assert 'href="/things/1/"' in text


def test_the_page_of_results(client: Client) -> None:
    assert "东海" in client.get("/search/", {"q": "东海"}).content.decode()
    assert client.get("/search/").status_code == 200
    assert "没有找到" in client.get("/search/", {"q": "不存在"}).content.decode()


@pytest.mark.parametrize("text", ["\x00", "' OR 1=1", "\\", "%", "x" * 5000, "🙂", "\u202e"])
def test_odd_texts_do_no_harm(client: Client, text: str) -> None:
    assert client.get("/search/box/", {"q": text}).status_code == 200
    assert client.get("/search/", {"q": text}).status_code == 200


def test_recent_items_show_only_what_one_may_still_see(user: User, client: Client) -> None:
    for key in (KEY, HIDDEN, KEY):
        remember(user, "test-things", key)
    remember(user, "gone-things", KEY)
    assert [(icon, hit.label) for icon, hit in recent(user)] == [("star", "东海")]
    assert "最近打开" in client.get("/search/box/").content.decode()
    assert forget_old() == 0
