"""A life as rows for COPY: the ledger, the pool, registrations, decisions and what people see of them."""

from __future__ import annotations

import json
import random
import uuid
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from zhike.kernel.clock import business_date, start_of_day
from zhike.ownership.clauses.protection import ProtectionKind, Registered
from zhike.ownership.clauses.tracing import Claims, Filed, Holder, walk_claims
from zhike.ownership.models import PoolStay, Registration
from zhike.ownership.rules.days import DAY
from zhike.policy.decisions import freeze
from zhike.policy.force import Ruling
from zhike.policy.kinds import Outcome, kind_of
from zhike.sample_company.load import array, key_at, line, vector
from zhike.sample_company.year.desk import NIGHT, Claim, contacts
from zhike.sample_company.year.lives import Life, Period
from zhike.sample_company.year.nights import run_of
from zhike.sample_company.year.subjects import Person, ruling_on
from zhike.search.tokens import tokens

COLUMNS: dict[str, tuple[str, ...]] = {
    "ledger": ("id", "customer_id", "owner_id", "org_unit_id", "company_id", "since", "until", "acquired_by", "acquired_note",
               "acquired_actor_id", "end_reason", "end_note", "end_actor_id"),
    "stay": ("id", "customer_id", "pool_id", "since", "until", "previous_owner_id", "reason", "note", "undo"),
    "pick": ("id", "user_id", "customer_id", "pool_id", "at", "day", "counts"),
    "notice": ("id", "ownership_id", "on", "ends_on", "days_left", "trigger"),
    "decision": ("id", "kind", "clause_id", "version_id", "article_number", "subject_type", "subject_id", "org_unit_id",
                 "person_id", "as_of", "occasion", "facts", "outcome", "data", "decided_at", "run_id"),
    "registration": ("id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "search_tokens", "reg_no",
                     "customer_id", "type", "status", "registered_at", "registered_with_id", "evidence", "valid_until",
                     "lapsed_on", "ended_at", "stated_name", "stated_keys", "project"),
    "extension": ("id", "created_at", "updated_at", "customer_id", "ownership_id", "days", "reason", "state",
                  "requested_by_id", "decided_by_id", "decided_at", "note"),
    "appeal": ("id", "created_at", "updated_at", "customer_id", "ownership_id", "by_id", "reason", "state", "opened_at",
               "due_at", "decided_at", "decided_by_id", "note"),
    "lock": ("id", "created_at", "updated_at", "customer_id", "owner_id", "reason", "expires_at"),
    "event": ("id", "at", "action", "actor_id", "via", "subject_type", "subject_id", "subject_label", "thread_id", "data"),
    # Temporary tables, from which statements for all follow.
    "met": ("customer_id", "author_id", "at"),
    "wrote": ("customer_id", "author_id", "since", "until"),
    "lived": ("customer_id",),
    "pooled": ("customer_id", "company_id", "since"),
}  # fmt: skip
EXTENDED = ("客户在走内部预算流程，预计两周内给答复。", "方案已提交，等待技术评审。", "客户决策人出差，约定月底面谈。")
APPEALED = (
    "出差期间已电话沟通，记录补录晚了。",
    "客户要求年后再联系，已书面说明。",
    "跟进由同事代为完成，系统未计入。",
)
UPHELD = "情况属实，恢复原归属。"
REJECTED = "超过期限没有有效跟进记录，维持回收。"
Texts = dict[str, list[str]]


