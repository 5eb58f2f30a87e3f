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
    return (("owed", sale.price + sale.freight), ("paid", sale.paid))


def _state(sale: Sale) -> Facts:
    return (("state", sale.state),)


def _late(sale: Sale) -> Facts:
    return (("days", days_late(sale)),)


def _paid_facts(sale: Sale) -> Facts:
    return (("paid", sale.paid),)


def _nothing(_sale: Sale) -> Facts:
    return ()


def _odd_sequence(sale: Sale) -> Facts:
    return (("sequence", ",".join(str(paid.sequence) for paid in sale.payments)),)


def _beyond(sale: Sale) -> bool:
    """Whether a date tells of goods that are further than the state says."""
    if sale.state not in LEAVES:
        return sale.carrier_at is not None or sale.delivered_at is not None
    return sale.state == "shipped" and sale.delivered_at is not None


Rule = tuple[str, Callable[[Sale], bool], Callable[[Sale], Facts]]

ORDER_CODES: tuple[Rule, ...] = (
    ("no_items", lambda s: not s.items, _state),
    ("no_payments", lambda s: not s.payments, _nothing),
    ("paid_less", lambda s: bool(s.items) and s.paid < s.price + s.freight, _amounts),
    ("paid_more", lambda s: bool(s.items) and s.paid > s.price + s.freight, _amounts),
    ("payment_sequence_gap", lambda s: [p.sequence for p in s.payments] != list(range(1, len(s.payments) + 1)), _odd_sequence),
    ("never_approved", lambda s: s.approved_at is None, _paid_facts),
    ("approved_before_purchase", lambda s: _before(s.approved_at, s.purchased_at), _nothing),
    ("carrier_before_purchase", lambda s: _before(s.carrier_at, s.purchased_at), _nothing),
    ("carrier_before_approval", lambda s: _before(s.carrier_at, s.approved_at), _nothing),
    ("delivered_before_approval", lambda s: _before(s.delivered_at, s.approved_at), _nothing),
    ("delivered_before_carrier", lambda s: _before(s.delivered_at, s.carrier_at), _nothing),
    ("shipped_without_carrier_date", lambda s: s.state == "shipped" and s.carrier_at is None, _nothing),
    ("delivered_without_carrier_date", lambda s: (s.state == "delivered" or s.delivered_at is not None) and s.carrier_at is None, _nothing),
    ("delivered_without_date", lambda s: s.state == "delivered" and s.delivered_at is None, _nothing),
    ("delivered_late", lambda s: days_late(s) > 0, _late),
    ("dates_beyond_state", _beyond, _state),
    ("state_narrowed", lambda s: bool(s.items) and s.state in NARROWED, _state),
    ("canceled_without_date", lambda s: s.state in CALLED_OFF, _state),
    ("canceled_after_shipping", lambda s: s.state in CALLED_OFF and s.carrier_at is not None, _nothing),
    ("canceled_after_delivery", lambda s: s.state in CALLED_OFF and s.delivered_at is not None, _nothing),
    ("canceled_without_refund", lambda s: s.state == "canceled" and s.paid > 0, _paid_facts),
    ("unavailable_without_refund", lambda s: s.state == "unavailable" and s.paid > 0, _paid_facts),
)
"""The codes about an order as a whole, each with its condition and the facts that are kept with it."""

PAYMENT_CODES: tuple[tuple[str, Callable[[Paid], bool]], ...] = (
    ("payment_zero", lambda p: p.value == 0),
    ("payment_not_defined", lambda p: p.type == "not_defined"),
    ("payment_without_installments", lambda p: p.installments < 1),
)
"""The codes about one row of payment, each with its condition."""


def odd_facts(sale: Sale) -> tuple[Odd, ...]:
    """All that is odd with an order, in the order of the tables above, its ambiguous times last."""
    return tuple(_found(sale))


def _found(sale: Sale) -> Iterator[Odd]:
    for code, holds, facts in ORDER_CODES:
        if holds(sale):
            yield Odd(code=code, row=sale.row, facts=facts(sale))
    for paid in sale.payments:
        for code, odd in PAYMENT_CODES:
            if odd(paid):
                yield Odd(code=code, row=paid.row, facts=(("sequence", paid.sequence), ("type", paid.type)))
    for column in sale.ambiguous:
        yield Odd(code="time_ambiguous", row=sale.row, facts=(("column", column),))
