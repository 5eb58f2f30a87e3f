"""The Stripe gateway keeps the contract of the port over real sockets and the official SDK, against a simulator of our own."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest
from attrs import Factory, evolve, frozen

from shopwright.adapters.signatures import signature
from shopwright.adapters.stripe import StripeGateway
from shopwright.adapters.stripe.amounts import from_wire
from shopwright.adapters.stripe.client import StripeClient
from shopwright.adapters.stripe.simulator import StripeSimulator
from shopwright.adapters.troubles import Trouble
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.payments.outcomes import DeclineReason
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved
from shopwright.testing.gateway_contract import RolledKeys, Wire
from shopwright.testing.gateway_contract.lives import Lives
from shopwright.testing.gateway_contract.pushes import Books

FRESH = "whsec_of_tomorrow_0123456789"
METHODS = {
    "ok": "pm_card_visa",
    "slow": "pm_sim_processing",
    "capture_declined": "pm_sim_captureDeclined",
    "refund_slow": "pm_card_pendingRefund",
    "refund_fails_late": "pm_card_refundFail",
    DeclineReason.GENERIC: "pm_card_visa_chargeDeclined",
    DeclineReason.INSUFFICIENT_FUNDS: "pm_card_visa_chargeDeclinedInsufficientFunds",
    DeclineReason.EXPIRED_CARD: "pm_card_chargeDeclinedExpiredCard",
    DeclineReason.INCORRECT_CVC: "pm_card_chargeDeclinedIncorrectCvc",
    DeclineReason.INCORRECT_NUMBER: "pm_sim_incorrect_number",
    DeclineReason.AVS_MISMATCH: "pm_sim_incorrect_zip",
    DeclineReason.AUTHENTICATION_FAILED: "pm_sim_authentication_required",
    DeclineReason.LIMIT_EXCEEDED: "pm_sim_card_velocity_exceeded",
    DeclineReason.LOST_OR_STOLEN: "pm_sim_stolen_card",
    DeclineReason.FRAUD_SUSPECTED: "pm_sim_fraudulent",
    DeclineReason.METHOD_UNAVAILABLE: "pm_sim_card_not_supported",
    DeclineReason.PROCESSING_ERROR: "pm_card_chargeDeclinedProcessingError",
}


@frozen(slots=False)
class CutWire(StripeClient):
    """A client whose next connection can be refused."""

    cuts: list[bool] = Factory(list)

    def connection(self, address):
        if not self.cuts:
            return super().connection(address)
        self.cuts.clear()
        with socket.socket() as free:  # bound and never listening: nobody answers there
            free.bind(("127.0.0.1", 0))
            return HTTPConnection("127.0.0.1", free.getsockname()[1], timeout=1)


class StripeStage:
    """The gateway with the simulator behind it."""

    signature_headers = ("Stripe-Signature",)

    def __init__(self, simulator: StripeSimulator, clock: FrozenClock) -> None:
        self.simulator, self.clock, self.cuts = simulator, clock, []
        client = CutWire(simulator.settings, cuts=self.cuts)
        self.gateway = StripeGateway(simulator.settings, clock=clock, client=client)
        self.secrets = simulator.settings.secrets

    def again(self) -> StripeGateway:
        return StripeGateway(self.simulator.settings, clock=self.clock)

    def stranger(self) -> StripeGateway:
        return StripeGateway(evolve(self.simulator.settings, account="acct_2"), clock=self.clock)

    @property
    def provider_at(self) -> tuple[str, int]:
        return ("127.0.0.1", self.simulator.server.server_address[1])

    def through(self, wire: Wire) -> StripeGateway:
        settings = evolve(self.simulator.settings, api=wire.url, connect=wire.patience, read=wire.patience)
        return StripeGateway(settings, clock=self.clock, client=StripeClient(settings, trust=wire.trust))

    def source(self, case: str) -> str:
        return METHODS[case]

    def strike(self, trouble: Trouble) -> None:
        if trouble is Trouble.NOT_SENT:
            self.cuts.append(True)
        else:
            self.simulator.strike(trouble)

    def buyer_pays(self, reference: str) -> None:
        self.simulator.provider.approve(reference)

    def ripen(self) -> None:
        self.simulator.provider.ripen()

    def pushed(self) -> Sequence[RawNotification]:
        return self.simulator.notifications()

    def noise(self) -> RawNotification:
        return self.simulator.noise()

    acknowledged = (Ack(200, b'{"received":true}', "application/json"), Ack(503, b'{"received":false}', "application/json"))

    def weakened(self, raw: RawNotification) -> Sequence[RawNotification]:
        """The scheme of test mode, one without a name, and none."""
        signed = raw.header("Stripe-Signature")
        weak = (signed.replace("v1=", "v0="), signed.replace("v1=", ""), signed.split(",")[0], signed.replace("v1=", "v2="))
        return [evolve(raw, headers=tuple((name, each if name == "Stripe-Signature" else told) for name, told in raw.headers)) for each in weak]

    def rolled(self) -> RolledKeys:
        old, at = self.simulator.noise(), self.clock.now()
        new = evolve(old, headers=(("Stripe-Signature", signature(FRESH, old.body, at=at)),))
        during, after = (
            StripeGateway(evolve(self.simulator.settings, webhook_secrets=secrets), clock=self.clock)
            for secrets in ((FRESH, *self.simulator.settings.webhook_secrets), (FRESH,))
        )
        return RolledKeys(during=during, after=after, old=[old], new=[new])

    def disputed(self, reference: str) -> str:
        return self.simulator.provider.dispute(self.simulator.provider.intent(reference)).id

    def decided(self, dispute: str) -> None:
        found = self.simulator.provider.dispute_of(dispute)
        if found.status != "lost":
            self.simulator.provider.win(found)

    def moved(self) -> Sequence[Moved]:
        return [Moved(each.kind, each.intent.id, from_wire(each.amount, each.intent.currency)) for each in self.simulator.provider.moved]


class TestStripe(GatewayContract):
    """An account that captures once."""

    @pytest.fixture(autouse=True)
    def _simulators(self) -> Iterator[None]:
        with ExitStack() as stack:
            self.opened = stack
            yield

    def make_gateway(self) -> GatewayStage:
        clock = FrozenClock()
        return StripeStage(self.opened.enter_context(StripeSimulator.open(clock=clock)), clock)


class TestStripeInParts(Lives):
    """An account that may take an authorization in several parts."""

    @pytest.fixture
    def stage(self) -> Iterator[GatewayStage]:
        clock = FrozenClock()
        with StripeSimulator.open(clock=clock, multicapture=True) as simulator:
            yield StripeStage(simulator, clock)


class TestStripeThatShares(Books):
    """A platform that sends shares of its payments to sellers."""

    @pytest.fixture
    def stage(self) -> Iterator[GatewayStage]:
        clock = FrozenClock()
        with StripeSimulator.open(clock=clock, sellers=(("seller", "acct_seller"), ("other", "acct_other"))) as simulator:
            yield StripeStage(simulator, clock)
