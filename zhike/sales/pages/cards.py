"""The cards of a board: one pattern for each shape of card, filled in for each opportunity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from markupsafe import Markup

from zhike.kernel.clock import business_date, now
from zhike.records.registry import describe
from zhike.sales.models import Opportunity
from zhike.sales.rules.stuck import is_stuck
from zhike.staff.models import User
from zhike.web.formats import money, near_day, short_money
from zhike.web.jinja import address, engine
from zhike.web.patterns import Pattern, mark


@dataclass(frozen=True)
class Shape:
    """What decides which parts a card has."""

    may_move: bool
    oob: bool = False
    customer: bool = True
    stuck: bool = False
    day: bool = True
    overdue: bool = False
    owner: bool = True


class Cards:
    """Draws cards for one person. ``oob``: a card that takes the place of the one on the page."""

    def __init__(self, user: User, *, may_move: bool, oob: bool = False) -> None:
        self.user, self.may_move, self.oob = user, may_move, oob
        self.opportunities, self.customers = describe("opportunities"), describe("customers")
        self.parts: Any = engine().get_template("sales/parts.html").module
        self.avatar = engine().ui.avatar
        self.today, self.now = business_date(), now()
        self._pattern, self._day = cache(self._drawn), cache(near_day)

    def __call__(self, cards: list[Opportunity]) -> Markup:
        """The cards one after the other."""
        return Markup("\n".join(self._card(card) for card in cards))  # noqa: S704 - template's markup, escaped texts

    def _card(self, card: Opportunity) -> str:
        day, owner = card.expected_close_on, card.owner
        name = self.opportunities.title(card, self.user)
        customer = self.customers.title(card.customer, self.user) if card.customer_id else ""
        amount = "" if card.amount is None else money(card.amount, card.currency)
        shape = Shape(
            self.may_move,
            self.oob,
            customer=bool(customer),
            stuck=is_stuck(card.stuck_at, now=self.now),
            day=day is not None,
            overdue=day is not None and card.is_open and day < self.today,
            owner=owner is not None,
        )
        values = {
            "key": str(card.pk),
            "version": str(card.version),
            "page": self.opportunities.address(card),
            "moves": address("sales:moves", card.pk),
            "name": escape(name),
            "customer": escape(customer),
            "said": escape(", ".join(text for text in (name, customer, amount, str(card.stage)) if text)),
            "amount": escape(short_money(card.amount, card.currency)),
            "day": self._day(day),
            "owner": escape(owner.name) if owner else "",
            "avatar": self.avatar(owner.name) if owner else "",
        }
        return self._pattern(shape).fill(values)

    def _drawn(self, shape: Shape) -> Pattern:
        return Pattern(self.parts.card(shape, mark))
