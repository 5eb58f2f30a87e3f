"""Cases for tests: say what matters, the rest is plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopwright.orders import Order
from shopwright.refusals import Refusal, accepted
from shopwright.returns.applying import Grounds, apply
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision
from shopwright.returns.receiving import inspect, receive
from shopwright.returns.reviewing import approve
from shopwright.returns.rules import GoodsFacts, ReturnRule, ReturnTerms
from shopwright.returns.words import Finding, Granted, Why, Wish
from shopwright.shipping.parcels import Parcel, Party
from shopwright.testing.builders import ANN, CLERK, NOON, Sold, an_order, delivered, paid

PLAIN = ReturnTerms()
SHOP = Party(name="Shop", lines=("Main Street 1",), city="Cologne", postcode="50667", country="DE")
BOX = Parcel(weight_g=500, length_mm=200, width_mm=150, height_mm=100)
GOODS = {sku: GoodsFacts(sku=sku, unit_price=1_000) for sku in ("TEA", "CUP")}


def come(*goods: Sold, **facts: Any) -> Order:
    """A paid order that has been delivered: two teas and a cup, unless other goods are given."""
    return delivered(paid(an_order(*goods, **facts)))


def a_wish(line_no: int = 1, units: int = 1, why: Why = Why.CHANGED_MIND, **facts: Any) -> Wish:
    """A customer wants the money for one unit back."""
    return Wish(line_no=line_no, units=units, why=why, **facts)


def terms(**facts: Any) -> ReturnTerms:
    """One rule for all goods."""
    return ReturnTerms(rules=(ReturnRule(**{"name": "all", **facts}),))


def grounds(known: ReturnTerms = PLAIN, *, goods: Mapping[str, GoodsFacts] = GOODS, taken: Mapping[int, int] | None = None) -> Grounds:
    """What an application is judged by."""
    return Grounds(terms=known, goods=goods, taken=taken or {})


def asked(order: Order, *wishes: Wish, on: Grounds | None = None, **facts: Any) -> CaseDecision | Refusal:
    """What the shop says to an application."""
    return apply(order, wishes, on or grounds(), **{"nth": 1, "by": ANN, "at": NOON, **facts})


def applied(order: Order, *wishes: Wish, on: Grounds | None = None) -> Case:
    """A case that was opened."""
    return accepted(asked(order, *(wishes or (a_wish(),)), on=on)).case


def approved(order: Order, *wishes: Wish, granted: tuple[Granted, ...] = (), on: Grounds | None = None) -> Case:
    """A case that a person approved."""
    return accepted(approve(applied(order, *wishes, on=on), PLAIN, granted=granted, by=CLERK, at=NOON)).case


def received(order: Order, *wishes: Wish, granted: tuple[Granted, ...] = (), on: Grounds | None = None) -> Case:
    """A case whose goods have all come."""
    return accepted(receive(approved(order, *wishes, granted=granted, on=on), by=CLERK, at=NOON)).case


def inspected(order: Order, *wishes: Wish, findings: tuple[Finding, ...] = (), granted: tuple[Granted, ...] = (), on: Grounds | None = None) -> Case:
    """A case whose goods have come and were looked at; as they were sold, unless `findings` say otherwise."""
    return accepted(inspect(received(order, *wishes, granted=granted, on=on), findings, by=CLERK, at=NOON)).case