class Writer:
    """The rows of one life."""

    def __init__(self, life: Life, texts: Texts) -> None:
        self.life, self.texts = life, texts
        self.house, self.subject = life.house, life.subject
        self.rng = random.Random(f"{life.subject.key}")  # noqa: S311 - sample data
        self.people = self._people()

    def _people(self) -> dict[int, Person]:
        """Who each slot is: the last is who has him today, or had him last."""
        life = self.life
        slots = max([one.slot for one in life.periods] + [one.slot for one in life.claims])
        found = {life.periods[-1].slot: self.house.person(self.subject.owner)}
        if life.left_slot is not None and self.house.leaver is not None:
            found[life.left_slot] = self.house.leaver[0]
        for slot in range(slots, -1, -1):
            near = {found[one].key for one in (slot - 1, slot + 1) if one in found}
            free = [one for one in self.house.sellers if one.key not in near] or list(self.house.sellers)
            found.setdefault(slot, self.rng.choice(free))
        return found

    def put(self, table: str, *values: Any) -> None:
        self.texts[table].append(line(values))

    def key(self, moment: datetime) -> str:
        return key_at(self.rng, moment)

    def write(self) -> None:
        life = self.life
        self._queue_slot()
        if len(life.periods) > 1 or life.in_pool:
            self._ledger()
        for one in life.decided:
            self._decided(one.day, one.period, one.fact, one.outcome)
        if life.claims:
            self._registered()
        for period in life.periods:
            self._extended(period)
        for appealed in life.appeals:
            self._appealed(appealed)
        if life.lock is not None:
            self.put("lock", self.key(life.lock), life.lock, life.lock, self.subject.key, self.subject.owner,
                     "重点项目，正在投标。", life.lock + timedelta(days=30))  # fmt: skip

    def _queue_slot(self) -> None:
        """Who waits behind the holder today is a colleague of his."""
        for claim in self.life.claims[1:]:
            if claim.slot < 0:
                claim.slot = max(self.people) + 1
                holder = self.people[self.life.claims[0].slot].key
                others = [one for one in self.house.sellers if one.key != holder] or list(self.house.sellers)
                self.people[claim.slot] = self.rng.choice(others)

    # Ledger and pool ---------------------------------------------------------------------------------------------
    def _ledger(self) -> None:
        life, subject = self.life, self.subject
        self.put("lived", subject.key)
        for place, one in enumerate(life.periods):
            person = self.people[one.slot]
            actor = person.key if one.how == "PICK" else self.house.judge if one.how == "HANDOVER" else None
            ender = {"RETURN": person.key, "HANDOVER": self.house.judge}.get(one.end)
            self.put("ledger", one.key, subject.key, person.key, person.unit, self.house.key, one.since, one.until, one.how,
                     one.note, actor, one.end, one.end_note, ender)  # fmt: skip
            following = life.periods[place + 1].since if place + 1 < len(life.periods) else None
            self.put("wrote", subject.key, person.key, one.since if place else datetime(2000, 1, 1, tzinfo=one.since.tzinfo),
                     following or datetime(9000, 1, 1, tzinfo=one.since.tzinfo))  # fmt: skip
            if one.how == "PICK":
                self.put("pick", self.key(one.since), person.key, subject.key, self.house.pool, one.since,
                         business_date(one.since), True)  # fmt: skip
                self._event("ownership.customer.pick", one.since, person.key)
            elif one.how == "REGISTER":
                self._event("ownership.customer.next", one.since, None, to_name=person.name, number=one.note)
            elif one.how == "RESTORE":
                self._event("ownership.customer.restore", one.since, None)
            elif one.how == "HANDOVER":
                former = self.people[life.periods[place - 1].slot].name
                self._event(
                    "ownership.customer.handover", one.since, self.house.judge, from_name=former, to_name=person.name
                )
        for stay in life.stays:
            person = self.people[stay.slot]
            undo = {"owner": str(person.key), "org_unit": str(person.unit), "company": str(self.house.key), "tasks": [],
                    "registrations": []}  # fmt: skip
            self.put("stay", self.key(stay.since), subject.key, self.house.pool, stay.since, stay.until, person.key, stay.reason,
                     stay.note, undo)  # fmt: skip
            if stay.reason != "RECLAIM":
                self._event("ownership.customer.return", stay.since, person.key, note=stay.note,
                            reason=str(PoolStay.Reason(stay.reason).label), pool=self.house.pool_name)  # fmt: skip
        if life.in_pool:
            self.put("pooled", subject.key, self.house.key, life.periods[-1].until)

    def _event(self, action: str, moment: datetime, actor: uuid.UUID | None, **data: Any) -> None:
        self.put("event", self.key(moment), moment, action, actor, "PAGE" if actor else "JOB", "customers.customer",
                 self.subject.key, self.subject.name[:120], self.subject.key, data)  # fmt: skip

    # Decisions ---------------------------------------------------------------------------------------------------
    def _decide(self, ruling: Ruling[Any], day: date, person: Person, fact: Any, outcome: Outcome) -> str:
        moment = start_of_day(day) + NIGHT + timedelta(seconds=self.rng.randrange(3, 60))
        key = self.key(moment)
        self.put("decision", key, ruling.kind, ruling.clause_id, ruling.version_id, ruling.article_number,
                 "customers.customer", self.subject.key, person.unit, person.key, day, "",
                 _json(freeze(fact)), outcome.code, _json(outcome.data), moment, run_of(day))  # fmt: skip
        return key

    def _decided(self, day: date, period: Period, fact: Any, outcome: Outcome) -> None:
        person = self.people[period.slot]
        ruling = ruling_on(self.house.reclaim, day)
        near = tuple(one for one in fact.holidays if fact.acquired_on <= one <= day + 30 * DAY)
        fact = fact._replace(
            person_id=person.key,
            org_unit_id=person.unit,
            ownership_id=period.key,
            holidays=near,
            rule_since=self.house.began,
        )
        key = self._decide(ruling, day, person, fact, outcome)
        data = outcome.data
        if outcome.code == "WARN":
            moment = start_of_day(day) + NIGHT
            self.put("notice", self.key(moment), period.key, day, data["ends_on"], data["days_left"], data["trigger"])
        elif period.until is not None:
            self._event("ownership.customer.reclaim", period.until, None, why=period.end_note, decision=key,
                        article=ruling.article_number)  # fmt: skip

    def _registered(self) -> None:
        life, filed = self.life, []
        for claim in life.claims:
            person = self.people[claim.slot]
            for at in claim.chain:
                self.put("met", self.subject.key, person.key, at)
            met = [(at, counts) for at, counts in self.subject.met if life.slot_at(at) == claim.slot]
            row = Registered(
                claim.key, claim.number, person.key, person.name, claim.at, claim.valid_until,
                contacts(claim, [*met, *((at, True) for at in claim.chain)]), filed=claim.type in Registration.FILED,
            )  # fmt: skip
            filed.append(Filed(row, claim.ends if claim.converted else None, person.unit))
            self._registration(claim, person)
        owner = self.people[life.claims[0].slot]
        turn = Holder(life.claims[0].at, owner.key, owner.unit)
        history = Claims(self.subject.key, owner.unit, tuple(filed), (turn,))
        params = ruling_on(self.house.protection, life.today).params
        for day, fact, outcome in walk_claims(kind_of(ProtectionKind), params, history, self.house.began, life.today):
            person = next((one for one in self.people.values() if one.key == fact.person_id), owner)
            self._decide(ruling_on(self.house.protection, day), day, person, fact, outcome)

    def _registration(self, claim: Claim, person: Person) -> None:
        status, ended = "ACTIVE", None
        if claim.converted is not None:
            status, ended = "CONVERTED", claim.converted
        elif claim.lapsed is not None:
            status = "EXPIRED" if claim.expired else "LAPSED"
            ended = start_of_day(claim.lapsed) + timedelta(minutes=50)
        names = [self.subject.name]
        self.put("registration", claim.key, claim.at, ended or claim.at, self.house.key, person.unit, person.key,
                 vector(tokens(names, (), [claim.number])), claim.number, self.subject.key, claim.type, status, claim.at,
                 self.house.desk, "来访登记单" if self.house.visits else "项目报备表", claim.valid_until, claim.lapsed, ended,
                 self.subject.name[:100], array([]), "" if self.house.visits else f"{self.subject.name[:40]}采购项目")  # fmt: skip

    # What people asked for ---------------------------------------------------------------------------------------
    def _extended(self, period: Period) -> None:
        person = self.people[period.slot]
        for grant, asked in period.grants:
            granted = asked + timedelta(hours=5)
            self.put("extension", self.key(asked), asked, granted, self.subject.key, period.key, grant.days,
                     self.rng.choice(EXTENDED), "GRANTED", person.key, self.house.desk, granted, "同意。")  # fmt: skip

    def _appealed(self, one: Any) -> None:
        person = self.people[one.period.slot]
        state = "OPEN" if one.decided is None else "UPHELD" if one.upheld else "REJECTED"
        self.put("appeal", self.key(one.opened), one.opened, one.decided or one.opened, self.subject.key, one.period.key,
                 person.key, self.rng.choice(APPEALED), state, one.opened, one.opened + timedelta(days=3), one.decided,
                 self.house.judge if one.decided else None,
                 "" if one.decided is None else UPHELD if one.upheld else REJECTED)  # fmt: skip
        self._event("ownership.customer.appeal", one.opened, person.key)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def empty() -> Texts:
    return defaultdict(list)
