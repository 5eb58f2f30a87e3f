"""The machines together: from every joint state that the verbs lead to there is a way to an end, and the laws hold in each of them.

Each world is an order and the moves that are let in, so that the walk through it is complete.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest
from attrs import frozen

from shopwright import orders
from shopwright.inventory.keys import stock_key
from shopwright.orders import Decision, Order, OrderEvent, OrderState, evolve, fold, standings
from shopwright.orders.events import ClaimState, UnitsReopened, UnitsReturned
from shopwright.orders.paying import missing
from shopwright.orders.standing import Standings
from shopwright.orders.terms import ApprovalRule, CaptureWhen, Terms
from shopwright.payments.events import PaymentVerb
from shopwright.payments.payment import Via
from shopwright.refusals import Refusal
from shopwright.shipping.states import STILL_HERE, ShipmentState
from shopwright.testing.builders import NOON, a_decision, a_tender, a_voucher, sold
from shopwright.testing.move import Move
from tests.unit.orders.product import Walk, led, walk

ENDS = r"confirm|complete|cancel(, .*)?|refund the surplus|repay|plan all|dispatch|deliver|\w+: cannot"


@frozen
class World:
    """Where a walk begins, the names of the moves that it may take (but for `less` of them), how many shipments and payments there may be, and which
    moves of the outside people may count on.
    """

    name: str
    start: Decision
    moves: str
    shipments: int = 1
    payments: int = 2
    hopes: str = ""
    less: str = ""

    def allows(self, move: Move, order: Order) -> bool:
        """Whether the walk may take this move: misfortunes of one sort strike once."""
        return _named(f"{ENDS}|{self.moves}", move.name) and not _named(self.less, move.name) and self._once(move, order)

    def _once(self, move: Move, order: Order) -> bool:
        payments = order.payments
        match move.name:
            case "plan all" | "plan one":
                return len(order.shipments) < self.shipments
            case "add a tender" | "replace":
                return len(payments) < self.payments
            case "refund 1" | "goodwill 1":
                return not order.refund_granted
            case "again: delivered" | "again: returned" | "again: lost":
                return sum(len(it.units) for it in order.shipments) < self.shipments
            case "told: refunded":
                return not order.refunded
            case "told: refund_failed":
                return not any(it.failed_refunds for it in payments)
            case "told: charged_back":
                return not any(it.charged_back or it.won_back for it in payments)
        return not move.name.endswith(": no") or not any(it.failures for it in payments)


@cache
def _named(pattern: str, name: str) -> bool:
    return re.fullmatch(pattern, name) is not None


ON_DISPATCH, REVIEWED = Terms(capture=CaptureWhen.ON_DISPATCH), Terms(approval=ApprovalRule(nobody=True))
HALVES = (a_voucher(500), a_tender(1500, capture=False))
CAME = ("start", "start: yes", "plan all", "dispatch", "deliver")
LEFT = frozenset(ShipmentState) - STILL_HERE - {ShipmentState.CANCELED}
MIXED = (sold("TEA"), sold("BOOK", 1, 500, ships=False))


def worlds(*, wide: bool) -> tuple[World, ...]:
    """The worlds; wide ones have more shipments, more payments and more misfortunes in them."""
    said, more = "ask|yes|no", 1 if wide else 0
    return (
        World("what a gateway answers", a_decision(sold()), r"(start|refund|void)(: .*)?|told: (captured|failed)"),
        World(
            "review and holds", a_decision(*MIXED, terms=REVIEWED), r"send back|correct|hold.*|lift.*|(start|refund)(: yes.*|: ask)?|told: review.*"
        ),
        World(
            "a promise",
            a_decision(sold("TEA", 2), tenders=HALVES, terms=ON_DISPATCH),
            rf"(start|capture|void|refund)(: ({said}))?|told: voided|record|plan one|unplan",
            1 + more,
        ),
        World(
            "cash at the door",
            a_decision(sold("TEA", 2), sold("CUP", 1, 2500), on_delivery=True),
            r"record( a part)?|plan one|unplan|lose|take back" + ("|scan.*|book" if wide else ""),
            1 + more,
        ),
        World("disputes", a_decision(sold()), r"(start|refund)(: (ask|yes))?|told: (charge|refund).*" + ("|refund 1|lose" if wide else "")),
        World(
            "other tenders",
            a_decision(sold()),
            rf"(start|refund|void)(: ({said}|act first|too late))?|told: (captured|failed)|add a tender|replace",
            1,
            2 + more,
        ),
        *_afterwards(wide=wide),
    )


def _afterwards(*, wide: bool) -> tuple[World, ...]:
    """What becomes of goods that have come, and of their money."""
    said = r"refund: (ask|yes)|repay|again: (lost|returned)"
    come = led(a_decision(sold("TEA", 2)), *CAME)
    part = led(a_decision(sold("TEA", 2)), "start", "start: yes", "plan one", "dispatch")
    halves = led(a_decision(sold("TEA", 2), tenders=(HALVES[0], a_tender(1500))), "record", *CAME)
    parts = r"refund: (ask|yes)|give back (1|all)|told: charged_back" + ("|lose" if wide else "")
    asked = r"(start|refund)(: (ask|yes))?|lift|told: disputed "
    won, lost = "told: disputed won", "told: (disputed lost|charged_back)"
    by_gateway = "" if wide else "repay"
    return (
        World("units given back", come, rf"{said}|give back (1|all)|take back|refund 1|goodwill 1", less=by_gateway),
        World("units that come back", come, rf"{said}|again: delivered|give back 1|come back(, for sale)?", 2, less=by_gateway),
        World("two payments give back", halves, rf"{said}|give back 1|told: charge.*|take back"),
        World("called off after a part", part, parts, 2, less=by_gateway),
        World("disputes that are won", a_decision(sold()), rf"{asked}(needs_response|won|closed)|give back 1|told: charge.*", hopes=won),
        World("disputes that are lost", a_decision(sold()), rf"{asked}(inquiry|under_review|lost)|give back 1|told: charged_back", hopes=lost),
    )


@pytest.fixture(
    scope="module", params=[*worlds(wide=False), *[pytest.param(it, marks=pytest.mark.full) for it in worlds(wide=True)]], ids=lambda it: it.name
)
def seen(request: pytest.FixtureRequest) -> Walk:
    """All of one world."""
    return walk(request.param.start, request.param.allows, most=100_000, hopes=request.param.hopes)


def test_from_every_joint_state_people_who_do_their_part_come_to_an_end(seen: Walk, record_property: Callable[[str, object], None]) -> None:
    record_property("joint_states", len(seen.orders))

    assert [(seen.ways[state], standings(seen.orders[state])) for state in seen.without_end()[:3]] == []


def test_a_history_tells_of_its_order_in_every_joint_state(seen: Walk) -> None:
    assert [seen.ways[state] for state, order in seen.orders.items() if fold(seen.histories[state]) != order] == []


@pytest.mark.parametrize("law", ["units", "money", "grants", "standing", "next_step", "completion"])
def test_a_law_holds_in_every_joint_state(seen: Walk, law: str) -> None:
    broken = [(seen.ways[state], standings(order)) for state, order in seen.orders.items() if not LAWS[law](order)]

    assert broken[:3] == []


def test_an_order_claims_the_stock_of_each_unit_once_wherever_it_has_been(seen: Walk) -> None:
    """ORDER-12, ORDER-22, ORDER-23: what was not called off, what went out once more besides, and less what is for sale again. A canceled order of
    which nothing ever left claims nothing.
    """
    broken = [(seen.ways[state], order.claim) for state, order in seen.orders.items() if not _claims(order, seen.histories[state])]

    assert broken[:3] == []


def _claims(order: Order, history: tuple[OrderEvent, ...]) -> bool:
    never_left = not any(line.buckets.left for line in order.lines) and not any(it.state in LEFT for it in order.shipments)
    if order.state is OrderState.CANCELED and never_left:
        return order.claim.state is ClaimState.RELEASED
    claimed = Counter[str]()
    for line in order.lines:
        claimed[stock_key(line.sku)] += line.quantity - line.buckets.canceled
    return dict(order.claim.items) == +(claimed + _moved(history))


def _moved(history: tuple[OrderEvent, ...]) -> Counter[str]:
    """How much stock was taken anew by goods that went out once more, less what was put on sale again."""
    moved = Counter[str]()
    if not any(isinstance(event, UnitsReturned | UnitsReopened) for event in history):
        return moved
    before = fold(history[:1])
    for event in history[1:]:
        after = evolve(before, event)
        if isinstance(event, UnitsReturned | UnitsReopened):
            more, sign = Counter[str](), -1 if isinstance(event, UnitsReturned) else 1
            for line_no, units in event.units:
                more[stock_key(before.lines[line_no - 1].sku)] += sign * units
            change = Counter(dict(after.claim.items))
            change.subtract(dict(before.claim.items))
            assert {key: units for key, units in change.items() if units} in ({}, dict(more)), "units come back or go out as they are, or not at all"
            moved.update(change)
        before = after
    return moved


def _units(order: Order) -> bool:
    """ORDER-1: units are conserved, and none is counted below zero."""
    counts = [
        (line.quantity, (b.open, b.allocated, b.shipped, b.delivered, b.returned, b.lost, b.canceled))
        for line in order.lines
        for b in (line.buckets,)
    ]
    return all(sum(places) == quantity and min(places) >= 0 for quantity, places in counts)


def _money(order: Order) -> bool:
    """PAY-1: what has gone back and what was asked back stays within what was taken (`_next_step` looks at the asking)."""
    return all(
        0 <= it.refunded_by_hand <= it.refunded
        and it.charged_back >= 0
        and it.refunded <= it.captured >= it.asked(PaymentVerb.REFUND)
        and it.pending_refund == sum(attempt.amount for attempt in it.attempts if attempt.pending and attempt.verb is PaymentVerb.REFUND)
        for it in order.payments
    )


def _grants(order: Order) -> bool:
    """ORDER-11: what has gone back was granted, and an allowance is part of a grant."""
    return order.refunded <= order.refund_granted and 0 <= order.allowances <= order.refund_granted and order.owed >= 0


def _standing(order: Order) -> bool:
    """Each axis has a word, whatever the hour."""
    return isinstance(standings(order), Standings) and isinstance(standings(order, at=NOON), Standings)


def _next_step(order: Order) -> bool:
    """What is asked next can be asked, asks for what is missing or granted, and leaves nothing to be asked of that payment meanwhile."""
    step = orders.next_step(order, at=NOON)
    if step is None:
        return True
    payment = order.payment(step.payment_id)
    assert payment is not None
    most = {
        PaymentVerb.CAPTURE: min(missing(order), payment.open_authorization),
        PaymentVerb.REFUND: min(order.refund_outstanding, payment.refundable),
        PaymentVerb.VOID: payment.tender.amount if order.state is OrderState.CANCELED else 0,
    }[step.verb]
    again = orders.next_step(orders.evolve(order, step), at=NOON)
    return payment.tender.via is Via.GATEWAY and 0 < step.amount <= most and (again is None or again.payment_id != step.payment_id)


def _completion(order: Order) -> bool:
    """ORDER-5, ORDER-10: an order that is due to complete by itself can be completed."""
    return orders.complete_due_at(order) is None or not isinstance(orders.complete(order, by=order.placed_by, at=NOON), Refusal)


LAWS = {
    "units": _units,
    "money": _money,
    "grants": _grants,
    "standing": _standing,
    "next_step": _next_step,
    "completion": _completion,
}
