"""The books of a shop against those of a provider: what agrees, what is awaited, and each kind of break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments import events as e
from shopwright.payments.ledger import LedgerLine
from shopwright.settlement.books import PaymentBooks
from shopwright.settlement.movements import Movement, MovementKind, movement
from shopwright.settlement.reconciling import BooksTerms, BreakKind, FeeRule, PayoutReceived, Reconciled, reconcile, reconcile_payouts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
K, B = MovementKind, BreakKind


def moved(amount: int, *, id: str = "m1", kind: K = K.CHARGE, payment: str = "p", day: int = 0, currency: str = "EUR") -> Movement:
    return Movement(id=id, kind=kind, reference=payment, amount=amount, currency=currency, at=NOON + day * DAY)


def line(amount: int, *, id: str = "l1", kind: str = "charge", payment: str = "p", day: int = 0, fee: int = 0, **facts: Any) -> LedgerLine:
    currency, booked = facts.pop("currency", "EUR"), NOON + day * DAY
    gross, kept = Money(amount, currency), Money(fee, currency)
    return LedgerLine(line_id=id, kind=kind, reference=payment, gross=gross, fee=kept, booked_at=booked, available_on=booked + 2 * DAY, **facts)


def found(ours: list[Movement], theirs: list[LedgerLine], *, day: int = 1, **terms: Any) -> Reconciled:
    return reconcile(ours, theirs, at=NOON + day * DAY, terms=BooksTerms(**terms))


def broken(ours: list[Movement], theirs: list[LedgerLine], *, day: int = 10, **terms: Any) -> list[tuple[str, int, int]]:
    return [(it.kind.value, it.ours, it.theirs) for it in found(ours, theirs, day=day, **terms).breaks]


def test_a_movement_and_a_line_of_one_amount_are_one_and_of_several_the_oldest_go_together():  # BOOKS-1
    ours = [moved(-200, id="m2", kind=K.REFUND, day=2), moved(-200, id="m1", kind=K.REFUND, day=1), moved(900, id="m0")]
    theirs = [line(-200, id="l2", kind="refund", day=2), line(-200, id="l1", kind="refund", day=1), line(900, id="l0", fee=9)]

    matches = found(ours, theirs, day=3).matches

    assert [(it.movements, it.lines, it.amount, it.fee) for it in matches] == [
        (("m0",), ("l0",), 900, 9),
        (("m1",), ("l1",), -200, 0),
        (("m2",), ("l2",), -200, 0),
    ]


def test_what_a_provider_bundles_or_splits_goes_together_by_its_sum():  # BOOKS-2
    two = [moved(-200, id="m1", kind=K.REFUND), moved(-300, id="m2", kind=K.REFUND)]

    [match] = found(two, [line(-500, kind="refund")]).matches
    assert (match.movements, match.lines, match.amount) == (("m1", "m2"), ("l1",), -500)
    [match] = found([moved(500)], [line(200, id="l1"), line(300, id="l2")]).matches
    assert (match.movements, match.lines, match.amount) == (("m1",), ("l1", "l2"), 500)


def test_what_is_left_is_awaited_missing_there_missing_here_or_one_break_of_both():  # BOOKS-3
    assert found([moved(500)], [], day=3).awaited == (moved(500),)
    assert broken([moved(500)], [], day=4) == [("missing_there", 500, 0)]
    assert broken([], [line(500)], day=0) == [("missing_here", 0, 500)]
    assert broken([moved(500)], [line(501)], day=0) == [("amount_differs", 500, 501)]
    assert broken([moved(500)], [line(500, currency="USD")]) == [("currency_differs", 500, 500)]
    assert broken([moved(500)], [line(500, payment="q")]) == [("missing_there", 500, 0), ("missing_here", 0, 500)]
    assert broken([moved(500)], [line(500, kind="chargeback")]) == [("missing_there", 500, 0), ("missing_here", 0, 500)]


def test_a_refund_that_came_back_and_was_never_booked_is_settled_within_itself():  # BOOKS-4
    gone, back = moved(-200, id="m1", kind=K.REFUND), moved(200, id="m2", kind=K.REFUND_FAILURE, day=1)

    settled = found([gone, back], [], day=9)

    assert ([(it.movements, it.lines, it.amount) for it in settled.matches], settled.breaks) == ([(("m1", "m2"), (), 0)], ())
    assert broken([gone, moved(100, id="m2", kind=K.REFUND_FAILURE)], []) == [("missing_there", -200, 0), ("missing_there", 100, 0)]
    assert broken([gone, back], [line(-200, kind="refund")]) == [("missing_there", 200, 0)]


def test_books_that_agree_late_or_with_another_fee_are_told_and_still_agree():
    late = found([moved(500)], [line(500, day=4)], day=5)
    fees = found([moved(500)], [line(500, fee=20)], fee=FeeRule(basis_points=200, tolerance=0))

    assert [(it.kind, len(books.matches)) for books in (late, fees) for it in books.breaks] == [(B.LATE, 1), (B.FEE_DIFFERS, 1)]
    assert (fees.breaks[0].ours, fees.breaks[0].theirs) == (10, 20)


@pytest.mark.parametrize(
    ("rule", "of", "fee"),
    [
        (FeeRule(basis_points=200), line(500), 10),
        (FeeRule(basis_points=290, fixed=30), line(1_000), 59),
        (FeeRule(basis_points=200), line(-500, kind="refund"), 0),
        (FeeRule(basis_points=200, fixed=30, returned=True), line(-500, kind="refund"), -10),
        (FeeRule(basis_points=200, returned=True), line(-500, kind="chargeback"), 0),
    ],
)
def test_a_fee_is_a_part_and_a_fixed_amount_of_a_charge(rule: FeeRule, of: LedgerLine, fee: int):
    assert rule.expected(of) == fee


def test_a_line_of_the_provider_alone_is_told_unless_its_kind_is_expected():
    assert broken([], [line(-5, kind="monthly_fee", payment="")]) == [("line_unknown", 0, -5)]
    assert broken([], [line(-5, kind="monthly_fee", payment="")], expected_kinds=("payout", "monthly_fee")) == []
    assert broken([], [line(-900, kind="payout", payment="")]) == []


def test_nothing_is_given_twice():
    with pytest.raises(InvalidValue, match="each movement once, got m1 twice"):
        found([moved(1), moved(1)], [])
    with pytest.raises(InvalidValue, match="each line once, got l1 twice"):
        found([], [line(1), line(1)])
    with pytest.raises(InvalidValue, match="patience must not be negative"):
        BooksTerms(patience=-DAY)


amounts = st.integers(min_value=1, max_value=4).map(lambda n: n * 100)
kinds = st.sampled_from([K.CHARGE, K.REFUND, K.REFUND_FAILURE])
facts = st.tuples(amounts, kinds, st.sampled_from("pq"), st.integers(min_value=0, max_value=6), st.sampled_from(["EUR", "USD"]))
SIGN = {K.CHARGE: 1, K.REFUND: -1, K.REFUND_FAILURE: 1}


@given(st.lists(facts, max_size=8), st.lists(facts, max_size=8), st.integers(min_value=0, max_value=12))
def test_every_movement_and_every_line_is_in_one_match_awaited_or_in_one_break(a, b, day):  # BOOKS-5
    ours = [moved(SIGN[k] * n, id=f"m{i}", kind=k, payment=p, day=d, currency=c) for i, (n, k, p, d, c) in enumerate(a)]
    theirs = [line(SIGN[k] * n, id=f"l{i}", kind=k.value, payment=p, day=d, currency=c) for i, (n, k, p, d, c) in enumerate(b)]

    books = found(ours, theirs, day=day)
    parted = [it for it in books.breaks if it.kind is not B.LATE]

    movements = [id for it in (*books.matches, *parted) for id in it.movements] + [it.id for it in books.awaited]
    lines = [id for it in (*books.matches, *parted) for id in it.lines]
    assert (sorted(movements), sorted(lines)) == (sorted(it.id for it in ours), sorted(it.line_id for it in theirs))
    for match in books.matches:
        assert match.amount == sum(it.amount for it in ours if it.id in match.movements)
        assert match.amount == sum(it.gross.minor for it in theirs if it.line_id in match.lines)
    assert reconcile(reversed(ours), reversed(theirs), at=NOON + day * DAY) == books


def test_a_payout_is_the_sum_of_its_lines_and_arrives_in_time():  # BOOKS-6
    lines = [line(900, id="a", fee=18, payout_id="po1"), line(-200, id="b", kind="refund", payout_id="po1"), line(-682, id="c", kind="payout")]
    came = PayoutReceived(id="po1", amount=Money(682, "EUR"), at=NOON + 3 * DAY)

    def breaks(*received: PayoutReceived, day: int = 5) -> list[tuple[str, str, int, int]]:
        return [(it.kind.value, it.reference, it.ours, it.theirs) for it in reconcile_payouts(lines, received, at=NOON + day * DAY)]

    assert breaks(came) == breaks() == []
    assert breaks(day=6) == [("payout_missing", "po1", 682, 0)]
    assert breaks(PayoutReceived(id="po1", amount=Money(600, "EUR"), at=NOON)) == [("payout_differs", "po1", 682, 600)]
    assert breaks(came, PayoutReceived(id="po2", amount=Money(5, "EUR"), at=NOON)) == [("payout_unknown", "po2", 0, 5)]


def test_movements_are_what_events_moved_at_a_provider_and_nothing_by_hand():
    told = [
        e.PaymentCaptured(payment_id="p1", key="k", reference="p", amount=900, at=NOON),
        e.PaymentRefunded(payment_id="p1", key="k", amount=200, at=NOON),
        e.PaymentRefundFailed(payment_id="p1", key="k", amount=200, at=NOON),
        e.PaymentChargedBack(payment_id="p1", amount=300, at=NOON),
        e.ChargebackReversed(payment_id="p1", amount=300, at=NOON),
        e.PaymentRefunded(payment_id="p1", key="", amount=100, by_hand=True, at=NOON),
        e.PaymentRefunded(payment_id="p1", key="k", amount=0, whole=200, at=NOON),
    ]
    found = [movement(it, id=str(n), reference="p", currency="EUR") for n, it in enumerate(told)]
    assert [it and (it.kind.value, it.amount) for it in found] == [
        ("charge", 900),
        ("refund", -200),
        ("refund_failure", 200),
        ("chargeback", -300),
        ("chargeback_reversal", 300),
        None,
        None,
    ]


def test_books_count_what_they_are_given_once_and_take_a_later_word_about_a_line():  # BOOKS-7
    books = PaymentBooks(id="fake/p", gateway="fake", reference="p").plus(ours=[moved(900)], theirs=[line(900)])
    again = books.plus(ours=[moved(900)], theirs=[line(900, payout_id="po1")])

    assert (again.ours, again.theirs) == ((moved(900),), (line(900, payout_id="po1"),))
    assert books.judged(at=NOON, terms=BooksTerms()) == books
    assert PaymentBooks(id="fake/p", gateway="fake", reference="p", ours=(moved(9),)).judged(at=NOON, terms=BooksTerms()).is_open
