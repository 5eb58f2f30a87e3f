"""What an adapter says about itself, and whether it means it."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import entry_points

import pytest

from shopwright.money import Money
from shopwright.payments.errors import InvalidRequest, InvalidState, Unsupported
from shopwright.payments.operations import Flow, Operation
from shopwright.payments.outcomes import Done
from shopwright.payments.requests import RefundPart
from shopwright.ports.gateway import API_VERSION, PaymentGateway
from shopwright.testing.gateway_contract.promises import promise
from shopwright.testing.gateway_contract.stage import (
    GatewayStage,
    a_key,
    a_refund,
    a_start,
    an_amount,
    authorized,
    cannot_stage,
    captured,
    come,
    declares,
    done,
    needs,
    totals,
)
from shopwright.testing.gateway_contract.witness import connections, done_by_import

CURRENCIES = ("JPY", "EUR", "KWD")
"""Currencies with no, two and three decimals."""


EXERCISES: dict[Operation, Callable[[GatewayStage], object]] = {
    Operation.AUTHORIZE: authorized,
    Operation.CHARGE: captured,
    Operation.CAPTURE: lambda stage: _captured_later(stage, authorized(stage)),
    Operation.VOID: lambda stage: stage.gateway.void(a_key(), _voidable(stage)),
    Operation.REFUND: lambda stage: stage.gateway.refund(a_refund(captured(stage))),
    Operation.SPLIT: lambda stage: stage.gateway.split(a_key(), captured(stage).reference, (), finish=True),
    Operation.LEDGER: lambda stage: list(stage.gateway.ledger(stage.clock.now(), stage.clock.now() + timedelta(days=1))),
}
"""How each operation is done where it is declared; none of them may raise."""


class Declarations:
    """Names, capabilities and amounts."""

    @promise(1)
    def test_the_name_is_a_slug_and_the_port_version_is_ours(self, stage: GatewayStage) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,59}", stage.gateway.name)
        assert stage.gateway.api_version == API_VERSION

    @promise(1)
    def test_the_adapter_is_a_payment_gateway_and_stays_the_same_after_a_restart(self, stage: GatewayStage) -> None:
        again = stage.again()
        assert isinstance(stage.gateway, PaymentGateway)
        assert (again.name, again.capabilities) == (stage.gateway.name, stage.gateway.capabilities)

    @promise(1)
    def test_to_make_a_gateway_reaches_for_no_network(self, stage: GatewayStage) -> None:
        with connections() as reached:
            made = stage.again()
        assert (made.name, reached) == (stage.gateway.name, [])

    @promise(1)
    def test_to_import_it_does_nothing_else(self, stage: GatewayStage) -> None:
        assert done_by_import(type(stage.gateway).__module__) == ()

    @promise(1)
    def test_the_shop_finds_the_gateway_by_its_name(self, stage: GatewayStage) -> None:
        points = entry_points(group="shopwright.gateways", name=stage.gateway.name)
        if not points:
            cannot_stage("found by name: no installed distribution has it under shopwright.gateways")
        assert [isinstance(stage.gateway, point.load()) for point in points] == [True]

    @promise(15)
    def test_nothing_that_is_printed_shows_a_secret(self, stage: GatewayStage) -> None:
        printed = repr(stage.gateway) + repr(getattr(stage.gateway, "settings", "")) + str(vars(type(stage.gateway)))
        assert [secret for secret in stage.secrets if secret in printed] == []

    @promise(15)
    def test_nothing_that_is_pickled_holds_a_secret(self, stage: GatewayStage) -> None:
        for held in (stage.gateway, getattr(stage.gateway, "settings", None)):
            try:
                pickled = pickle.dumps(held)
            except Exception:  # noqa: BLE001  # what cannot be pickled is carried nowhere
                continue
            assert [secret for secret in stage.secrets if secret.encode() in pickled] == []

    @promise(2)
    @pytest.mark.parametrize("operation", list(Operation))
    def test_an_operation_works_or_is_unsupported_just_as_declared(self, stage: GatewayStage, operation: Operation) -> None:
        @needs(operation)
        def works(_self: Declarations, stage: GatewayStage) -> None:
            EXERCISES[operation](stage)

        works(self, stage)

    @promise(2)
    @pytest.mark.parametrize("flow", list(Flow))
    def test_a_flow_that_is_not_declared_is_unsupported(self, stage: GatewayStage, flow: Flow) -> None:
        @needs(flow)
        def works(_self: Declarations, stage: GatewayStage) -> None:
            assert stage.gateway.start(a_start(stage, flow=flow)).reference

        works(self, stage)

    @promise(3)
    @pytest.mark.parametrize("currency", CURRENCIES)
    @pytest.mark.parametrize("parts", [1, 7, 123_457])
    def test_an_amount_comes_back_to_the_last_minor_unit(self, stage: GatewayStage, currency: str, parts: int) -> None:
        amount = an_amount(stage, parts, currency)
        currencies = stage.gateway.capabilities.currencies
        if currencies is not None and currency not in currencies:
            with pytest.raises(Unsupported):
                captured(stage, amount=amount)
            return
        paid = captured(stage, amount=amount)
        assert (paid.totals.authorized, paid.totals.captured) == (amount, amount)
        assert [each.amount for each in stage.moved()][-1] == amount

    @promise(3)
    def test_a_currency_that_is_not_declared_is_unsupported_and_nothing_moves(self, stage: GatewayStage) -> None:
        currencies = stage.gateway.capabilities.currencies
        if currencies is None:
            return
        foreign = next(code for code in ("XOF", "ISK", "BHD", "EUR", "ERN") if code not in currencies)
        with pytest.raises(Unsupported):
            stage.gateway.start(a_start(stage, amount=Money(1_000, foreign)))
        assert list(stage.moved()) == []

    @promise(3)
    def test_an_amount_off_the_step_or_below_the_minimum_is_an_invalid_request(self, stage: GatewayStage) -> None:
        able = stage.gateway.capabilities
        odd = [Money(minor + 1, code) for code, minor in able.amount_step if minor > 1]
        small = [Money(minor - able.step(code), code) for code, minor in able.min_amount if minor > able.step(code)]
        for amount in (*odd, *small):
            with pytest.raises(InvalidRequest):
                stage.gateway.start(a_start(stage, amount=amount))
        assert list(stage.moved()) == []

    @promise(3)
    @needs(Operation.AUTHORIZE, Operation.CAPTURE)
    def test_nothing_negative_or_foreign_is_captured(self, stage: GatewayStage) -> None:
        held = authorized(stage)
        foreign = Money(held.totals.authorized.minor, "KWD" if held.totals.currency != "KWD" else "JPY")
        for amount in (Money(0, held.totals.currency), Money(-1, held.totals.currency), foreign):
            with pytest.raises((InvalidRequest, Unsupported)):
                stage.gateway.capture(a_key(), held.reference, amount)
        assert totals(stage, held.reference) == held.totals

    @promise(3)
    @needs(Operation.REFUND)
    def test_nothing_foreign_is_refunded(self, stage: GatewayStage) -> None:
        paid = captured(stage)
        foreign = Money(paid.totals.captured.minor, "KWD" if paid.totals.currency != "KWD" else "JPY")
        before = list(stage.moved())
        with pytest.raises((InvalidRequest, InvalidState, Unsupported)):
            stage.gateway.refund(RefundPart(key=a_key(), payment=paid.reference, amount=foreign, of_total=foreign))
        assert list(stage.moved()) == before


def _captured_later(stage: GatewayStage, held: Done) -> Done:
    return done(stage.gateway.capture(a_key(), held.reference, held.totals.authorized))


def _voidable(stage: GatewayStage) -> str:
    """A payment that can be voided: authorized or, where that is not possible, not paid yet."""
    if declares(stage, Operation.AUTHORIZE):
        return authorized(stage).reference
    flows = stage.gateway.capabilities.flows - {Flow.TOKEN, Flow.SCAN_BUYER_CODE}
    reference = stage.gateway.start(a_start(stage, flow=min(flows))).reference or ""
    come(stage, reference)
    return reference
