"""Disputes as values: what was told last counts (DISPUTE-1), what may still be taken is pending (DISPUTE-2), inquiries take nothing (DISPUTE-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.payments.disputes import Dispute, DisputeReason, DisputeState, is_news, pending, with_told
from shopwright.payments.evidence import Evidence, EvidencePart

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
S = DisputeState


def a_dispute(state: DisputeState = S.NEEDS_RESPONSE, *, id: str = "dp_1", amount: int = 1000, minutes: int = 0) -> Dispute:
    return Dispute(id=id, state=state, amount=amount, told_at=NOON + timedelta(minutes=minutes), reason=DisputeReason.FRAUD)


def heard(*told: Dispute) -> tuple[Dispute, ...]:
    known: tuple[Dispute, ...] = ()
    for each in told:
        if is_news(known, each):
            known = with_told(known, each)
    return known


def test_dispute_1_what_was_told_last_counts_in_whichever_order_it_is_heard_and_however_often() -> None:
    told = (a_dispute(S.INQUIRY), a_dispute(S.NEEDS_RESPONSE, minutes=1), a_dispute(S.UNDER_REVIEW, minutes=2), a_dispute(S.LOST, minutes=2))

    assert {heard(*order, *order) for order in permutations(told)} == {(a_dispute(S.LOST, minutes=2),)}


@given(st.permutations([a_dispute(id=id, minutes=n, state=state) for id in ("a", "b") for n, state in enumerate((S.INQUIRY, S.UNDER_REVIEW, S.WON))]))
def test_disputes_of_one_payment_are_told_apart_by_their_names(told: list[Dispute]) -> None:
    known = heard(*told)

    assert {it.id: (it.state, it.told_at) for it in known} == {id: (S.WON, NOON + timedelta(minutes=2)) for id in ("a", "b")}


def test_the_same_told_anew_later_is_no_news_but_a_new_deadline_is() -> None:
    known = a_dispute()

    assert not is_news((known,), a_dispute(minutes=5))
    assert is_news((known,), evolve(a_dispute(minutes=5), due_at=NOON + timedelta(days=9)))
    assert not is_news((known,), evolve(a_dispute(minutes=-5), due_at=NOON + timedelta(days=9)))


@pytest.mark.parametrize(
    ("state", "charged_back", "left"),
    [
        (S.INQUIRY, 0, 0),
        (S.INQUIRY_ANSWERED, 0, 0),
        (S.NEEDS_RESPONSE, 0, 1000),
        (S.NEEDS_RESPONSE, 400, 600),
        (S.UNDER_REVIEW, 0, 1000),
        (S.UNDER_REVIEW, 1000, 0),
        (S.LOST, 0, 1000),
        (S.LOST, 1000, 0),
        (S.WON, 0, 0),
        (S.CLOSED, 0, 0),
    ],
)
def test_dispute_2_what_a_dispute_may_still_take_is_pending_until_it_is_taken_or_won(state: DisputeState, charged_back: int, left: int) -> None:
    assert pending((a_dispute(state),), charged_back) == left


def test_dispute_3_an_inquiry_is_open_and_to_be_answered_and_takes_nothing() -> None:
    inquiry = a_dispute(S.INQUIRY)

    assert (inquiry.open, inquiry.to_answer, pending((inquiry,), 0)) == (True, True, 0)
    assert [(it, a_dispute(it).open, a_dispute(it).to_answer) for it in S if it is not S.INQUIRY] == [
        (S.INQUIRY_ANSWERED, True, False),
        (S.NEEDS_RESPONSE, True, True),
        (S.UNDER_REVIEW, True, False),
        (S.WON, False, False),
        (S.LOST, False, False),
        (S.CLOSED, False, False),
    ]


def test_evidence_is_sorted_shows_nothing_and_says_what_it_tells() -> None:
    evidence = Evidence({EvidencePart.TRACKING_NUMBER: "FR1", EvidencePart.CARRIER: "post"})

    assert evidence == Evidence([(EvidencePart.CARRIER, "post"), (EvidencePart.TRACKING_NUMBER, "FR1")])
    assert evidence.parts == (EvidencePart.CARRIER, EvidencePart.TRACKING_NUMBER)
    assert "FR1" not in repr(evidence)


@pytest.mark.parametrize(
    ("given_", "match"),
    [
        ({}, "one text or more"),
        (7, "must be a mapping"),
        ({"why": "x"}, "named by one of"),
        ({EvidencePart.CARRIER: ""}, "1 to 20000 characters"),
        ({EvidencePart.CARRIER: 3}, "must be text"),
        ({EvidencePart.GOODS: "card 4242424242424242"}, "number of a card"),
    ],
)
def test_evidence_that_cannot_be_given_is_refused(given_: object, match: str) -> None:
    with pytest.raises(InvalidValue, match=match):
        Evidence(given_)  # type: ignore[arg-type]
