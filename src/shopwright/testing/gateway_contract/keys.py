"""Once is once: keys under repetition, concurrency and restarts, and every way in which an answer can fail to come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from attrs import evolve, frozen

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, Indeterminate, NotFound, NotSent, Throttled
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Operation, OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.ports.gateway import PaymentGateway
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.stage import (
    GatewayStage,
    Need,
    a_key,
    a_refund,
    a_start,
    an_amount,
    authorized,
    captured,
    done,
    needs,
    sum_of,
)

THREADS = 8

RAISED = {
    Trouble.NOT_SENT: NotSent,
    Trouble.THROTTLED: Throttled,
    Trouble.LOST_APPLIED: Indeterminate,
    Trouble.LOST_NOT_APPLIED: Indeterminate,
}


@frozen
class Verb:
    """An operation ready to be done any number of times: with its own key or another, with its own amount or another."""

    do: Callable[[PaymentGateway], Outcome]
    do_other_amount: Callable[[PaymentGateway], Outcome]
    moves: EventKind
    amount: int
    key: OperationKey


def _start(stage: GatewayStage) -> Verb:
    request = a_start(stage)
    other = evolve(request, amount=request.amount + an_amount(stage, 1))
    kind = EventKind.CAPTURED if request.capture else EventKind.AUTHORIZED
    return Verb(lambda gateway: gateway.start(request), lambda gateway: gateway.start(other), kind, request.amount.minor, request.key)


def _capture(stage: GatewayStage) -> Verb:
    held, key = authorized(stage), a_key()
    amount = held.totals.authorized
    return Verb(
        lambda gateway: gateway.capture(key, held.reference, amount),
        lambda gateway: gateway.capture(key, held.reference, amount - an_amount(stage, 1)),
        EventKind.CAPTURED,
        amount.minor,
        key,
    )


def _void(stage: GatewayStage) -> Verb:
    held, key = authorized(stage), a_key()
    other = authorized(stage).reference
    return Verb(
        lambda gateway: gateway.void(key, held.reference),
        lambda gateway: gateway.void(key, other),
        EventKind.VOIDED,
        held.totals.authorized.minor,
        key,
    )


def _refund(stage: GatewayStage) -> Verb:
    paid = captured(stage)
    request = a_refund(paid)
    other = evolve(request, amount=paid.totals.captured - an_amount(stage, 1))
    return Verb(lambda gateway: gateway.refund(request), lambda gateway: gateway.refund(other), EventKind.REFUNDED, request.amount.minor, request.key)


VERBS: dict[str, tuple[Callable[[GatewayStage], Verb], tuple[Need, ...]]] = {
    "start": (_start, ()),
    "capture": (_capture, (Operation.AUTHORIZE, Operation.CAPTURE)),
    "void": (_void, (Operation.AUTHORIZE, Operation.VOID)),
    "refund": (_refund, (Operation.REFUND,)),
}
every_verb = pytest.mark.parametrize("verb", list(VERBS))


class Keys:
    """The same key moves money at most once."""

    @promise(7)
    @every_verb
    def test_a_repeat_under_the_same_key_moves_nothing_and_answers_the_same(self, stage: GatewayStage, verb: str) -> None:
        def works(_self: Keys, stage: GatewayStage) -> None:
            asked = VERBS[verb][0](stage)
            answers = [asked.do(stage.gateway) for _ in range(3)]
            assert answers == [answers[0]] * 3
            assert sum_of(stage, asked.moves) == asked.amount

        needs("honors_keys", *VERBS[verb][1])(works)(self, stage)

    @promise(7)
    @every_verb
    def test_requests_under_one_key_at_the_same_moment_move_money_once(self, stage: GatewayStage, verb: str) -> None:
        def works(_self: Keys, stage: GatewayStage) -> None:
            asked, gates = VERBS[verb][0](stage), Barrier(THREADS)

            def at_once(_number: int) -> Outcome:
                gates.wait()
                return asked.do(stage.gateway)

            with ThreadPoolExecutor(THREADS) as pool:
                answers = list(pool.map(at_once, range(THREADS)))
            assert answers == [answers[0]] * THREADS
            assert sum_of(stage, asked.moves) == asked.amount

        needs("honors_keys", *VERBS[verb][1])(works)(self, stage)

    @promise(7)
    @every_verb
    def test_a_key_with_other_parameters_is_a_conflict_and_moves_nothing(self, stage: GatewayStage, verb: str) -> None:
        def works(_self: Keys, stage: GatewayStage) -> None:
            asked = VERBS[verb][0](stage)
            asked.do(stage.gateway)
            with pytest.raises(GatewayKeyConflict):
                asked.do_other_amount(stage.gateway)
            assert sum_of(stage, asked.moves) == asked.amount

        partial = ("partial_refund",) if verb == "refund" else ()
        needs("honors_keys", *VERBS[verb][1], *partial)(works)(self, stage)

    @promise(7)
    @every_verb
    def test_a_key_holds_across_a_restart_of_the_shop(self, stage: GatewayStage, verb: str) -> None:
        def works(_self: Keys, stage: GatewayStage) -> None:
            asked = VERBS[verb][0](stage)
            assert asked.do(stage.gateway) == asked.do(stage.again())
            assert sum_of(stage, asked.moves) == asked.amount

        needs("honors_keys", *VERBS[verb][1])(works)(self, stage)

    @promise(7)
    def test_two_keys_are_two_payments(self, stage: GatewayStage) -> None:
        first, second = captured(stage), captured(stage)
        assert first.reference != second.reference
        assert sum_of(stage, EventKind.CAPTURED) == 2 * first.totals.captured.minor


class Troubles:
    """Whatever happens on the wire, query and repeat end with one movement."""

    @promise(8)
    @every_verb
    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_a_request_in_trouble_says_so_and_its_repeat_moves_money_once(self, stage: GatewayStage, verb: str, trouble: Trouble) -> None:
        def works(_self: Troubles, stage: GatewayStage) -> None:
            asked = VERBS[verb][0](stage)
            stage.strike(trouble)
            with pytest.raises(RAISED[trouble]):
                asked.do(stage.gateway)
            assert sum_of(stage, asked.moves) == (asked.amount if trouble is Trouble.LOST_APPLIED else 0)
            done(asked.do(stage.gateway))
            assert sum_of(stage, asked.moves) == asked.amount

        needs("honors_keys", *VERBS[verb][1])(works)(self, stage)

    @promise(8)
    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs("queries_by_key")
    def test_a_query_by_key_tells_whether_a_lost_start_was_applied(self, stage: GatewayStage, trouble: Trouble) -> None:
        request = a_start(stage)
        stage.strike(trouble)
        with pytest.raises(GatewayError):
            stage.gateway.start(request)
        if trouble is Trouble.LOST_APPLIED:
            assert stage.gateway.query(key=request.key).reference
        else:
            with pytest.raises(NotFound):
                stage.gateway.query(key=request.key)

    @promise(8)
    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs(Operation.AUTHORIZE, Operation.CAPTURE)
    def test_the_totals_tell_whether_a_lost_capture_was_applied(self, stage: GatewayStage, trouble: Trouble) -> None:
        held = authorized(stage)
        amount = held.totals.authorized
        stage.strike(trouble)
        with pytest.raises(RAISED[trouble]):
            stage.gateway.capture(a_key(), held.reference, amount)
        taken = amount if trouble is Trouble.LOST_APPLIED else amount * 0
        assert done(stage.gateway.query(reference=held.reference)).totals.captured == taken

    @promise(8)
    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs(Operation.REFUND)
    def test_a_query_by_key_tells_whether_a_lost_refund_was_applied(self, stage: GatewayStage, trouble: Trouble) -> None:
        paid = captured(stage)
        request = a_refund(paid)
        stage.strike(trouble)
        with pytest.raises(RAISED[trouble]):
            stage.gateway.refund(request)
        if trouble is Trouble.LOST_APPLIED:
            assert stage.gateway.query_refund(paid.reference, request.key).reference == paid.reference
        else:
            with pytest.raises(NotFound):
                stage.gateway.query_refund(paid.reference, request.key)

    @promise(15)
    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_an_error_tells_no_secret_and_no_token(self, stage: GatewayStage, trouble: Trouble) -> None:
        request = a_start(stage)
        stage.strike(trouble)
        with pytest.raises(GatewayError) as caught:
            stage.gateway.start(request)
        told = f"{caught.value!r} {caught.value.raw_code} {caught.value.__cause__!r}"
        assert [secret for secret in (*stage.secrets, request.source_token) if secret and secret in told] == []

    @promise(8)
    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_a_query_in_trouble_changes_nothing(self, stage: GatewayStage, trouble: Trouble) -> None:
        paid = captured(stage)
        before = list(stage.moved())
        stage.strike(trouble)
        with pytest.raises(RAISED[trouble]):
            stage.gateway.query(reference=paid.reference)
        assert done(stage.gateway.query(reference=paid.reference)).totals == paid.totals
        assert list(stage.moved()) == before
