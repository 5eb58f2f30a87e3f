"""What is not as it should be with an order of the marketplace, as data: a table of codes, each with its exact condition.

Rules
- an odd fact is imported as it is and noted by its code; nothing is corrected, and nothing is missing that the files know;
- a code says what the files say, never why; whoever knows better adds a code, and none changes its meaning;
- an order is told to be late by dates, not by hours: what arrives on the promised day is in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import frozen

from marketplace.source import ZONE, Paid, Row, Sale
from shopwright.periods import day_of
from shopwright.refusals import Fact

CALLED_OFF = ("canceled", "unavailable")
NARROWED = ("approved", "invoiced", "processing")
LEAVES = ("shipped", "delivered", "canceled", "unavailable")

Facts = tuple[tuple[str, Fact], ...]


@frozen(kw_only=True)
class Odd:
    """One odd fact: its code, the row that it stands in, and what is known of it."""

    code: str
    row: Row
    facts: Facts = ()


def _before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


def days_late(sale: Sale) -> int:
    """By how many days on the calendar it came after the promised day; zero when it came in time or has no date."""
    if sale.delivered_at is None:
        return 0
    return max(0, (day_of(sale.delivered_at, ZONE) - day_of(sale.promised_at, ZONE)).days)


def _amounts(sale: Sale) -> Facts:
    return (("owed", sale.owed), ("paid", sale.paid))


def _state(sale: Sale) -> Facts:
    return (("state", sale.state),)


def _late(sale: Sale) -> Facts:
    return (("days", days_late(sale)),)


def _paid_facts(sale: Sale) -> Facts:
    return (("paid", sale.paid),)


def _nothing(_sale: Sale) -> Facts:
    return ()


def _unavailable_paid(sale: Sale) -> bool:
    return sale.state == "unavailable" and sale.paid > 0


def _sequence(sale: Sale) -> Facts:
    return (("sequence", ",".join(map(str, sale.sequence))),)


def _counted(sale: Sale) -> tuple[int, ...]:
    return tuple(range(1, len(sale.payments) + 1))


def _arrived(sale: Sale) -> bool:
    return sale.state == "delivered" or sale.delivered_at is not None


def _beyond(sale: Sale) -> bool:
    """Whether a date tells of goods that are further than the state says."""
    if sale.state not in LEAVES:
        return sale.carrier_at is not None or sale.delivered_at is not None
    return sale.state == "shipped" and sale.delivered_at is not None


@frozen
class Rule:
    """A code, its condition in words and as a function of an order, and the facts that are kept with it."""

    code: str
    reason: str
    holds: Callable[[Sale], bool]
    facts: Callable[[Sale], Facts] = _nothing


ORDER_RULES: tuple[Rule, ...] = (
    Rule("no_items", "the order has payments and no items, so there is nothing to place", lambda s: not s.items, _state),
    Rule("no_payments", "the order has no payment at all", lambda s: not s.payments),
    Rule("paid_less", "less was paid than items and freight cost", lambda s: bool(s.items) and s.paid < s.owed, _amounts),
    Rule("paid_more", "more was paid than items and freight cost", lambda s: bool(s.items) and s.paid > s.owed, _amounts),
    Rule("payment_sequence_gap", "the payments are not numbered from 1 without a gap", lambda s: s.sequence != _counted(s), _sequence),
    Rule("never_approved", "the order was paid and has no date of approval", lambda s: s.approved_at is None, _paid_facts),
    Rule("approved_before_purchase", "it was approved before it was placed", lambda s: _before(s.approved_at, s.purchased_at)),
    Rule("carrier_before_purchase", "it left before it was placed", lambda s: _before(s.carrier_at, s.purchased_at)),
    Rule("carrier_before_approval", "it left before it was approved", lambda s: _before(s.carrier_at, s.approved_at)),
    Rule("delivered_before_approval", "it arrived before it was approved", lambda s: _before(s.delivered_at, s.approved_at)),
    Rule("delivered_before_carrier", "it arrived before it left", lambda s: _before(s.delivered_at, s.carrier_at)),
    Rule("shipped_without_carrier_date", "it is shipped and has no date of leaving", lambda s: s.state == "shipped" and s.carrier_at is None),
    Rule("delivered_without_carrier_date", "it is delivered and has no date of leaving", lambda s: _arrived(s) and s.carrier_at is None),
    Rule("delivered_without_date", "it is delivered and has no date of arriving", lambda s: s.state == "delivered" and s.delivered_at is None),
    Rule("delivered_late", "it arrived on a day after the promised one", lambda s: days_late(s) > 0, _late),
    Rule("dates_beyond_state", "its dates tell of goods that are further than its state says", _beyond, _state),
    Rule("state_narrowed", "its state is one of three that a shop calls confirmed", lambda s: bool(s.items) and s.state in NARROWED, _state),
    Rule("canceled_without_date", "it was called off, and no date says when", lambda s: s.state in CALLED_OFF, _state),
    Rule("canceled_after_shipping", "it was called off after it had left", lambda s: s.state in CALLED_OFF and s.carrier_at is not None),
    Rule("canceled_after_delivery", "it was called off after it had arrived", lambda s: s.state in CALLED_OFF and s.delivered_at is not None),
    Rule("canceled_without_refund", "paid and canceled, and no refund is recorded", lambda s: s.state == "canceled" and s.paid > 0, _paid_facts),
    Rule("unavailable_without_refund", "paid and not available, and no refund is recorded", _unavailable_paid, _paid_facts),
)
"""The rules about an order as a whole, in the order in which they are noted."""

PAYMENT_RULES: tuple[tuple[str, str, Callable[[Paid], bool]], ...] = (
    ("payment_zero", "a payment of nothing", lambda p: p.value == 0),
    ("payment_not_defined", "a payment whose type is not known", lambda p: p.type == "not_defined"),
    ("payment_without_installments", "a payment in no installments at all, taken for one", lambda p: p.installments < 1),
)
"""The rules about one row of payment: code, reason, condition."""

AMBIGUOUS = "time_ambiguous"
REASONS: dict[str, str] = {
    **{rule.code: rule.reason for rule in ORDER_RULES},
    **{code: reason for code, reason, _ in PAYMENT_RULES},
    AMBIGUOUS: "clocks showed this time twice, or never",
}
"""Why a code is given, in words."""


def odd_facts(sale: Sale) -> tuple[Odd, ...]:
    """All that is odd with an order, in the order of the tables above, its ambiguous times last."""
    return tuple(_found(sale))


def _found(sale: Sale) -> Iterator[Odd]:
    for rule in ORDER_RULES:
        if rule.holds(sale):
            yield Odd(code=rule.code, row=sale.row, facts=rule.facts(sale))
    for paid in sale.payments:
        for code, _, odd in PAYMENT_RULES:
            if odd(paid):
                yield Odd(code=code, row=paid.row, facts=(("sequence", paid.sequence), ("type", paid.type)))
    for column in sale.ambiguous:
        yield Odd(code=AMBIGUOUS, row=sale.row, facts=(("column", column),))
