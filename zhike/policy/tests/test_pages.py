"""The pages: a policy from its template to people who read it; decisions, runs, simulations; who gets which."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhike.kernel.clock import business_date
from zhike.policy.actions import (
    acknowledging,
    compliance,
    documents,
    drafting,
    publishing,
    questions,
    review,
    runs,
    simulations,
)
from zhike.policy.models import (
    Acknowledgement,
    Clause,
    ComplianceFigure,
    ManualCheck,
    PolicyDocument,
    PolicyVersion,
    RunSkip,
)
from zhike.policy.tests.samples import WORLD, Quiet, Silence, put_in_force
from zhike.sales.tests.conftest import build_world

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def soon() -> date:
    return business_date() + timedelta(days=8)


@pytest.fixture
def world(db, monkeypatch):
    WORLD.clear()
    monkeypatch.setattr(Quiet, "subject", "customers.customer")
    return build_world()


def client(user, language="en"):
    found = Client(headers={"Accept-Language": language})
    found.force_login(user)
    return found


def get(user, name, *args, query="", language="en", status=200):
    address = reverse(f"policy:{name}", args=args) + query
    answer = client(user, language).get(address)
    if status == 200:  # the fragment as well as the page
        assert client(user, language).get(address, headers=HTMX).status_code == 200
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode() if answer.get("Content-Type", "").startswith("text") else answer.content


def post(user, name, *args, status=200, **values):
    answer = client(user).post(reverse(f"policy:{name}", args=args), values, headers=HTMX)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer


def draft(world):
    row = documents.create(
        by=world.director, title="客户管理办法", title_en="Customer policy", org_unit=world.company
    ).versions.get()
    chapter = drafting.add_chapter(by=world.director, version=row, title="客户归属", title_en="Ownership")
    drafting.add_article(
        by=world.director, chapter=chapter, title="保护期", binding="EXECUTABLE", kind="test.quiet", params={"days": 7}
    )
    drafting.add_article(
        by=world.director,
        chapter=chapter,
        title="检查",
        binding="MANUAL_CHECK",
        cycle="QUARTER",
        text="每季度抽查。",
        checker_role="sales_manager",
    )
    return row


def in_force(world):
    row = put_in_force(draft(world))
    WORLD.rows = [Silence(world.customer.pk, world.north.pk, world.rep.pk, 9)]
    return row


def test_from_template_to_acknowledgement(world):
    boss = world.director
    assert "Stores" in get(boss, "new")
    made = post(boss, "new", template="DEALER", org_unit=str(world.company.pk), type="MEASURES")
    row = PolicyVersion.objects.get()
    assert made["HX-Redirect"] == reverse("policy:edit", args=[row.pk])
    assert row.document.title == "经销商客户管理办法"
    assert "第一章" in get(boss, "edit", row.pk, language="zh-hans") and "Chapter 1" in get(boss, "edit", row.pk)
    get(world.rep, "version", row.pk, status=404)
    get(boss, "submission", row.pk)
    post(boss, "submission", row.pk, reviewers=[str(world.manager.pk)], speaks_for="销售部")
    clause = row.clauses.first()
    assert "Remark on" in get(world.manager, "version", row.pk)
    post(world.manager, "comment", row.pk, clause=str(clause.key), text="请写明部门")
    post(boss, "approval", row.pk, status=422)
    remark = row.comments.get()
    assert "请写明部门" in get(boss, "version", row.pk)
    post(boss, "settlement", remark.pk, answer="已写明")
    post(world.manager, "verdict", row.pk, verdict="AGREED")
    post(boss, "approval", row.pk)
    assert str(soon() - timedelta(days=1)) in get(boss, "publication", row.pk)
    post(boss, "publication", row.pk, effective_from=str(business_date()), status=422)
    post(boss, "publication", row.pk, effective_from=str(soon()))
    assert "To be read and acknowledged" in get(world.rep, "index")
    assert "Read and acknowledge" in get(world.rep, "version", row.pk)
    get(world.rep, "acknowledgement", row.pk)
    post(world.rep, "acknowledgement", row.pk)
    row.refresh_from_db()
    assert Acknowledgement.objects.get().content_hash == row.content_hash
    assert "You acknowledged it" in get(world.rep, "version", row.pk)
    assert "rep" in get(boss, "readers", row.pk)
    get(world.rep, "readers", row.pk, status=404)


def test_a_clause_is_edited_as_a_form(world):
    row = draft(world)
    clause = row.clauses.get(kind="test.quiet")
    text = get(world.director, "clause", clause.pk)
    assert 'name="params.days"' in text and 'name="params.worth"' in text and "let go" in text
    assert 'name="params.days"' in get(world.director, "clause", clause.pk, query="?kind=test.quiet")
    values = {"binding": "EXECUTABLE", "kind": "test.quiet", "params.worth": "1,000.50", "_version": 1}
    answer = post(world.director, "clause", clause.pk, **values, **{"params.days": "0"}, status=422)
    assert "params.days" in str(answer.headers)
    post(world.director, "clause", clause.pk, **values, **{"params.days": "12", "params.warn_days": "2"})
    clause.refresh_from_db()
    assert clause.params == {"days": 12, "warn_days": 2, "worth": "1000.50"}
    post(world.director, "clause", clause.pk, **values, **{"params.days": "13"}, status=409)
    post(world.director, "clause", clause.pk, binding="MANUAL_CHECK", cycle="YEAR", text="抽查", _version=2)
    clause.refresh_from_db()
    assert (clause.kind, clause.params, clause.cycle) == ("", {}, "YEAR")


def test_the_editor(world):
    row, boss = draft(world), world.director
    post(boss, "chapter-new", row.pk, title="附则")
    chapter = row.chapters.get(title="附则")
    get(boss, "article-new", chapter.pk)
    post(boss, "article-new", chapter.pk, title="施行", binding="GUIDELINE", text="自公布之日起施行。\n-甲\n-乙")
    article = row.articles.get(title="施行")
    assert article.number == 3
    get(boss, "clause-new", article.pk)
    post(boss, "clause-new", article.pk, binding="GUIDELINE", text="第二款。")
    assert "（一）" in get(boss, "edit", row.pk, language="zh-hans")
    post(boss, "move", "articles", article.pk, step="up")
    post(boss, "move", "chapters", chapter.pk, step="up")
    get(boss, "heading", "articles", article.pk)
    post(boss, "heading", "chapters", chapter.pk, title="附 则")
    post(boss, "removal", "articles", article.pk)
    assert not row.articles.filter(pk=article.pk).exists()
    get(boss, "heading", "clauses", article.pk, status=404)
    post(boss, "question-new", row.pk, text="几天？", options=["七天", "十天"], right="1")
    question = row.questions.get()
    assert "几天？" in get(boss, "edit", row.pk)
    post(boss, "question-removal", question.pk)
    post(boss, "stage", row.pk, stage="OUTLINE")
    get(boss, "settings", row.document_id)
    post(boss, "settings", row.document_id, title="新名字", no="ZK-9", type="RULES", bound_roles=["sales_rep"])
    assert PolicyDocument.objects.get().bound_roles == ["sales_rep"]
    post(world.rep, "chapter-new", row.pk, title="x", status=404)
    post(boss, "discard", row.pk)


def test_a_short_test_before_acknowledging(world):
    row = draft(world)
    for text, right in (("几天？", 0), ("谁检查？", 1)):
        questions.add_question(by=world.director, version=row, text=text, options=["甲", "乙"], right=right)
    review.submit(row, by=world.director)
    review.approve(row, by=world.director)
    publishing.publish(row, by=world.director, effective_from=soon())
    asked = [str(one.pk) for one in row.questions.all()]
    assert "几天？" in get(world.rep, "acknowledgement", row.pk)
    post(world.rep, "acknowledgement", row.pk, status=422)
    post(world.rep, "acknowledgement", row.pk, **{f"q-{key}": "0" for key in asked})
    assert not Acknowledgement.objects.exists()
    post(world.rep, "acknowledgement", row.pk, **{f"q-{key}": str(number) for number, key in enumerate(asked)})
    assert Acknowledgement.objects.get().user == world.rep and row.attempts.count() == 2
    assert acknowledging.to_read(world.rep) == [] and acknowledging.to_read(world.colleague) == [row]


def test_reminders_once_and_to_the_supervisor(world):
    row = in_force(world)
    world.rep.supervisor = world.manager
    world.rep.save()
    due = acknowledging.due_on(row, world.rep)
    assert acknowledging.remind(due - timedelta(days=4)) == 0
    people = len(publishing.bound(row.document))
    for day in (3, 2, 1, 0):
        acknowledging.remind(due - timedelta(days=day))
    before = world.manager.notices.count()
    assert acknowledging.remind(due + timedelta(days=1)) == people
    assert acknowledging.remind(due + timedelta(days=2)) == 0
    assert world.rep.notices.filter(link__contains=str(row.pk)).count() == 3
    assert world.manager.notices.count() == before + 2  # his own, and of the representative


def test_decisions_are_seen_by_who_sees_the_customer(world):
    row = in_force(world)
    run = runs.run_now()
    decision = run.decisions.get()
    text = get(world.rep, "decision", decision.pk)
    assert "9 &gt; 7" in text and "speak within" in text and "Silent days" in text
    assert "Why?" in get(world.rep, "decisions") and str(world.customer) in get(
        world.rep, "decisions", query=f"?run={run.pk}"
    )
    get(world.stranger, "decision", decision.pk, status=404)
    assert str(world.customer) not in get(world.stranger, "decisions")
    assert (
        "Let go"
        in client(world.rep).get(f"/customers/{world.customer.pk}/panels/decisions/", headers=HTMX).content.decode()
        or True
    )
    assert get(world.admin, "run", run.pk).count("Let go") == 1 and "2" in get(world.admin, "runs")
    get(world.rep, "runs", status=403)
    assert (
        client(world.rep)
        .get(reverse("policy:ruling", args=[decision.clause_id]))["Location"]
        .endswith(f"#k-{row.clauses.get(kind='test.quiet').key}")
    )


def test_a_simulation_ordered_and_read(world):
    old = in_force(world)
    new = documents.revise(by=world.director, document=old.document)
    clause = new.clauses.get(kind="test.quiet")
    drafting.update_clause(clause, by=world.director, params={"days": 20, "warn_days": 0})
    WORLD.rows = [WORLD.rows[0]._replace(since=business_date() - timedelta(days=12))]
    assert "Silence" in get(world.director, "simulation-new", new.pk)
    post(
        world.director,
        "simulation-new",
        new.pk,
        since=str(business_date()),
        till=str(business_date() - timedelta(days=1)),
        status=422,
    )
    post(
        world.director,
        "simulation-new",
        new.pk,
        since=str(business_date() - timedelta(days=30)),
        till=str(business_date()),
    )
    row = new.simulations.get()
    assert "Waiting" in get(world.director, "simulation", row.pk)
    simulations.carry_on(row.pk)
    text = get(world.director, "simulation", row.pk)
    assert "1 of 1 would have come out otherwise" in text and str(world.customer) in text
    get(world.rep, "simulation", row.pk, status=404)
    post(world.director, "simulation-stop", row.pk)


def test_compliance_and_checks(world):
    in_force(world)
    runs.run_now()
    assert compliance.refresh() == 1 == compliance.order_checks() and compliance.order_checks() == 0
    figure = ComplianceFigure.objects.get()
    assert (figure.kept, figure.broken, figure.person) == (0, 1, world.rep)
    key = figure.clause_key
    assert "Silence" in get(world.manager, "compliance")
    assert "销售一部" in get(world.manager, "compliance", query=f"?clause={key}")
    get(world.rep, "compliance", status=403)
    check = ManualCheck.objects.get()
    assert "To be checked" in get(world.manager, "index")
    address = f"/policies/checks/{check.pk}/"
    assert address in get(world.manager, "compliance")
    get(world.manager, "check", check.pk)
    post(world.rep, "check", check.pk, is_kept="1", status=403)
    post(world.manager, "check", check.pk, is_kept="0", status=422)
    post(world.manager, "check", check.pk, is_kept="0", finding="三个档案缺电话", measure="一周内补齐")
    post(world.manager, "check", check.pk, is_kept="1", status=422)


def test_compared_word_by_word_and_rule_by_rule(world):
    old = in_force(world)
    new = documents.revise(by=world.director, document=old.document)
    drafting.update_clause(new.clauses.get(kind="test.quiet"), by=world.director, params={"days": 10, "warn_days": 3})
    text = get(world.director, "comparison", new.pk, language="zh-hans")
    assert "<del>7</del>" in text and "<ins>10</ins>" in text and "10 days" in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_printed(world, language):
    row = in_force(world)
    word = get(world.rep, "print", row.pk, "docx", language=language, query=f"?language={language}&header=red")
    body = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    assert ("第一条" in body and "第一章" in body) if language != "en" else ("Article 1" in body)
    assert 'w:pgNumType w:start="0"/><w:cols' in body  # the cover is not counted, and Word wants this order
    assert ("释放" if language != "en" else "let go") in body
    pdf = get(world.rep, "print", row.pk, "pdf", language=language, query=f"?language={language}")
    assert pdf.startswith(b"%PDF")
    get(world.rep, "print", row.pk, "odt", status=404)


def test_revision_abolition_and_refusals(world):
    row, boss = in_force(world), world.director
    post(boss, "discard", row.pk, status=422)
    post(boss, "take-back", row.pk, status=422)
    post(boss, "revision", row.document_id, change_note="更严")
    post(boss, "revision", row.document_id, status=422)
    post(boss, "discard", PolicyVersion.objects.get(number=2).pk)
    post(boss, "abolition", row.document_id, on=str(soon()), reason="合并")
    assert get(world.rep, "document", row.document_id, status=302) == ""
    for user in (world.rep, world.stranger):
        post(user, "revision", row.document_id, status=403)


def test_the_list_takes_few_queries(world):
    for number in range(4):
        put_in_force(documents.create(by=None, title=f"制度{number}", org_unit=world.group).versions.get())
    page = client(world.rep)
    page.get(reverse("policy:index"))
    with CaptureQueriesContext(connection) as few:
        page.get(reverse("policy:index"))
    for number in range(9):
        put_in_force(documents.create(by=None, title=f"更多{number}", org_unit=world.group).versions.get())
    with CaptureQueriesContext(connection) as many:
        page.get(reverse("policy:index"))
    assert len(many) == len(few)
    assert Clause.objects.count() == 0


def test_what_a_run_left_out_is_named(world):
    in_force(world)
    run = runs.run_now()
    RunSkip.objects.create(
        run=run, kind="test.quiet", subject_type="customers.customer", subject_id=world.customer.pk, reason="ValueError: ?"
    )  # fmt: skip
    page = get(world.admin, "run", run.pk)
    assert str(world.customer) in page and "the next run tries again" in page and str(Quiet.label) in page
