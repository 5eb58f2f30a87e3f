"""Try rules on the orders of a shop, before they decide on the next one.

Rules
- RISK-14: what was known when a payment was started is told again from what the shop keeps: the links and places that the app told then, the orders
  that the buyer had paid and kept by then, lists as they stood, scores as they were given; engines are not asked again, and nothing is written;
- orders that were paid before the shop judged anything have the links that they make themselves: buyer, card, address;
- what is known of goods and members is what is known today;
- coupons and referrals count with the payments of their orders;
- what came of a payment counts from when it came; it was fraud where its money was charged back, or its order called off as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count, groupby

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import history
from shopwright.flows.risk.gathering import NOTHING, OF_HISTORY, History, facts_of, is_kept, linked, placing, with_own
from shopwright.flows.risk.links import risk_of
from shopwright.flows.risk.remembering import OF_PAYMENTS
from shopwright.orders.events import CancelReason, OrderEvent, OrderPlaced
from shopwright.orders.evolve import begin
from shopwright.orders.evolve import evolve as after
from shopwright.orders.order import Order
from shopwright.payments.events import PaymentAttempted, PaymentAuthorized, PaymentChargedBack, PaymentDeclined, PaymentVerb, RiskAssessed
from shopwright.payments.payment import Payment
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.rehearsing import PastPayment, Rehearsal, Seen, rehearse
from shopwright.payments.risk.rules import RiskPolicy
from shopwright.payments.risk.velocities import Happening
from shopwright.ports.storage import Match, Query, Where
from shopwright.wire.risk_kinds import OrderLinks

Progress = Callable[[int], None]
"""Told how many orders were gone through so far."""


@frozen
class _Kept:
    """From when to when an order was paid and kept, and what it cost."""

    order_id: str
    begins: datetime
    ends: datetime | None
    amount: int


def rehearse_orders(
    ports: Ports,
    policy: RiskPolicy,
    *,
    currency: str,
    since: datetime,
    until: datetime,
    seen: Seen | None = None,
    progress: Progress | None = None,
) -> Rehearsal:
    """What these rules would have said of the payments of the orders in this currency that were placed from `since` on and before `until`; `seen` is
    told each of them. An order at a time is held, with what buyers and trails remember. Raises `InvalidValue`, also in a shop without rules: it has
    no key for links.
    """
    risk_of(ports)
    if not isinstance(policy, RiskPolicy):
        raise InvalidValue(f"expected a RiskPolicy, got {type(policy).__name__}")
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    past = _Past(ports, policy, currency)
    return rehearse(policy, past.payments(_orders(ports, currency, moment(since), moment(until), progress)), seen=seen)


def _orders(ports: Ports, currency: str, since: datetime, until: datetime, progress: Progress | None) -> Iterator[Order]:
    where = (Where("placed_at", Match.AT_LEAST, since), Where("placed_at", Match.BELOW, until))
    done, token = 0, ""
    while True:
        page = ports.storage.find(Query(Order, where=where, order_by="placed_at", limit=200, after=token))
        yield from (it.value for it in page.items if it.value.currency == currency)
        done += len(page.items)
        if progress is not None and page.items:
            progress(done)
        if not page.next:
            return
        token = page.next


class _Past:
    """The payments of orders, in the order of time, with what was known of their buyers by then."""

    def __init__(self, ports: Ports, policy: RiskPolicy, currency: str) -> None:
        self._ports, self._policy, self._currency = ports, policy, currency
        self._kept: dict[str, list[_Kept]] = {}
        self._waiting: list[tuple[datetime, int, Order, tuple[Payment, ...], PastPayment]] = []
        self._number = count()

    def payments(self, orders: Iterator[Order]) -> Iterator[PastPayment]:
        """Each payment once no order that is still to come can have one before it."""
        for order in orders:
            yield from self._until(order.placed_at)
            self._take(order)
        yield from self._until(None)

    def _until(self, at: datetime | None) -> Iterator[PastPayment]:
        while self._waiting and (at is None or self._waiting[0][0] < at):
            *_, order, due, payment = heappop(self._waiting)
            yield self._known(order, due, payment)

    def _take(self, order: Order) -> None:
        """Take in an order: when it was kept, and when its payments were started."""
        told = [it.value for it in history(self._ports, order.id)]
        self._kept.setdefault(order.buyer_id, []).extend(_kept(told))
        starts = _starts(told, order, risk_of(self._ports).unjudged)
        for at, together in groupby(starts, key=lambda start: start[0]):
            due = tuple([payment for _, payment in together])
            for payment in due:
                past = _past(order, payment, told, at, self._currency)
                heappush(self._waiting, (at, next(self._number), order, due, past))

    def _known(self, order: Order, due: tuple[Payment, ...], past: PastPayment) -> PastPayment:
        at = past.facts.at
        before = self._ports.storage.load(OrderLinks, order.id)
        known = linked(self._ports, order.id, order.buyer_id, NOTHING, before=None if before is None else before.value)
        known = with_own(self._ports, known, order, due, self._policy)
        told = self._history(order, at) if self._policy.asks & OF_HISTORY else None
        payment_id = past.key.split("/")[1]
        facts = facts_of(self._ports, order, due, known, self._policy, history=told, at=at)[payment_id]
        then = tuple([evolve(it, links=facts.links) for it in past.then])
        return evolve(past, facts=evolve(facts, scores=past.facts.scores), then=then, before=self._before(order, facts))

    def _before(self, order: Order, facts: RiskFacts) -> tuple[Happening, ...]:
        """What was noted when the order was placed."""
        placed = placing(self._ports, order)
        return tuple([Happening(key=key, kind=kind, at=order.placed_at, currency=order.currency, links=facts.links) for kind, key in placed])

    def _history(self, order: Order, at: datetime) -> History:
        kept = [it for it in self._kept.get(order.buyer_id, ()) if it.order_id != order.id and it.begins <= at and (it.ends is None or at < it.ends)]
        return len(kept), sum([it.amount for it in kept]) // len(kept) if kept else None


def _kept(told: list[OrderEvent]) -> Iterator[_Kept]:
    """When an order was paid and not called off."""
    placed = told[0]
    assert isinstance(placed, OrderPlaced), "a history begins with OrderPlaced"
    order, since = begin(placed), None
    for event in told[1:]:
        order = after(order, event)
        if is_kept(order) and since is None:
            since = event.at
        elif not is_kept(order) and since is not None:
            yield _Kept(order.id, since, event.at, order.total.minor)
            since = None
    if since is not None:
        yield _Kept(order.id, since, None, order.total.minor)


def _starts(told: list[OrderEvent], order: Order, unjudged: frozenset[str]) -> list[tuple[datetime, Payment]]:
    """When each payment was judged, or else started."""
    judged = [(it.at, it.payment_id) for it in told if isinstance(it, RiskAssessed)]
    known = {payment_id for _, payment_id in judged}
    started = [it for it in told if isinstance(it, PaymentAttempted) and it.verb is PaymentVerb.START]
    begun = [(it.at, it.payment_id) for it in started if it.payment_id not in known]
    found = [(at, order.payment(payment_id)) for at, payment_id in sorted(judged + begun)]
    return [(at, payment) for at, payment in found if payment is not None and payment.tender.gateway not in unjudged]


def _past(order: Order, payment: Payment, told: list[OrderEvent], at: datetime, currency: str) -> PastPayment:
    """What came of a payment that was judged at this time, with what is known of it by itself alone."""
    scores = next((it.scores for it in told if isinstance(it, RiskAssessed) and it.payment_id == payment.id and it.at == at), ())
    mine = [it for it in told if isinstance(it, PaymentDeclined | PaymentAuthorized | PaymentChargedBack) and it.payment_id == payment.id]
    then = [
        Happening(key=f"{order.id}/{payment.id}/{kind.value}", kind=kind, at=it.at, amount=payment.tender.amount, currency=currency)
        for it in mine
        for kind in (OF_PAYMENTS[type(it)],)
    ]
    fraud = payment.charged_back > 0 or order.cancel_reason is CancelReason.FRAUD
    facts = RiskFacts(at=at, amount=payment.tender.amount, currency=currency, scores=scores)
    key = f"{order.id}/{payment.id}/{at.isoformat()}"
    return PastPayment(key=key, facts=facts, amount=payment.tender.amount, then=tuple(then), fraud=fraud)
