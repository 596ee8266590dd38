"""The rows that Python makes, in chunks: each from its own seed, so that several processes may make them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context

from django.db import models

from zhike.customers.models import Contact, Customer
from zhike.sales.models import Lead, Opportunity
from zhike.sample_company import customers, sales, worker
from zhike.sample_company.load import copy_in, defaulted, line
from zhike.sample_company.organisation import Seller

SIZE = 5_000  # customers
TABLES: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Customer, customers.CUSTOMER_COLUMNS),
    (Contact, customers.CONTACT_COLUMNS),
    (Opportunity, sales.OPPORTUNITY_COLUMNS),
    (Lead, sales.LEAD_COLUMNS),
)
LEAD_EVERY = 20  # customers

Chunk = tuple[str, ...]  # the rows of each table, in COPY's form


@dataclass(frozen=True)
class Plan:
    """All that the chunks share."""

    seed: int
    total: int
    now: datetime
    opportunities: float  # a customer, on average
    sellers: tuple[Seller, ...]
    stages: dict[str, list[sales.Stage]]

    @property
    def chunks(self) -> int:
        return -(-self.total // SIZE)


def make(plan: Plan, number: int) -> Chunk:
    """The rows of one chunk."""
    rng = random.Random(f"{plan.seed}/{number}")  # noqa: S311 - sample data
    people, sale = customers.Generator(plan.sellers, rng, plan.now), sales.Generator(plan.stages, rng, plan.now)
    texts: tuple[list[str], ...] = ([], [], [], [])
    for running in range(number * SIZE, min(plan.total, (number + 1) * SIZE)):
        made, row = people.customer(running)
        texts[0].append(line(row))
        texts[1].extend(map(line, people.contacts(made)))
        # Running numbers without a gap, whatever the share.
        for deal in range(int(running * plan.opportunities), int((running + 1) * plan.opportunities)):
            texts[2].append(line(sale.opportunity(deal, made)))
        if running % LEAD_EVERY == 0:
            texts[3].append(line(sale.lead(made)))
    return tuple(map("".join, texts))


def load(plan: Plan, *, processes: int) -> None:
    """Make all chunks and COPY them in, in their order.

    Args:
        processes: that make rows beside this one; 0: this one does.
    """
    with ExitStack() as stack:
        for model, columns in TABLES:
            stack.enter_context(defaulted(model, set(columns)))
        for texts in _made(plan, processes):
            for (model, columns), rows in zip(TABLES, texts, strict=True):
                copy_in(model, columns, [rows])


def _made(plan: Plan, processes: int) -> Iterator[Chunk]:
    if not processes:
        yield from (make(plan, number) for number in range(plan.chunks))
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), worker.start, (worker.packed(plan),)) as pool:
        # A few ahead, not all: what is made waits in memory until the database has taken what came before.
        waiting = [pool.submit(worker.make, number) for number in range(min(plan.chunks, 2 * processes))]
        for number in range(plan.chunks):
            yield waiting.pop(0).result()
            if number + 2 * processes < plan.chunks:
                waiting.append(pool.submit(worker.make, number + 2 * processes))
