"""Receive: hear what payment providers push, once, in whatever order it comes.

Rules
- RECEIVE-1: nothing is taken in of a notification that its gateway has not verified, that is larger than `BODY_LIMIT`, that was signed at
  another time, or that is for another account: `BadNotification`, and nothing changes;
- RECEIVE-2: an event is taken in once by its id; under another id it is no news either (PAY-4);
- RECEIVE-3: an event of a payment that nobody knows is asked for again, for the write may not have landed; so is one that leaves open how its payment
  stands, while the gateway does not answer;
- RECEIVE-7: of an event without any key the gateway is asked which payment it means, where it can tell (`KnowsKeys`); what is of another system is
  passed over;
- RECEIVE-4: what a provider gets is its own acknowledgment, byte for byte;
- a crash between two events of one notification loses none: the provider sends it again.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.flows.checking import moment, raw_notification
from shopwright.flows.looking import looked_at
from shopwright.flows.ports import Ports
from shopwright.flows.saving import advance, fitted, read
from shopwright.flows.settling import settle
from shopwright.members.actors import SYSTEM
from shopwright.orders import matching, paying
from shopwright.orders.decision import Decision, decided
from shopwright.orders.order import Order
from shopwright.payments.errors import GatewayError
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, RawNotification
from shopwright.ports.gateway import KnowsKeys
from shopwright.ports.storage import Stored
from shopwright.refusals import Refusal


def receive(ports: Ports, gateway: str, raw: RawNotification, *, at: datetime) -> Ack:
    """Verify and take in what a provider pushed; the answer to give it.

    An event is taken in once. One whose payment nobody knows yet is answered with `retry_later`: the write may not have landed. One
    that leaves open how the payment stands makes the shop ask, and comes again later when no answer is to be had. One that cannot be meant (two
    payments at once, another currency) is noted on the order and acknowledged, for it would be the same the next time. Raises
    `BadNotification` when it is not the provider's, not fresh, not for this account or too large, and `InvalidValue` for a gateway that the shop does
    not have.
    """
    held, now = raw_notification(raw), moment(at)
    opener = ports.gateway(gateway)
    held.within()
    notification = opener.parse_notification(held)
    notification.demand_fit(held)
    known = [_heard(ports, gateway, event, at=now) for event in notification.events if event.kind is not EventKind.IGNORED]
    return notification.ok if all(known) else notification.retry_later


def _heard(ports: Ports, gateway: str, event: GatewayEvent, *, at: datetime) -> bool:
    if event.payment_key is None and event.our_key is None and event.reference:
        named = _named(ports, gateway, event)
        if not isinstance(named, GatewayEvent):
            return named
        event = named
    stored = _order_of(ports, event)
    payment = None if stored is None else matching.payment_of(stored.value, gateway, event)
    if stored is None or payment is None:
        return False

    def decide(order: Order) -> Decision:
        current = order.payment(payment.id)
        assert current is not None, "payments never leave their order"
        if no := matching.no_meaning(order, current, event):
            return decided(order, *matching.noted(order, no, at=at))
        taken = paying.notified(order, current, event, at=at)
        return taken.then(*matching.noted(order, matching.odd_amount(current, event), at=at))

    order = advance(ports, stored.value, decide, at=at, key=fitted(f"notification/{gateway}/{event.event_id}"))
    looked = looked_at(ports, order, payment, at=at) if paying.to_look_up(payment, event) else order
    settle(ports, looked or order, at=at)
    return looked is not None


def _named(ports: Ports, gateway: str, event: GatewayEvent) -> GatewayEvent | bool:
    """The event with the key of its payment. Else whether that is the end of it: it is of another system, or has to come again."""
    finder = ports.gateway(gateway)
    if not isinstance(finder, KnowsKeys):
        return event
    try:
        key = finder.key_of(event.reference)
    except GatewayError:
        return False
    return True if key is None else evolve(event, payment_key=key)


def _order_of(ports: Ports, event: GatewayEvent) -> Stored[Order] | None:
    key = event.payment_key or event.our_key
    order_id = "" if key is None else paying.order_of_key(key.value)
    stored = read(ports, order_id, SYSTEM) if order_id else None
    return None if isinstance(stored, Refusal) else stored
