"""The written policies of the sample: two documents in force, each with a version before it, and a draft in review.

By the verbs themselves, each at its moment, so that dates, events, notices and hashes are what they would be.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from zhike.kernel.clock import SHANGHAI, business_date, now
from zhike.policy.actions import documents, drafting, publishing, review
from zhike.policy.actions.questions import add_question, update_question
from zhike.policy.library import template_of
from zhike.policy.models import Acknowledgement, Attempt, PolicyDocument, PolicyVersion
from zhike.policy.questions import asked_in
from zhike.policy.rules.dates import months_later
from zhike.sample_company.moment import at
from zhike.staff.models import OrgUnit, User

# So many months before this one the first version took effect, and the second.
FIRST, SECOND = 14, 5
# Who has not read the newest version yet: one in so many.
UNREAD = 7


@dataclass(frozen=True)
class Written:
    """What one company's policy says: template, changes of its parameters in each version, by kind of clause."""

    company: str
    template: str
    no: str
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    note: str
    # Text, options, place of the right one, kind of the clause it asks about.
    questions: tuple[tuple[str, tuple[str, ...], int, str], ...] = ()


def _limits(*rows: tuple[str, int, tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{"trigger": trigger, "days": days, "grades": grades} for trigger, days, grades in rows]


DEALER_LIMITS = _limits(
    ("NO_FOLLOW_UP", 60, ("A",)), ("NO_FOLLOW_UP", 90, ("B",)), ("NO_FOLLOW_UP", 120, ("C", "")),
    ("NO_OPPORTUNITY", 365, ()), ("NO_DEAL", 540, ()), ("NO_FIRST_CONTACT", 3, ()),
)  # fmt: skip
STRICTER = _limits(
    ("NO_FOLLOW_UP", 45, ("A",)), ("NO_FOLLOW_UP", 60, ("B",)), ("NO_FOLLOW_UP", 90, ("C", "")),
    ("NO_OPPORTUNITY", 180, ()), ("NO_DEAL", 365, ()), ("NO_FIRST_CONTACT", 3, ()),
)  # fmt: skip
WRITTEN = (
    Written(
        "华瑞智能设备有限公司", "DEALER", "HR-YX-001",
        {
            "ownership.protection": {"gap_days": 30},
            "ownership.reclaim": {"limits": DEALER_LIMITS, "registered_days": 30, "extension_days": 15},
            "ownership.pick": {"first_contact_days": 3},
        },
        {
            "ownership.pick": {"first_contact_days": 3, "daily_limit": 8, "cooldown_days": 15},
            "grading.rubric": {"overdue_days": 60},
        },
        "公海领取由每日十个减为八个，原负责人的冷静期由七日延长为十五日；逾期六十日即降为最低级。",
        (
            ("C级和未分级客户多少日没有有效跟进会被回收至公海？", ("60日", "90日", "120日"), 2, "ownership.reclaim"),
            ("每人每日最多可以领取几个公海客户？", ("5个", "8个", "10个"), 1, "ownership.pick"),
            ("补录的跟进记录能否恢复已经失效的客户确认？", ("能", "不能"), 1, "ownership.protection"),
        ),
    ),
    Written(
        "华瑞家居零售有限公司", "REAL_ESTATE", "HR-AC-001",
        {
            "ownership.reclaim": {
                "limits": _limits(("NO_FOLLOW_UP", 90, ()), ("NO_DEAL", 365, ()), ("NO_FIRST_CONTACT", 1, ())),
            },
        },
        {"ownership.pick": {"daily_limit": 5}, "ownership.clash": {"evidence_hours": 24}},
        "公海领取由每日十个减为五个；撞单举证时限由四十八小时缩短为二十四小时。",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Who writes, reviews and publishes."""

    author: User
    approver: User
    reviewers: tuple[tuple[User, str], ...]


def build(rng: random.Random, *, customers_each: int) -> list[PolicyDocument]:
    """Publish both.

    Args:
        customers_each: customers of a salesperson on average, from which the cap follows.
    """
    made = []
    for written in WRITTEN:
        company = OrgUnit.objects.get(name=written.company, kind=OrgUnit.Kind.COMPANY)
        made.append(_document(rng, written, company, _cast(company), max(200, -(-customers_each // 50) * 100)))
    _in_review(made[0], _cast(made[0].org_unit))
    return made


def began(today: date | None = None) -> date:
    """The day on which the first version took effect."""
    return months_later((today or business_date()).replace(day=1), -FIRST)


def _cast(company: OrgUnit) -> Cast:
    def who(name: str) -> User:
        return User.objects.get(username=name)

    directors = User.objects.active().filter(company=company, roles__code="sales_director")
    managers = User.objects.active().filter(company=company, roles__code="sales_manager")
    author = directors.order_by("pk").first() or who("exec")
    seller = managers.order_by("pk").first() or author
    return Cast(author, who("exec"), ((who("steward"), "数据管理"), (who("finance"), "财务"), (seller, "销售")))


@contextmanager
def _on(day: date, hour: int = 10) -> Iterator[None]:
    moment = datetime.combine(day, time(hour, 20), tzinfo=SHANGHAI)
    with at(min(moment, now())):
        yield


def _document(rng: random.Random, written: Written, company: OrgUnit, cast: Cast, cap: int) -> PolicyDocument:
    template = template_of(written.template)
    first = began()
    with _on(first - timedelta(days=60)):
        document: PolicyDocument = documents.create(
            by=cast.author, title=template.title, title_en=template.title_en, org_unit=company, no=written.no,
            template=written.template, department=company,
        )  # fmt: skip
        version = document.versions.get()
        _set(version, written.first | {"ownership.capacity": {"max_owned": cap}}, cast.author)
    _publish(rng, version, cast, first)
    second = months_later(first, FIRST - SECOND)
    with _on(second - timedelta(days=40)):
        version = documents.revise(by=cast.author, document=document, change_note=written.note)
        _set(version, written.second, cast.author)
        for text, options, right, kind in written.questions:
            about = version.clauses.get(kind=kind).article
            add_question(by=cast.author, version=version, text=text, options=options, right=right, article=about)
    _publish(rng, version, cast, second)
    return document


def _set(version: PolicyVersion, params: dict[str, dict[str, Any]], by: User) -> None:
    for clause in version.clauses.filter(kind__in=params):
        drafting.update_clause(clause, by=by, params=clause.params | params[clause.kind])


def _publish(rng: random.Random, version: PolicyVersion, cast: Cast, begins: date) -> None:
    """Reviewed, approved, announced twelve days ahead, read."""
    with _on(begins - timedelta(days=30)):
        version = review.submit(version, by=cast.author, reviewers=cast.reviewers)
    with _on(begins - timedelta(days=26), 15):
        remark = review.comment(by=cast.reviewers[0][0], version=version, text="条款之间的天数请核对一致。")
        for user, _speaks_for in cast.reviewers:
            version = review.decide(version, by=user, verdict="AGREED", note="同意。")
    with _on(begins - timedelta(days=20)):
        review.settle(remark, by=cast.author, answer="已核对，确认保护与回收的天数一致。")
        version = review.approve(version, by=cast.approver)
    with _on(begins - timedelta(days=12), 9):
        version = publishing.publish(version, by=cast.approver, effective_from=begins)
    _read(rng, version, everybody=begins == began())


def _read(rng: random.Random, version: PolicyVersion, *, everybody: bool) -> None:
    """Most read it within a week; of the newest version some have not."""
    questions = list(version.questions.all())
    rows, tries = [], []
    for place, user in enumerate(publishing.bound(version.document)):
        if not everybody and place % UNREAD == UNREAD - 1 and user.username.startswith("sales"):
            continue
        assert version.published_at is not None  # noqa: S101
        moment = version.published_at + timedelta(hours=rng.randrange(2, 24 * 6), minutes=rng.randrange(60))
        row = Acknowledgement(version_of=version, user=user, content_hash=version.content_hash)
        row.created_at = row.updated_at = moment
        rows.append(row)
        if questions:
            row_ = Attempt(
                version_of=version, user=user, number=1, percent=100, passed=True,
                answers={str(one.pk): one.right for one in questions},
            )  # fmt: skip
            row_.created_at = row_.updated_at = moment
            tries.append(row_)
    _dated(Acknowledgement, rows)
    _dated(Attempt, tries)


def _dated(model: type[Any], rows: list[Any]) -> None:
    """Rows with the moment that stands in them: writing them would date them now."""
    moments = [one.created_at for one in rows]
    model.objects.bulk_create(rows, batch_size=1000)
    for one, moment in zip(rows, moments, strict=True):
        one.created_at = moment
    model.objects.bulk_update(rows, ["created_at"], batch_size=1000)


def _in_review(document: PolicyDocument, cast: Cast) -> None:
    """A revision that would release earlier, looked at by its reviewers just now."""
    today = business_date()
    with _on(today - timedelta(days=9)):
        version = documents.revise(
            by=cast.author,
            document=document,
            change_note="缩短回收期限，提高客户周转：A级四十五日、B级六十日、C级和未分级客户九十日未跟进即回收。",
        )
        _set(version, {"ownership.reclaim": {"limits": STRICTER}}, cast.author)
        for one in [asked for asked in asked_in(version) if asked.to_check]:
            # After ninety days now, no longer after a hundred and twenty.
            update_question(
                one.question, by=cast.author, text=one.question.text, options=one.question.options,
                right=one.question.options.index("90日"), article=one.article,
            )  # fmt: skip
    with _on(today - timedelta(days=6)):
        version = review.submit(version, by=cast.author, reviewers=cast.reviewers)
    clause = version.clauses.filter(kind="ownership.reclaim").first()
    key = clause.key if clause else None
    with _on(today - timedelta(days=4), 16):
        for text in ("九十日对项目型客户偏短，建议大客户部另行规定。", "请附上对去年数据的试算结果。"):
            last = review.comment(by=cast.reviewers[-1][0], version=version, text=text, clause_key=key)
        version = review.decide(version, by=cast.reviewers[1][0], verdict="AGREED", note="同意，不影响应收管理。")
    with _on(today - timedelta(days=2)):
        review.settle(last, by=cast.author, answer="已用过去十二个月的数据试算，差异清单见试算页。")
