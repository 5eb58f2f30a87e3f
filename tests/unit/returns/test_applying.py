"""What a customer may ask for, answer and withdraw, and what comes of it when nobody does anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.refusals import Refusal, accepted
from shopwright.returns import events as e
from shopwright.returns.applying import answer, expire, withdraw
from shopwright.returns.case import Case, CaseKind
from shopwright.returns.events import LineTerms
from shopwright.returns.evolve import fold
from shopwright.returns.reviewing import approve, ask, reject
from shopwright.returns.rules import GoodsFacts, ReturnRule, ReturnTerms
from shopwright.returns.states import CaseState
from shopwright.returns.words import Evidence, EvidenceKind, Granted, Resolution, Why, Wish
from shopwright.testing.builders import ANN, CLERK, NOON, an_order, paid, shipped
from tests.unit.returns.cases import GOODS, PLAIN, a_wish, applied, approved, asked, come, grounds, inspected, received, terms

PHOTO = Evidence(kind=EvidenceKind.PHOTO, reference="photos/1")


def _refused(said: object) -> tuple[str, dict[str, object]]:
    assert isinstance(said, Refusal)
    return said.code, dict(said.facts)


def test_a_case_tells_what_for_and_under_which_terms() -> None:
    order = come()

    decision = accepted(asked(order, a_wish(units=2), on=grounds(terms(fee=500, shop_pays_return=False)), note="too green"))

    assert decision.events == (
        e.CaseOpened(
            case_id=f"{order.id}/c1",
            number=f"{order.number}-C1",
            order_id=order.id,
            buyer_id="ann",
            currency="EUR",
            wishes=(a_wish(units=2),),
            terms=(LineTerms(rule="all", fee=500, shop_pays_return=False),),
            by=ANN,
            at=NOON,
            note="too green",
        ),
    )
    assert (decision.case.state, decision.case.kind, decision.case.claimed()) == (CaseState.APPLIED, CaseKind.RETURN, {1: 2})
    assert fold(decision.events) == decision.case


@pytest.mark.parametrize(
    ("taken", "wishes", "facts"),
    [
        ({}, (a_wish(units=3),), {"line_no": 1, "wanted": 3, "left": 2, "lost": 0}),
        ({1: 1}, (a_wish(units=2),), {"line_no": 1, "wanted": 2, "left": 1, "lost": 0}),
        ({}, (a_wish(units=2), a_wish(why=Why.LATE)), {"line_no": 1, "wanted": 3, "left": 2, "lost": 0}),
        ({}, (a_wish(why=Why.LOST),), {"line_no": 1, "wanted": 1, "left": 2, "lost": 0}),
        ({}, (a_wish(7),), {"line_no": 7, "wanted": 1, "left": 0, "lost": 0}),
    ],
)
def test_units_that_another_case_has_or_that_did_not_come_cannot_be_asked_for(
    taken: dict[int, int], wishes: tuple[Wish, ...], facts: dict[str, object]
) -> None:
    """RETURN-5."""
    assert _refused(asked(come(), *wishes, on=grounds(taken=taken))) == ("return_units_above", facts)


def test_goods_that_were_given_up_for_lost_can_be_asked_for_and_their_window_has_not_begun() -> None:
    """RETURN-4."""
    order = shipped(paid(an_order()))
    lost = accepted(orders.lose(order, order.shipments[0].id, at=NOON)).order

    case = accepted(asked(lost, a_wish(why=Why.LOST), at=NOON + timedelta(days=400))).case

    assert (case.kind, case.lines[0].wish.returns) == (CaseKind.CLAIM, False)


@pytest.mark.parametrize("wishes", [(), (a_wish(), a_wish())])
def test_a_case_has_one_wish_for_a_line_and_a_reason(wishes: tuple[Wish, ...]) -> None:
    with pytest.raises(InvalidValue):
        asked(come(), *wishes)


def test_a_window_ends_after_its_last_moment() -> None:
    """RETURN-4."""
    end = NOON + timedelta(days=14)

    assert not isinstance(asked(come(), a_wish(), at=end), Refusal)
    assert _refused(asked(come(), a_wish(), at=end + timedelta(seconds=1)))[0] == "return_window_over"


FINAL_SALE = ReturnRule(name="underwear", skus={"CUP"}, whys={Why.DEFECTIVE})


@pytest.mark.parametrize(
    ("rules", "wish", "code"),
    [
        ((ReturnRule(name="cups", categories={"cups"}),), a_wish(), "return_not_offered"),
        ((FINAL_SALE,), a_wish(2), "return_final_sale"),
        ((ReturnRule(name="all", resolutions={Resolution.REPLACE}),), a_wish(), "return_resolution_not_offered"),
        ((ReturnRule(name="all", evidence=True),), a_wish(why=Why.DAMAGED), "return_evidence_missing"),
    ],
)
def test_rules_say_what_cannot_come_back(rules: tuple[ReturnRule, ...], wish: Wish, code: str) -> None:
    """RETURN-3."""
    assert _refused(asked(come(), wish, on=grounds(ReturnTerms(rules=rules))))[0] == code


@pytest.mark.parametrize(("wish", "rule"), [(a_wish(2, why=Why.DEFECTIVE), "underwear"), (a_wish(), "all"), (a_wish(2), "all")])
def test_the_first_rule_that_names_goods_and_reason_counts(wish: Wish, rule: str) -> None:
    """RETURN-3."""
    known = ReturnTerms(rules=(FINAL_SALE, ReturnRule(name="all")))

    assert applied(come(), wish, on=grounds(known)).lines[0].terms.rule == rule


def test_categories_name_goods() -> None:
    drinks = ReturnTerms(rules=(ReturnRule(name="drinks", categories={"drinks"}),))
    tea = GoodsFacts(sku="TEA", categories=frozenset({"drinks"}))

    assert applied(come(), on=grounds(drinks, goods={"TEA": tea})).lines[0].terms.rule == "drinks"


@pytest.mark.parametrize(("below", "state"), [(2_000, CaseState.APPLIED), (2_001, CaseState.APPROVED)])
def test_a_case_of_less_worth_than_its_rules_let_pass_is_approved_as_it_is_opened(below: int, state: CaseState) -> None:
    """RETURN-6."""
    assert applied(come(), a_wish(units=2), on=grounds(terms(approve_below=below))).state is state


def test_what_only_a_person_can_put_a_number_to_is_not_approved_by_itself() -> None:
    """RETURN-6."""
    case = applied(come(), a_wish(resolution=Resolution.PARTIAL_REFUND), on=grounds(terms(approve_below=9_000)))

    assert case.state is CaseState.APPLIED


def test_goods_of_little_worth_stay_with_the_customer() -> None:
    case = applied(come(), on=grounds(terms(approve_below=9_000, keep_below=1_001)))

    assert (case.goods_back, case.kind, case.due_at, case.approved_by_rule) == (False, CaseKind.CLAIM, None, "rules")


def _asked_for_more() -> Case:
    return ask(applied(come()), PLAIN, note="a photo, please", by=CLERK, at=NOON).case


def test_who_answers_gives_a_note_or_something_that_shows_it() -> None:
    decision = accepted(answer(_asked_for_more(), evidence=((1, PHOTO),), by=ANN, at=NOON))

    assert (decision.case.state, decision.case.lines[0].evidence, decision.case.due_at) == (CaseState.APPLIED, (PHOTO,), None)
    assert _refused(answer(_asked_for_more(), evidence=((2, PHOTO),), by=ANN, at=NOON)) == ("case_line_unknown", {"no": 2, "lines": 1})
    with pytest.raises(InvalidValue, match="an answer has a note or evidence; got neither"):
        answer(_asked_for_more(), by=ANN, at=NOON)


def test_a_case_is_withdrawn_until_goods_are_here() -> None:
    assert withdraw(approved(come()), by=ANN, at=NOON).case.state is CaseState.WITHDRAWN
    with pytest.raises(IllegalTransition, match=r"^cannot withdraw a case that is received; allowed: inspect, receive$"):
        withdraw(received(come()), by=ANN, at=NOON)


def test_a_case_that_is_over_without_anything_given_frees_its_units() -> None:
    """RETURN-5."""
    case = withdraw(applied(come()), by=ANN, at=NOON).case

    assert (case.claimed(), case.closed_at) == ({}, NOON)


def test_a_case_expires_once_its_time_is_over_and_never_with_goods_in_the_shop() -> None:
    case = approved(come())
    assert case.due_at == NOON + timedelta(days=14)

    assert expire(case, at=NOON + timedelta(days=13)).events == ()
    assert expire(case, at=NOON + timedelta(days=14)).case.state is CaseState.EXPIRED
    assert expire(inspected(come()), at=NOON + timedelta(days=400)).events == ()


def test_an_approval_grants_something_for_each_line_once() -> None:
    """RETURN-7."""
    case = applied(come(), a_wish(), a_wish(2))
    one = Granted(no=1, resolution=Resolution.REFUND)

    for granted in ((one,), (one, one)):
        with pytest.raises(InvalidValue, match="grants something for each of the 2 lines, once"):
            approve(case, PLAIN, granted=granted, by=CLERK, at=NOON)
    assert _refused(approve(case, PLAIN, granted=(Granted(no=3, resolution=Resolution.REFUND),), by=CLERK, at=NOON))[0] == "case_line_unknown"


def test_nothing_comes_back_of_goods_that_the_customer_does_not_have() -> None:
    """RETURN-7."""
    case = applied(come(), a_wish(why=Why.MISSING))

    said = approve(case, PLAIN, granted=(Granted(no=1, resolution=Resolution.REFUND),), by=CLERK, at=NOON)

    assert _refused(said) == ("case_goods_unseen", {"no": 1, "why": "missing"})
    assert approved(come(), a_wish(why=Why.MISSING)).goods_back is False


def test_a_rejection_says_why() -> None:
    case = reject(applied(come()), why="worn", note="it was worn", by=CLERK, at=NOON).case

    assert (case.state, case.rejected_for, case.open) == (CaseState.REJECTED, "worn", False)


def test_the_note_says_what_the_customer_is_asked_for() -> None:
    with pytest.raises(InvalidValue, match="the note says what the customer is asked for; got an empty one"):
        ask(applied(come()), PLAIN, note="", by=CLERK, at=NOON)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Wish(line_no=1, units=1, why=Why.OTHER, resolution=Resolution.REJECT),
        lambda: Wish(line_no=1, units=1, why=Why.OTHER, resolution=Resolution.EXCHANGE),
        lambda: Wish(line_no=1, units=1, why=Why.OTHER, sku="MUG"),
        lambda: Wish(line_no=1, units=0, why=Why.OTHER),
        lambda: Granted(no=1, resolution=Resolution.POINTS, goods_back=False),
        lambda: Granted(no=1, resolution=Resolution.REFUND, amount=5),
        lambda: Granted(no=1, resolution=Resolution.REJECT),
        lambda: ReturnRule(name="all", window=timedelta(-1)),
        lambda: ReturnRule(name="all", resolutions={Resolution.REJECT}),
        lambda: ReturnRule(name="all", whys={"other"}),
        lambda: ReturnTerms(rules=(ReturnRule(name="all"), ReturnRule(name="all"))),
        lambda: ReturnTerms(send_within=timedelta(0)),
        lambda: fold([]),
    ],
)
def test_values_that_mean_nothing_are_refused_at_the_edge(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(InvalidValue):
        wrong()


def test_the_goods_of_the_builders_are_known() -> None:
    assert set(GOODS) == {line.sku for line in come().lines}
