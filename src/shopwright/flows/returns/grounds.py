"""What an application is judged by: the shop's terms, as far as it can keep them, what the catalog says of the goods, and the cases there are.

Rules
- what a shop does not keep it does not offer: no store credit without a program for it in the currency of the order, no points without one;
- goods stand in the categories in which the catalog has them now, in none where it has forgotten them; what a unit cost is what the order says.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from shopwright.catalog.products import Product
from shopwright.flows.ports import Ports
from shopwright.loyalty.expiry import Expiry
from shopwright.orders.order import Order
from shopwright.returns.applying import Grounds
from shopwright.returns.order_cases import OrderCases
from shopwright.returns.rules import GoodsFacts, ReturnRule, ReturnTerms
from shopwright.returns.words import Resolution, Wish


def grounds_of(ports: Ports, order: Order, wishes: tuple[Wish, ...], together: OrderCases) -> Grounds:
    """What an application about an order is judged by."""
    wanted = {wish.line_no for wish in wishes}
    lines = [line for line in order.lines if line.line_no in wanted]
    known = ports.storage.load_many(Product, {line.sku for line in lines})
    goods = {}
    for line in lines:
        categories = frozenset(known[line.sku].value.categories) if line.sku in known else frozenset[str]()
        goods[line.sku] = GoodsFacts(sku=line.sku, categories=categories, unit_price=line.unit_price)
    return Grounds(terms=offered(ports, order.currency), goods=goods, taken=together.taken)


def offered(ports: Ports, currency: str) -> ReturnTerms:
    """The terms of the shop without what it cannot give in a currency."""
    store = None if ports.credit is None else ports.credit.store
    lacking = set[Resolution]()
    if store is None or currency not in store.currencies:
        lacking.add(Resolution.STORE_CREDIT)
    if points_given(ports) is None:
        lacking.add(Resolution.POINTS)
    if not lacking:
        return ports.returns
    return evolve(ports.returns, rules=tuple([_without(rule, lacking) for rule in ports.returns.rules]))


def _without(rule: ReturnRule, lacking: set[Resolution]) -> ReturnRule:
    left: Any = rule.resolutions - lacking  # type checkers cannot name what the converter of the field takes
    return evolve(rule, resolutions=left)


@frozen
class PointsGiven:
    """The kind of points that a shop gives, and when they expire."""

    kind: str
    expiry: Expiry | None


def points_given(ports: Ports) -> PointsGiven | None:
    """What points are given for goods: those that orders earn, else those that members are given; `None` in a shop without either."""
    if ports.loyalty is not None:
        return PointsGiven(ports.loyalty.points, ports.loyalty.expiry)
    return None if ports.growth is None else PointsGiven(ports.growth.points, ports.growth.expiry)
