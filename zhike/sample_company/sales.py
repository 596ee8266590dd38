"""Sample opportunities and leads, as rows for COPY; their histories follow by SQL."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from zhike.kernel.clock import business_date
from zhike.sales.actions.pipeline import install_presets
from zhike.sales.models import Opportunity, OpportunityClosure, OpportunityStage, StageChange
from zhike.sales.rules.stuck import stuck_at
from zhike.sample_company import names
from zhike.sample_company.customers import CHANNELS, Made
from zhike.sample_company.load import array, defaulted, key_at, vector
from zhike.search.tokens import tokens

OPPORTUNITY_COLUMNS = (
    "id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "search_tokens", "number", "name",
    "customer_id", "pipeline_id", "stage_id", "state", "amount", "probability", "expected_value", "expected_close_on",
    "started_on", "source", "entered_stage_at", "last_activity_at", "stuck_at", "closed_on", "closed_value",
)  # fmt: skip
LEAD_COLUMNS = (
    "id", "created_at", "updated_at", "company_id", "org_unit_id", "owner_id", "search_tokens", "match_keys", "name",
    "company_name", "title", "source", "interest", "state", "phones", "last_activity_at",
)  # fmt: skip


class Stage(NamedTuple):
    """What the generator needs to know of a stage."""

    key: str
    pipeline: str
    kind: str
    probability: Decimal
    silent_days: int


def pipelines() -> dict[str, list[Stage]]:
    """The standard pipeline of each company: company key to its stages in order."""
    install_presets(by=None)
    found: dict[str, list[Stage]] = {}
    for stage in OpportunityStage.objects.select_related("pipeline").order_by("pipeline", "position"):
        plain = Stage(str(stage.pk), str(stage.pipeline_id), stage.kind, stage.probability, stage.silent_days)
        found.setdefault(str(stage.pipeline.company_id), []).append(plain)
    return found


class Generator:
    """Opportunities and leads of the customers that were made."""

    def __init__(self, stages: dict[str, list[Stage]], rng: random.Random, now: datetime) -> None:
        self.rng, self.now, self.stages = rng, now, stages

    def opportunity(self, number: int, customer: Made) -> tuple[Any, ...]:
        rng = self.rng
        age = (self.now - customer.created).total_seconds()
        started = customer.created + timedelta(seconds=age * rng.random())
        stages = self.stages[customer.company]
        stage = self.stage(stages, customer)
        moved = started + (self.now - started) * rng.random() * (0.6 if stage.kind == "OPEN" else 1)
        active = max(moved, customer.last_contact or moved) if stage.kind == "OPEN" else moved
        amount = round(rng.lognormvariate(11.5, 1.1), -2)
        closed = None if stage.kind == "OPEN" else business_date(moved)
        code = f"O{started.year}{number + 1:06d}"
        name = f"{customer.name}{rng.choice(names.TOPICS)}"
        stuck = None
        if stage.kind == "OPEN":
            stuck = stuck_at(
                entered_stage_at=moved, last_activity_at=active, median=None, silent_days=stage.silent_days
            )
        return (
            key_at(rng, started), started, active, customer.company, customer.unit, customer.owner,
            vector(tokens([name], (), [code])), code, name, customer.key, stage.pipeline, stage.key, stage.kind,
            f"{amount:.2f}", stage.probability, f"{amount * float(stage.probability):.2f}",
            business_date(started) + timedelta(days=rng.choice((30, 45, 60, 90, 120))), business_date(started),
            rng.choice(CHANNELS), moved, active, stuck, closed,
            f"{amount * rng.uniform(0.8, 1.05):.2f}" if stage.kind == "WON" else None,
        )  # fmt: skip

    def stage(self, stages: list[Stage], customer: Made) -> Stage:
        opened = [stage for stage in stages if stage.kind == "OPEN"]
        closing = {stage.kind: stage for stage in stages if stage.kind != "OPEN"}
        draw = self.rng.random()
        if draw < 0.28:
            return self.rng.choice(opened)
        if draw < (0.75 if customer.won else 0.4):
            return closing["WON"]
        return closing["LOST"] if draw < 0.96 else closing["INVALID"]

    def lead(self, at: Made) -> tuple[Any, ...]:
        """A lead that the owner of some customer works on."""
        rng = self.rng
        created = self.now - timedelta(days=rng.randrange(0, 200), seconds=rng.randrange(86400))
        name, phone = names.person(rng), names.mobile(rng)
        firm = f"{rng.choice(names.CITIES)[1]}{names.brand(rng)}{rng.choice(names.TRADES)[1]}有限公司"
        return (
            key_at(rng, created), created, created, at.company, at.unit, at.owner,
            vector(tokens([name, firm], [phone])), array([f"t:{phone}"]), name, firm, rng.choice(("采购经理", "总经理", "")),
            rng.choice(CHANNELS), rng.choice(names.TOPICS), rng.choice(("NEW", "NEW", "FOLLOWING", "INVALID")),
            array([phone]), created,
        )  # fmt: skip


CLOSURE_COLUMNS = (
    "id", "created_at", "updated_at", "opportunity_id", "outcome", "from_stage_id", "closed_at", "closed_on", "closed_by_id",
    "value", "reason_id",
)  # fmt: skip
CHANGE_COLUMNS = (
    "id", "created_at", "updated_at", "opportunity_id", "from_stage_id", "to_stage_id", "changed_at", "changed_by_id",
    "seconds_in_from_stage",
)  # fmt: skip


def histories() -> None:
    """Closures and stage changes of the opportunities, each in one statement."""
    table = Opportunity._meta.db_table
    with connection.cursor() as cursor:
        with defaulted(OpportunityClosure, set(CLOSURE_COLUMNS)):
            cursor.execute(
                f"""INSERT INTO sales_opportunityclosure ({", ".join(CLOSURE_COLUMNS)})
                    SELECT gen_random_uuid(), o.entered_stage_at, o.entered_stage_at, o.id, o.state, f.id,
                           o.entered_stage_at, o.closed_on, o.owner_id, o.closed_value, r.reasons[1 + abs(hashtext(o.number)) %% r.many]
                    FROM {table} o
                    LEFT JOIN (SELECT DISTINCT ON (pipeline_id) pipeline_id, id FROM sales_opportunitystage
                               WHERE kind = 'OPEN' ORDER BY pipeline_id, position DESC) f ON f.pipeline_id = o.pipeline_id
                    LEFT JOIN (SELECT company_id, outcome, array_agg(id ORDER BY position) AS reasons, count(*)::int AS many
                               FROM sales_closereason GROUP BY 1, 2) r ON r.company_id = o.company_id AND r.outcome = o.state
                    WHERE o.state <> 'OPEN'""",  # noqa: S608
                [],
            )
        with defaulted(StageChange, set(CHANGE_COLUMNS)):
            cursor.execute(
                f"""INSERT INTO sales_stagechange ({", ".join(CHANGE_COLUMNS)})
                    SELECT gen_random_uuid(), o.entered_stage_at, o.entered_stage_at, o.id, f.id, o.stage_id, o.entered_stage_at,
                           o.owner_id, extract(epoch FROM o.entered_stage_at - o.created_at)::bigint
                    FROM {table} o
                    JOIN (SELECT DISTINCT ON (pipeline_id) pipeline_id, id FROM sales_opportunitystage
                          ORDER BY pipeline_id, position) f ON f.pipeline_id = o.pipeline_id AND f.id <> o.stage_id"""  # noqa: S608
            )
