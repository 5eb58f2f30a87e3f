"""Remember what became of payments and orders that were judged: declines, successes, chargebacks, coupons, referrals.

Rules
- what happened is noted right after the order is written, and again by `follow_risk`, which reads the stream of events, for whoever crashed in
  between; it counts once under its key (RISK-12);
- the truth about money never waits for a count: where others are faster again and again, the follower does it;
- coupons and referrals are noted when an order is placed, by what is known of its buyer then, and with its payments, by what is known with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from attrs import frozen

from shopwright.errors import VersionConflict
from shopwright.flows.ports import Ports
from shopwright.flows.risk.gathering import placing
from shopwright.flows.risk.links import risk_of
from shopwright.flows.risk.trails import links_of, trails
from shopwright.flows.trying import tried
from shopwright.orders.events import OrderEvent, OrderPlaced
from shopwright.orders.order import Order
from shopwright.payments.events import PaymentAuthorized, PaymentChargedBack, PaymentDeclined
from shopwright.payments.risk.rules import RiskPolicy
from shopwright.payments.risk.velocities import Happening, Kind
from shopwright.ports.storage import Changeset, Operation
from shopwright.wire.risk_kinds import OrderLinks

OF_PAYMENTS: dict[type, Kind] = {PaymentDeclined: Kind.DECLINE, PaymentAuthorized: Kind.SUCCESS, PaymentChargedBack: Kind.CHARGEBACK}
"""The events of payments that are remembered, and as what."""


@frozen
class Noted:
    """Something that happened, with the payment that it is about, if it is about one."""

    number: int
    at: datetime
    kind: Kind
    key: str
    amount: int = 0
    payment_id: str = ""


def remember(ports: Ports, order: Order, events: Sequence[OrderEvent], *, first: int, at: datetime) -> None:
    """Note what these events of an order tell, the first of them having this number; what others keep from being written is left to the follower."""
    for number, event in enumerate(events, first):
        if _tells(event):
            with suppress(VersionConflict):
                note(ports, order, number, event, at=at)


def _tells(event: object) -> bool:
    return type(event) in OF_PAYMENTS or isinstance(event, OrderPlaced)


def note(ports: Ports, order: Order, number: int, event: OrderEvent, *, at: datetime) -> None:
    """Note what one event of an order tells, once. Raises `VersionConflict` where others were faster too often."""
    policy = _policy(ports, order)
    happened = [] if policy is None or not policy.links or not _tells(event) else list(_told(ports, order, number, event))
    if policy is not None and happened:
        tried(ports.storage, lambda: _write(ports, order, policy, happened, at=at))


def _policy(ports: Ports, order: Order) -> RiskPolicy | None:
    """The rules for this order; `None` where there were none when it was paid, so that nothing of it was judged."""
    return dict(risk_of(ports).policies).get(order.currency)


def _told(ports: Ports, order: Order, number: int, event: OrderEvent) -> Iterator[Noted]:
    match event:
        case PaymentDeclined() | PaymentAuthorized() | PaymentChargedBack():
            payment = order.payment(event.payment_id)
            if payment is not None and payment.judged is not None:
                kind = OF_PAYMENTS[type(event)]
                yield Noted(number, event.at, kind, f"{order.id}/{payment.id}/{kind.value}", payment.tender.amount, payment.id)
        case OrderPlaced():
            for kind, key in placing(ports, order):
                yield Noted(number, event.at, kind, key)
        case _:
            return


def _write(ports: Ports, order: Order, policy: RiskPolicy, happened: Sequence[Noted], *, at: datetime) -> None:
    stored = ports.storage.load(OrderLinks, order.id)
    if stored is None:
        return
    known = stored.value
    every = [pair for it in happened for pair in known.of_payment(it.payment_id)]
    found = trails(ports, every, policy.links)
    for it in happened:
        links, moment = known.of_payment(it.payment_id), found.moment(it.at)
        seen = links_of(links, policy.distinct)
        happening = Happening(key=it.key, kind=it.kind, at=moment, amount=it.amount, currency=order.currency, links=seen)
        found.note(links, policy.links, happening, keep=policy.keep)
    if puts := found.puts:
        ports.storage.commit(Changeset(Operation(f"risk/{order.id}/{happened[0].number}", "note"), at, puts=puts))
