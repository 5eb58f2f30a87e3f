"""The laws of what a town keeps for its people: points that orders earn and take, and store credit, each spent and given back once."""

from __future__ import annotations

from datetime import timedelta

from shopwright import Money, Order, accepted
from shopwright.credit.payments import CreditPayment
from shopwright.flows.credit.commands import GrantCredit
from shopwright.loyalty.entries import PointsEntry, PointsRedeemed, PointsRestored
from shopwright.loyalty.payments import PointsPayment
from shopwright.loyalty.reversing import Earning
from shopwright.orders.earning import bookings
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Query
from shopwright.wire.kinds import POINTS
from tests.flows.credited import CREDITED, check_credit
from tests.flows.labeled import OURS
from tests.flows.mall import CLERK, START
from tests.flows.paying_points import PAYING, with_points
from tests.flows.points_world import check_books
from tests.flows.town import Town

KEEPING = {"loyalty": PAYING, **CREDITED, **OURS}
"""What else such a town is made of: a point is earned for a euro and pays ten cents, credit is kept, and the shop pays ways back."""


def rich(town: Town) -> None:
    """Ann has 400 points, and forty euros of credit."""
    with_points(town, 400)  # type: ignore[arg-type]  # a town has the shop and the clock that it asks for
    about = {"member_id": "ann", "amount": Money(4_000, "EUR"), "source": "welcome", "reason": "as promised"}
    accepted(town.other.credit.grant(GrantCredit(key="rich", by=CLERK, expires_at=START + timedelta(days=300), **about)))


def check_kept(town: Town) -> None:
    """Points and credit are what their entries say, debits equal credits, and no more of either is spent than there was."""
    check_books(town.storage, town.clock.now())
    check_credit(town.storage)


def check_kept_end(town: Town, orders: tuple[Order, ...]) -> None:
    """Once all is told: payments took and gave back what their orders say, and orders earned what they are to earn, less what is taken back."""
    while town.other.loyalty.follow():
        pass
    check_kept(town)
    kept = {it.id: (it.captured, it.refunded) for kind in (PointsPayment, CreditPayment) for it in _all(town, kind)}
    for order in orders:
        for payment in order.payments:
            if payment.reference in kept:
                assert kept.pop(payment.reference) == (payment.captured, payment.refunded - payment.refunded_by_hand), payment.tender.method
    assert not any(captured - refunded for captured, refunded in kept.values()), "something was paid for no order"
    _check_points(town, orders)


def _check_points(town: Town, orders: tuple[Order, ...]) -> None:
    entries: list[PointsEntry] = [it.value for it in town.storage.read(POINTS, after=BEGINNING, limit=1_000)]
    spent = -sum(it.change for it in entries if isinstance(it, PointsRedeemed | PointsRestored))
    kept = [(it.points(it.captured), it.points(it.refunded)) for it in _all(town, PointsPayment)]
    assert spent == sum(captured - refunded for captured, refunded in kept), kept
    earned = {it.lot.id: it.reversible for it in _all(town, Earning)}
    wanted = {it.key: it.points - it.gone for order in orders for it in bookings(order)}
    odd = [(key, points, earned.get(key, 0)) for key, points in wanted.items() if earned.get(key, 0) != points]
    assert not odd, odd
    ours = {key: points for key, points in earned.items() if "/earn/" in key}
    assert not [key for key, points in ours.items() if points and key not in wanted], "something was earned that no rule gives"


def _all(town: Town, kind: type) -> list:
    return [stored.value for stored in town.storage.find(Query(kind, limit=1_000)).items]
