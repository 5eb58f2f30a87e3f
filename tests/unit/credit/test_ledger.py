"""Accounts of kept money: what lapses first goes first, what comes back goes where it came from, and postings always sum to zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount, CreditBalance, CreditState
from shopwright.credit.books import Book, CreditLot, CreditPosted, EntryKind, Origin, Posting, balances
from shopwright.credit.ledger import Posted
from shopwright.credit.liability import Liability, liabilities
from shopwright.errors import InvalidValue
from shopwright.loyalty.entries import Cause
from shopwright.refusals import Refusal, accepted

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WHY = Cause(source="a test")
EMPTY = CreditAccount(id="store_credit/EUR/ann", program="store_credit", currency="EUR", holder="ann")


def lot(id: str, amount: int, days: int | None = None, *, origin: Origin = Origin.GRANTED) -> CreditLot:
    return CreditLot(id=id, amount=amount, origin=origin, since=START, expires_at=None if days is None else START + days * DAY)


def filled(*lots: CreditLot) -> Posted:
    posted = Posted(EMPTY)
    for each in lots:
        after = accepted(ledger.put_in(posted.account, each, cause=WHY, at=START))
        posted = Posted(after.account, (*posted.entries, *after.entries))
    return posted


def told(lots: tuple[CreditLot, ...]) -> list[tuple[str, int]]:
    return [(it.id, it.amount) for it in lots]


THREE = filled(lot("never", 100), lot("late", 100, 9), lot("soon", 100, 2)).account


def test_what_lapses_soonest_is_spent_first():
    """CREDIT-4."""
    posted = accepted(ledger.spend(THREE, 150, cause=WHY, at=START))

    assert (told(posted.lots), told(posted.account.lots)) == ([("soon", 100), ("late", 50)], [("late", 50), ("never", 100)])


def test_what_comes_back_goes_where_it_came_from_the_last_taken_first():
    """CREDIT-5."""
    posted = accepted(ledger.spend(THREE, 250, cause=WHY, at=START))
    back, stay = ledger.last_of(posted.lots, 100)
    after = accepted(ledger.give_back(posted.account, back, reinstate=None, cause=WHY, at=START))

    assert (told(back), told(stay)) == ([("never", 50), ("late", 50)], [("soon", 100), ("late", 50)])
    assert told(after.account.lots) == [("late", 50), ("never", 100)]


@pytest.mark.parametrize(("reinstate", "available"), [(None, 0), (7 * DAY, 100)])
def test_what_comes_back_too_late_is_good_for_a_while_or_written_off(reinstate, available):
    """CREDIT-5."""
    spent = accepted(ledger.spend(filled(lot("soon", 100, 2)).account, 100, cause=WHY, at=START))
    after = accepted(ledger.give_back(spent.account, spent.lots, reinstate=reinstate, cause=WHY, at=START + 3 * DAY))

    assert after.account.balance(START + 3 * DAY).available == available
    assert after.account.balance(START + 10 * DAY).available == 0


def test_every_verb_settles_what_has_lapsed_first():
    """CREDIT-3."""
    held = accepted(ledger.hold(THREE, "h", 150, until=START + DAY, cause=WHY, at=START)).account
    posted = accepted(ledger.spend(held, 10, cause=WHY, at=START + 3 * DAY))

    assert [it.kind for it in posted.entries] == [EntryKind.LAPSED, EntryKind.EXPIRED, EntryKind.SPENT]
    assert (told(posted.account.lots), posted.account.granted, posted.account.used) == ([("late", 90), ("never", 100)], 200, 10)


def test_money_that_is_held_stays_good_while_it_is_held():
    held = accepted(ledger.hold(filled(lot("soon", 100, 2)).account, "h", 100, until=START + 5 * DAY, cause=WHY, at=START)).account
    posted = accepted(ledger.take_held(held, "h", 60, final=True, cause=WHY, at=START + 3 * DAY))

    assert [it.kind for it in posted.entries] == [EntryKind.SPENT, EntryKind.RELEASED, EntryKind.EXPIRED]
    assert (posted.account.free, posted.account.used, posted.lots) == (0, 60, (lot("soon", 60, 2),))


def test_a_hold_is_taken_in_parts():
    held = accepted(ledger.hold(THREE, "h", 150, until=START + DAY, cause=WHY, at=START)).account
    first = accepted(ledger.take_held(held, "h", 60, final=False, cause=WHY, at=START)).account
    second = accepted(ledger.take_held(first, "h", 60, final=True, cause=WHY, at=START)).account

    assert (first.balance(START), second.balance(START)) == (
        CreditBalance(available=150, held=90, currency="EUR"),
        CreditBalance(available=180, held=0, currency="EUR"),
    )


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda it: ledger.spend(it, 301, cause=WHY, at=START), "credit_short"),
        (lambda it: ledger.hold(it, "h", 301, until=START + DAY, cause=WHY, at=START), "credit_short"),
        (lambda it: ledger.take_out(it, 301, cause=WHY, at=START), "credit_short"),
        (lambda it: ledger.take_held(it, "h", 1, final=True, cause=WHY, at=START), "credit_hold_unknown"),
        (lambda it: ledger.release(it, "h", cause=WHY, at=START), "credit_hold_unknown"),
        (lambda it: ledger.spend(evolve(it, state=CreditState.WAITING), 1, cause=WHY, at=START), "credit_waiting"),
        (lambda it: ledger.give_back(evolve(it, state=CreditState.VOID), (), reinstate=None, cause=WHY, at=START), "credit_void"),
    ],
)
def test_what_is_not_there_is_refused(act, code):
    refused = act(THREE)

    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_no_more_is_taken_of_a_hold_than_is_held():
    held = accepted(ledger.hold(THREE, "h", 5, until=START + DAY, cause=WHY, at=START)).account
    refused = ledger.take_held(held, "h", 6, final=True, cause=WHY, at=START)

    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts)) == ("credit_hold_short", {"wanted": 6, "held": 5, "currency": "EUR"})


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda it: ledger.spend(it, 0, cause=WHY, at=START), "1 or more"),
        (lambda it: ledger.hold(it, "h", 1, until=START, cause=WHY, at=START), "a hold until after"),
        (lambda it: ledger.put_in(it, lot("old", 1, 0), cause=WHY, at=START), "can be spent after"),
        (lambda it: ledger.merge(it, evolve(it, id="x", currency="USD"), cause=WHY, at=START), "one program and currency"),
    ],
)
def test_what_makes_no_sense_raises(act: Any, match: str):
    with pytest.raises(InvalidValue, match=match):
        act(THREE)


def test_the_id_of_a_hold_is_used_once():
    held = accepted(ledger.hold(THREE, "h", 5, until=START + DAY, cause=WHY, at=START)).account
    with pytest.raises(InvalidValue, match="the id of a new hold"):
        ledger.hold(held, "h", 5, until=START + DAY, cause=WHY, at=START)


def test_a_void_account_lets_out_what_was_held_and_keeps_nothing_else():
    held = accepted(ledger.hold(THREE, "h", 50, until=START + DAY, cause=WHY, at=START)).account
    void = ledger.void(held, cause=WHY, at=START).account
    taken = accepted(ledger.take_held(void, "h", 20, final=True, cause=WHY, at=START)).account

    assert (void.balance(START).available, void.balance(START).held) == (0, 50)
    assert (taken.free, taken.granted, taken.used) == (0, 20, 20)
    assert ledger.void(taken, cause=WHY, at=START) == Posted(taken)


def test_an_entry_whose_postings_do_not_sum_to_zero_is_none():
    """CREDIT-1."""
    with pytest.raises(InvalidValue, match="sum to zero, got 1 over"):
        CreditPosted(
            kind=EntryKind.SPENT, account_id="a", program="p", currency="EUR", postings=(Posting(Book.FREE, 2), Posting(Book.SPENT, -1)), at=START
        )


def test_two_accounts_become_one_with_what_may_still_come_back():
    one = accepted(ledger.spend(THREE, 150, cause=WHY, at=START))
    other = evolve(filled(lot("his", 30)).account, id="store_credit/EUR/bob")
    gone, into = ledger.merge(one.account, other, cause=WHY, at=START)

    assert (gone.account.free, gone.account.granted, gone.account.merged_into) == (0, 0, "store_credit/EUR/bob")
    assert (into.account.free, into.account.granted, into.account.used) == (180, 330, 150)
    back = accepted(ledger.give_back(into.account, one.lots, reinstate=None, cause=WHY, at=START)).account
    assert (back.free, back.used) == (330, 0)
    assert balances((*gone.entries, *into.entries)) == {}


def test_the_liability_adds_up_and_breakage_is_what_was_paid_for():
    """CREDIT-7."""
    bought, present = lot("bought", 500, 2, origin=Origin.SOLD), lot("present", 300, 2)
    posted = filled(bought, present, lot("for good", 1_000, origin=Origin.REFUNDED))
    entries = list(posted.entries)
    account = posted.account
    for act in (
        lambda it: ledger.spend(it, 200, cause=WHY, at=START + DAY),
        lambda it: ledger.hold(it, "h", 700, until=START + 9 * DAY, cause=WHY, at=START + 3 * DAY),
        lambda it: ledger.take_out(it, 100, cause=WHY, at=START + 4 * DAY),
    ):
        after = accepted(act(account))
        account, entries = after.account, [*entries, *after.entries]

    (owed,) = liabilities(reversed(entries), as_of=START + 5 * DAY)
    assert owed == Liability(
        program="store_credit",
        currency="EUR",
        as_of=START + 5 * DAY,
        sold=500,
        granted=300,
        refunded=1_000,
        spent=200,
        expired=300,
        breakage=300,
        voided=100,
        outstanding=900,
        held=700,
    )
    assert owed.put_in - owed.spent - owed.expired - owed.breakage - owed.voided == owed.outstanding
    assert liabilities(entries, as_of=START)[0].outstanding == 1_800
