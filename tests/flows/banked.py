"""Orders that wait for a transfer, and the lines of a bank statement, for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from attrs import evolve

from shopwright import Money, Order, Shop, Tender, Via
from shopwright.flows.banking import AssignTransfer, StatementReport
from shopwright.settlement.transfers import StatementLine
from tests.flows.mall import CLERK, Mall, an_order, placed

ACCOUNT = "DE02120300000000202051"


def ordered(shop: Shop, key: str = "o1") -> Order:
    """An order of 49.00 that waits for a transfer."""
    return placed(shop, evolve(an_order(key=key), tenders=(Tender(method="bank_transfer", amount=4900, via=Via.EXTERNAL),)))


def a_line(text: str, amount: int = 4900, *, id: str = "L1", currency: str = "EUR") -> StatementLine:
    """A line of a statement."""
    return StatementLine(id=id, booked_on=date(2026, 3, 3), amount=Money(amount, currency), text=text, payer="Ann Lee")


def match(mall: Mall, *lines: StatementLine) -> StatementReport:
    """These lines, matched by the clerk."""
    return mall.shop.payments.match(ACCOUNT, lines, by=CLERK)


def wait_for_transfers(mall: Mall) -> tuple[Order, Order]:
    """Two orders that wait for a transfer."""
    return ordered(mall.shop), ordered(mall.shop, "o2")


def match_two(mall: Mall, orders: tuple[Order, Order]) -> StatementReport:
    """One is paid in two transfers, both by a third; a fourth is unclear."""
    one, two = orders
    both = a_line(f"{one.number} {two.number}", 5800, id="L2")
    return match(mall, a_line(one.number, 4000), both, a_line("a gift", 100, id="L3"))


def an_unclear_transfer(mall: Mall) -> Order:
    """An order, and a transfer that does not name it."""
    order = ordered(mall.shop)
    match(mall, a_line("for the teas"))
    return order


def assign_one(mall: Mall, order: Order) -> Any:
    """A person books it."""
    shares = ((order.id, 4900),)
    return mall.shop.payments.assign(AssignTransfer(key="assign", by=CLERK, transfer_id=f"{ACCOUNT}/L1", shares=shares))
