"""The fake gateway keeps the contract of the port: in memory, in a shared file, and with hardly any capability."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from attrs import evolve

from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway, FakeProvider, FakeSettings
from shopwright.adapters.fake_gateway.messages import KEY_NAME, SIGNATURE, noise
from shopwright.adapters.troubles import Trouble
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.disputes import DisputeState
from shopwright.payments.errors import InvalidState
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.payments.operations import Flow, Operation
from shopwright.payments.outcomes import DeclineReason
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved
from shopwright.testing.gateway_contract import RolledKeys


class FakeStage:
    """The fake gateway with its provider; `path` puts the provider in a file that another object reads."""

    signature_headers = (SIGNATURE, KEY_NAME)

    def __init__(self, *, path: Path | None = None, capabilities: Capabilities = EVERYTHING) -> None:
        self.clock, self._path, self._capabilities = FrozenClock(), path, capabilities
        self.provider = self._provider()
        self.gateway = FakeGateway(self.provider)
        settings = self.provider.settings
        self.secrets = (settings.api_secret, *(secret for _name, secret in settings.signing_keys))

    def _provider(self) -> FakeProvider:
        return FakeProvider(clock=self.clock, path=self._path, capabilities=self._capabilities)

    def again(self) -> FakeGateway:
        return type(self.gateway)(self.provider if self._path is None else self._provider())

    def stranger(self) -> FakeGateway:
        return type(self.gateway)(self.provider, settings=evolve(self.provider.settings, merchant_account="another_merchant"))

    def source(self, case: str) -> str:
        return f"tok_{'declined' if case == DeclineReason.GENERIC else case}"

    def strike(self, trouble: Trouble) -> None:
        self.provider.strike(trouble)

    def buyer_pays(self, reference: str) -> None:
        try:
            self.provider.approve(reference)
        except InvalidState:
            return  # the page says that this payment is over

    def ripen(self) -> None:
        self.provider.advance()

    def pushed(self) -> Sequence[RawNotification]:
        return self.provider.notifications(again=True, shuffle=Random(7))

    def noise(self) -> RawNotification:
        return noise(1, self.provider.settings, at=self.clock.now())

    acknowledged = (Ack(200, b"ok"), Ack(503, b"later"))

    def weakened(self, raw: RawNotification) -> Sequence[RawNotification]:
        """Another name of the key, and a signature of another scheme."""
        signed = raw.header(SIGNATURE)
        return [_with(raw, KEY_NAME, "k0"), _with(raw, SIGNATURE, signed.replace("v1=", "v0=")), _with(raw, SIGNATURE, signed.split(",")[0])]

    def rolled(self) -> RolledKeys:
        old, new = self.provider.settings.signing_keys[0], ("k2", "whsec_fake_of_tomorrow")
        made = type(self.gateway)
        during, after = (made(self.provider, settings=evolve(self.provider.settings, signing_keys=keys)) for keys in ((new, old), (new,)))
        at = self.clock.now()
        return RolledKeys(
            during=during, after=after, old=[noise(1, self.provider.settings, at=at)], new=[noise(2, after.settings, at=at)]
        )

    def disputed(self, reference: str) -> str:
        return self.provider.open_dispute(reference)

    def decided(self, dispute: str) -> None:
        with suppress(InvalidState):  # one that was given up is lost
            self.provider.decide_dispute(dispute, DisputeState.WON)

    def moved(self) -> Sequence[Moved]:
        return [Moved(each.kind, each.reference, each.amount) for each in self.provider.movements()]


def _with(raw: RawNotification, header: str, value: str) -> RawNotification:
    return evolve(raw, headers=tuple((name, value if name == header else told) for name, told in raw.headers))


class TestFakeGateway(GatewayContract):
    def make_gateway(self) -> GatewayStage:
        return FakeStage()


class TestFakeGatewayInAFile(GatewayContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self._files = (tmp_path / f"provider_{number}.jsonl" for number in range(10_000))

    def make_gateway(self) -> GatewayStage:
        return FakeStage(path=next(self._files))


class TestAPoorFakeGateway(GatewayContract):
    """One flow, one currency in big steps, one capture, whole refunds, no ledger: what is left undeclared is refused."""

    def make_gateway(self) -> GatewayStage:
        return FakeStage(
            capabilities=Capabilities(
                operations={Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND},
                flows={Flow.TOKEN},
                currencies={"EUR", "KWD"},
                partial_refund=False,
                queries_by_key=False,
                max_refunds=1,
                amount_step={"KWD": 10, "EUR": 5},
                min_amount={"EUR": 50},
            )
        )


def test_the_fake_settings_show_no_secret():
    settings = FakeSettings()
    assert settings.api_secret not in repr(settings)
