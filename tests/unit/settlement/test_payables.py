"""What the mall owes those who sell on it, and the payouts that settle it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.settlement import Payable, PayableKind, Payout, balance, next_payout

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(id: str, amount: int, day: int = 0, kind: PayableKind = PayableKind.SALE, payee: str = "ann", currency: str = "EUR") -> Payable:
    return Payable(id=id, payee=payee, kind=kind, amount=amount, currency=currency, available_on=NOON + day * DAY, source=f"order-{id}")


def payout(entries: list[Payable], payouts: list[Payout], day: int = 0, least: int = 1) -> Payout | None:
    return next_payout(entries, payouts, payee="ann", currency="EUR", at=NOON + day * DAY, least=least)


def owed(entries: list[Payable], payouts: list[Payout]) -> int:
    return balance(entries, payouts, payee="ann", currency="EUR")


def test_polar_4428_a_refund_after_a_payout_is_netted_with_the_next_one():
    """A refund after a payout broke the next payout: polarsource/polar#4428."""
    entries = [entry("sale", 9_000), entry("kept", -900, kind=PayableKind.COMMISSION)]
    first = payout(entries, [])
    assert first is not None
    assert (first.amount, first.entries) == (8_100, ("kept", "sale"))

    entries += [entry("refund", -9_000, 1, PayableKind.REFUND), entry("back", 900, 1, PayableKind.COMMISSION_BACK), entry("small", 1_000, 2)]
    assert (owed(entries, [first]), payout(entries, [first], 2)) == (-7_100, None)

    entries.append(entry("large", 10_000, 3))
    second = payout(entries, [first], 3)
    assert second is not None
    assert (second.amount, second.entries) == (2_900, ("back", "refund", "small", "large"))
    assert owed(entries, [first, second]) == 0


def test_less_than_the_least_is_carried_over_and_what_is_not_available_waits():
    entries = [entry("a", 300), entry("b", 500, 7)]

    assert (payout(entries, [], least=400), payout(entries, [])) == (None, payout(entries[:1], []))
    assert payout(entries, [], 7, least=400).entries == ("a", "b")


def test_a_repeat_makes_the_same_payout_and_others_are_no_concern_of_it():  # SETTLE-4
    entries = [entry("a", 300), entry("b", 500, payee="bob"), entry("c", 700, currency="USD")]

    once, again = payout(entries, []), payout(entries[::-1], [])

    assert once == again
    assert once is not None
    assert (once.entries, payout(entries, [once])) == (("a",), None)


AMOUNTS = st.lists(st.tuples(st.integers(-2_000, 3_000), st.integers(0, 20)), max_size=12)


@given(AMOUNTS, st.lists(st.integers(0, 25), max_size=6), st.integers(1, 2_000))
def test_payouts_and_balance_are_all_there_is_and_no_entry_is_settled_twice(given_entries, days, least):  # SETTLE-2, SETTLE-3
    entries = [entry(f"e{number:02}", amount, day) for number, (amount, day) in enumerate(given_entries)]
    payouts: list[Payout] = []
    for day in sorted(days):
        cut = payout([it for it in entries if it.available_on <= NOON + day * DAY], payouts, day, least)
        payouts += [cut] if cut is not None else []

    settled = [id for it in payouts for id in it.entries]
    amounts = {it.id: it.amount for it in entries}
    assert len(settled) == len(set(settled))
    assert all(it.amount == sum(amounts[id] for id in it.entries) >= least for it in payouts)
    assert sum(it.amount for it in payouts) + owed(entries, payouts) == sum(amounts.values())


def test_an_entry_that_stands_twice_and_a_least_of_nothing_are_refused():
    with pytest.raises(InvalidValue, match="got a twice"):
        payout([entry("a", 1), entry("a", 1)], [])
    with pytest.raises(InvalidValue, match="1 or more, got 0"):
        payout([entry("a", 1)], [], least=0)
