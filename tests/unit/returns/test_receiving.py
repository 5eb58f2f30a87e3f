"""Goods on their way back: sent, received in parts, missed and inspected; and the machine of a case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.refusals import Refusal, accepted
from shopwright.returns import events as e
from shopwright.returns.case import Case, CaseKind, Inspection
from shopwright.returns.evolve import evolve
from shopwright.returns.receiving import inspect, miss, receive, send
from shopwright.returns.states import FINAL, TRANSITIONS, VERBS, CaseState
from shopwright.returns.words import Condition, Disposition, Finding, Granted, Resolution, Why
from shopwright.testing.builders import ANN, CLERK, NOON
from tests.unit.returns.cases import BOX, SHOP, a_wish, applied, approved, come, inspected, received

LATER = NOON + timedelta(days=1)


def _found(units: int, condition: Condition, no: int = 1) -> Finding:
    return Finding(no=no, units=units, condition=condition, disposition=Disposition.WRITE_OFF)


def _refused(said: object) -> tuple[str, dict[str, object]]:
    assert isinstance(said, Refusal)
    return said.code, dict(said.facts)


def _two() -> Case:
    return approved(come(), a_wish(units=2), a_wish(2))


def _kept() -> Case:
    return approved(come(), granted=(Granted(no=1, resolution=Resolution.REFUND, goods_back=False),))


def test_goods_are_received_in_as_many_parcels_as_they_come_in() -> None:
    first = accepted(receive(_two(), ((1, 1),), by=CLERK, at=NOON))
    rest = accepted(receive(first.case, by=CLERK, at=LATER))

    assert rest.events == (e.GoodsReceived(units=((1, 1), (2, 1)), by=CLERK, at=LATER),)
    assert (rest.case.state, [line.received for line in rest.case.lines]) == (CaseState.RECEIVED, [2, 1])
    assert _refused(receive(rest.case, by=CLERK, at=LATER))[0] == "case_goods_not_awaited"


@pytest.mark.parametrize(
    ("units", "said"),
    [(((1, 3),), ("case_units_above", {"no": 1, "wanted": 3, "left": 2})), (((5, 1),), ("case_line_unknown", {"no": 5, "lines": 2}))],
)
def test_no_more_is_received_than_was_asked_for(units: tuple[tuple[int, int], ...], said: tuple[str, dict[str, object]]) -> None:
    """RETURN-1."""
    assert _refused(receive(_two(), units, by=CLERK, at=NOON)) == said


@pytest.mark.parametrize("units", [((1, 1), (1, 1)), ((1, 0),), ((1, True),)])
def test_what_is_received_names_each_line_once(units: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(InvalidValue, match="each line once"):
        receive(_two(), units, by=CLERK, at=NOON)


def test_goods_that_nobody_waits_for_are_neither_sent_nor_received() -> None:
    case = _kept()

    assert _refused(send(case, by=ANN, at=NOON)) == ("case_goods_not_awaited", {"case": case.number})
    assert _refused(receive(case, by=CLERK, at=NOON)) == ("case_goods_not_awaited", {"case": case.number})


def test_a_case_tells_by_whom_its_goods_travel() -> None:
    case = accepted(send(_two(), carrier="post", tracking_number="T1", by=ANN, at=NOON)).case

    assert (case.state, case.carrier, case.tracking_number) == (CaseState.IN_TRANSIT, "post", "T1")


def test_what_was_missed_and_comes_after_all_is_received_like_anything_else() -> None:
    sent = accepted(send(_two(), by=ANN, at=NOON)).case
    missed = miss(sent, by=CLERK, at=NOON).case
    assert [line.found(Condition.LOST) for line in missed.lines] == [2, 1]

    come_after_all = accepted(receive(missed, ((1, 1),), by=CLERK, at=LATER)).case
    looked_at = accepted(inspect(come_after_all, by=CLERK, at=LATER)).case
    again = miss(looked_at, by=CLERK, at=LATER).case

    assert [(line.received, line.found(Condition.LOST)) for line in again.lines] == [(1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ((_found(1, Condition.USED), _found(2, Condition.ACCEPTED)), ("case_units_above", {"no": 1, "wanted": 2, "left": 1})),
        ((_found(1, Condition.USED, no=3),), ("case_line_unknown", {"no": 3, "lines": 1})),
    ],
)
def test_only_units_that_came_are_inspected(findings: tuple[Finding, ...], said: tuple[str, dict[str, object]]) -> None:
    """RETURN-1."""
    assert _refused(inspect(received(come(), a_wish(units=2)), findings, by=CLERK, at=NOON)) == said


def test_units_that_did_not_come_are_missed_not_inspected() -> None:
    with pytest.raises(InvalidValue, match="only units that came are inspected; say that others are lost with `miss`"):
        inspect(received(come()), (_found(1, Condition.LOST),), by=CLERK, at=NOON)


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        ((), Inspection.ACCEPTED),
        ((_found(1, Condition.ACCEPTED),), Inspection.PARTLY),
        ((_found(1, Condition.ACCEPTED), _found(1, Condition.USED)), Inspection.PARTLY),
        ((_found(1, Condition.USED), _found(1, Condition.DAMAGED)), Inspection.DAMAGED),
        ((_found(1, Condition.DAMAGED), _found(1, Condition.NOT_AS_DESCRIBED)), Inspection.NOT_AS_DESCRIBED),
    ],
)
def test_a_case_tells_in_a_word_what_was_found(findings: tuple[Finding, ...], told: Inspection) -> None:
    assert applied(come()).inspection is Inspection.NONE
    assert inspected(come(), a_wish(units=2), findings=findings).inspection is told


@pytest.mark.parametrize(
    ("resolution", "why", "kind"),
    [
        (Resolution.REFUND, Why.CHANGED_MIND, CaseKind.RETURN),
        (Resolution.REFUND, Why.MISSING, CaseKind.CLAIM),
        (Resolution.PARTIAL_REFUND, Why.DAMAGED, CaseKind.CLAIM),
        (Resolution.REPLACE, Why.DAMAGED, CaseKind.EXCHANGE),
        (Resolution.REPLACE, Why.MISSING, CaseKind.RESHIP),
    ],
)
def test_what_a_case_is_called_follows_from_what_is_wished(resolution: Resolution, why: Why, kind: CaseKind) -> None:
    assert applied(come(), a_wish(why=why, resolution=resolution)).kind is kind


def _ended() -> dict[CaseState, Case]:
    sent = accepted(send(approved(come()), by=ANN, at=NOON)).case
    asked_more = evolve(applied(come()), e.MoreAsked(by=CLERK, due_at=LATER, at=NOON, note="?"))
    return {
        CaseState.APPLIED: applied(come()),
        CaseState.ASKED: asked_more,
        CaseState.APPROVED: approved(come()),
        CaseState.IN_TRANSIT: sent,
        CaseState.RECEIVED: received(come()),
        CaseState.INSPECTED: inspected(come()),
        CaseState.RESOLVED: evolve(inspected(come()), e.CaseResolved(outcomes=(), by=CLERK, at=NOON)),
        CaseState.REJECTED: evolve(applied(come()), e.CaseRejected(why="worn", by=CLERK, at=NOON)),
        CaseState.WITHDRAWN: evolve(applied(come()), e.CaseWithdrawn(by=ANN, at=NOON)),
        CaseState.EXPIRED: evolve(asked_more, e.CaseExpired(at=LATER)),
    }


STEPS: tuple[e.CaseEvent, ...] = (
    e.MoreAsked(by=CLERK, due_at=LATER, at=LATER, note="?"),
    e.MoreGiven(evidence=(), by=ANN, at=LATER, note="!"),
    e.CaseApproved(granted=(Granted(no=1, resolution=Resolution.REFUND),), by=CLERK, rule="person", due_at=LATER, at=LATER),
    e.CaseRejected(why="worn", by=CLERK, at=LATER),
    e.ReturnLabelAsked(key="rl_0000", carrier="flat_rate", to=SHOP, parcels=(BOX,), label_format="txt", by=CLERK, at=LATER),
    e.GoodsSent(by=ANN, at=LATER),
    e.GoodsReceived(units=((1, 1),), by=CLERK, at=LATER),
    e.GoodsMissing(by=CLERK, at=LATER),
    e.GoodsInspected(findings=(), by=CLERK, at=LATER),
    e.CaseResolved(outcomes=(), by=CLERK, at=LATER),
    e.CaseWithdrawn(by=ANN, at=LATER),
    e.CaseExpired(at=LATER),
)


@pytest.mark.parametrize("state", CaseState)
def test_an_event_that_a_state_does_not_list_changes_nothing_but_the_count(state: CaseState) -> None:
    case = _ended()[state]
    assert case.state is state
    for step in STEPS:
        after = evolve(case, step)
        assert after.event_count == case.event_count + 1
        if type(step) in TRANSITIONS[state]:
            assert (after.state, after.changed_at) == (TRANSITIONS[state][type(step)], LATER)
        else:
            assert (after.state, after.lines, after.changed_at) == (case.state, case.lines, case.changed_at)


def test_every_event_of_the_table_has_a_verb_and_final_states_are_those_that_nothing_leads_out_of() -> None:
    assert {event for targets in TRANSITIONS.values() for event in targets} == set(VERBS) == {type(step) for step in STEPS}
    assert {state for state in CaseState if not TRANSITIONS[state]} == FINAL


def test_a_verb_that_the_table_does_not_list_is_misuse_and_the_message_says_what_is_allowed() -> None:
    with pytest.raises(IllegalTransition, match=r"^cannot receive a case that is applied; allowed: approve, ask, reject, withdraw$"):
        receive(applied(come()), by=CLERK, at=NOON)
