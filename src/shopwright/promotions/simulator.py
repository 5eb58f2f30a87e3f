"""Walks a promotion set through past orders, one at a time, and sums up what it does to them.

Rules
- orders come in the order of their time, for limits and budgets are used up on the way; one that is older than the last is misuse;
- all orders are in one currency: costs of several have no sum;
- an order is looked at once and forgotten. Memory grows with the promotions, with the pairs of them that meet and, where uses are limited per
  member, with the members that used one; never with the orders.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import heappush, heappushpop
from itertools import combinations

from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.promotions.basket import Basket
from shopwright.promotions.courses import Courses
from shopwright.promotions.engine import Engine, Outcome
from shopwright.promotions.limits import Claim, promotion_of
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.sets import Applied, worth
from shopwright.promotions.simulation import Change, Overlap, PastOrder, PromotionTally, Side, Simulation
from shopwright.promotions.spent import Spent, evaluated, kind_of

MOST_TOLD = 10
"""How many winners and losers are told by name."""


def simulate(orders: Iterable[PastOrder], engine: Engine, *, against: Engine | None = None) -> Simulation:
    """What the promotions of an engine would have done to these orders, against what was paid or against another set.

    Raises `InvalidValue` for an order that is older than the one before it, and `CurrencyMismatch` for one in another currency than the first.
    """
    simulator = Simulator(engine, against=against)
    for order in orders:
        simulator.add(order)
    return simulator.result()


class Simulator:
    """A simulation that goes on: add orders, and ask for the result at any time. Never shared between threads."""

    def __init__(self, engine: Engine, *, against: Engine | None = None) -> None:
        self._engine, self._against = engine, against
        self._spent, self._spent_against = Spent(), Spent()
        self._tallies = {it.id: _Tally(it) for it in engine.promotions}
        self._pairs: dict[tuple[str, str], int] = {}
        self._courses = Courses()
        self._winners, self._losers = _Side(), _Side()
        self._first: PastOrder | None = None
        self._last: PastOrder | None = None
        self._orders = self._changed = self._discounted = self._unproved = self._unmoved = self._not_compared = 0
        self._goods = self._shipping = self._changed_goods = self._cost = self._extras = self._baseline = 0

    def add(self, order: PastOrder) -> Outcome:
        """One more order; what the promotions do to it, with what those before it have left."""
        self._check(order)
        basket = order.basket
        outcome, wanted, short = evaluated(self._engine, basket, self._spent)
        for claim in wanted:
            self._spent.use(claim)
        self._exhaust(wanted, short, order.at)
        self._orders += 1
        self._goods += basket.amount
        self._shipping += basket.shipping
        self._unproved += not outcome.proved
        self._changed += bool(outcome.applied)
        for applied in outcome.applied:
            self._tallies[applied.promotion.id].use(applied, basket)
            if applied.amount:
                self._courses.add(applied.promotion.id, applied.amount, at=order.at)
        self._extras += sum([worth(applied, basket) - applied.amount for applied in outcome.applied])
        for pair in combinations(sorted([applied.promotion.id for applied in outcome.applied]), 2):
            self._pairs[pair] = self._pairs.get(pair, 0) + 1
        self._compare(order, outcome.discount + outcome.shipping)
        return outcome

    def result(self) -> Simulation:
        """What was found so far."""
        pairs = sorted(self._pairs.items(), key=lambda pair: (-pair[1], pair[0]))
        return Simulation(
            currency=self._first.basket.currency if self._first else "",
            orders=self._orders,
            changed=self._changed,
            discounted=self._discounted,
            unproved=self._unproved,
            first_at=self._first.at if self._first else None,
            last_at=self._last.at if self._last else None,
            goods=self._goods,
            shipping=self._shipping,
            changed_goods=self._changed_goods,
            cost=self._cost,
            extras=self._extras,
            baseline=self._baseline,
            promotions=tuple([tally.told(self._courses) for tally in self._tallies.values()]),
            overlaps=tuple([Overlap(one, other, orders) for (one, other), orders in pairs]),
            winners=self._winners.told(1),
            losers=self._losers.told(-1),
            unmoved=self._unmoved,
            not_compared=self._not_compared,
            step=self._courses.step,
        )

    def _check(self, order: PastOrder) -> None:
        if self._first is None:
            self._first = order
        elif order.basket.currency != self._first.basket.currency:
            told = f"expected orders in {self._first.basket.currency}, as the first was, got {order.basket.currency} in order {order.id}"
            raise CurrencyMismatch(f"{told}; simulate each currency apart")
        if self._last is not None and order.at < self._last.at:
            told = f"expected orders in the order of their time, got order {order.id} of {order.at.isoformat()}"
            raise InvalidValue(f"{told} after order {self._last.id} of {self._last.at.isoformat()}; sort them first")
        self._last = order

    def _exhaust(self, wanted: tuple[Claim, ...], short: tuple[Claim, ...], at: datetime) -> None:
        for claim in (*wanted, *short):
            if kind_of(claim) in {"total", "units", "budget"} and (claim in short or self._spent.of(claim) >= claim.limit):
                tally = self._tallies[promotion_of(claim.key)]
                tally.exhausted_at = tally.exhausted_at or at
        for id in {promotion_of(claim.key) for claim in short}:
            self._tallies[id].turned_away += 1

    def _compare(self, order: PastOrder, off: int) -> None:
        """Count the cost, and whether the order would have paid less than it did or more."""
        basket, off_before = order.basket, 0
        due = basket.amount + basket.shipping
        before = order.paid
        if self._against is not None:
            outcome, wanted, _ = evaluated(self._against, basket, self._spent_against)
            for claim in wanted:
                self._spent_against.use(claim)
            off_before = outcome.discount + outcome.shipping
            before = due - off_before
        self._cost += off
        self._baseline += off_before
        self._discounted += off > 0
        self._changed_goods += basket.amount if off or off_before else 0
        if before is None:
            self._not_compared += 1
        elif before == due - off:
            self._unmoved += 1
        else:
            won = before - (due - off)
            (self._winners if won > 0 else self._losers).add(order.id, abs(won))


class _Tally:
    """What became of one promotion so far."""

    __slots__ = ("cost", "exhausted_at", "extras", "first_use", "goods", "last_use", "promotion", "turned_away", "uses")

    def __init__(self, promotion: Promotion) -> None:
        self.promotion = promotion
        self.uses = self.cost = self.extras = self.goods = self.turned_away = 0
        self.first_use: datetime | None = None
        self.last_use: datetime | None = None
        self.exhausted_at: datetime | None = None

    def use(self, applied: Applied, basket: Basket) -> None:
        """One use of it."""
        self.uses += 1
        self.cost += applied.amount
        self.extras += worth(applied, basket) - applied.amount
        self.goods += basket.amount
        self.first_use = self.first_use or basket.at
        self.last_use = basket.at

    def told(self, courses: Courses) -> PromotionTally:
        """As a value."""
        return PromotionTally(
            id=self.promotion.id,
            title=self.promotion.title,
            uses=self.uses,
            cost=self.cost,
            extras=self.extras,
            goods=self.goods,
            turned_away=self.turned_away,
            first_use=self.first_use,
            last_use=self.last_use,
            exhausted_at=self.exhausted_at,
            course=courses.of(self.promotion.id),
        )


class _Side:
    """The winners or the losers so far; of those with the most, the earlier ones stay where amounts are equal."""

    __slots__ = ("_amount", "_first", "_orders")

    def __init__(self) -> None:
        self._orders = self._amount = 0
        self._first: list[tuple[int, int, str]] = []

    def add(self, order: str, amount: int) -> None:
        """One more."""
        self._orders += 1
        self._amount += amount
        entry = amount, -self._orders, order
        if len(self._first) < MOST_TOLD:
            heappush(self._first, entry)
        else:
            heappushpop(self._first, entry)

    def told(self, sign: int) -> Side:
        """As a value."""
        return Side(self._orders, self._amount, tuple([Change(order, sign * amount) for amount, _, order in sorted(self._first, reverse=True)]))
