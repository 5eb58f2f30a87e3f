"""ExamplePay keeps the contract of a payment gateway, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from attrs import evolve
from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import InvalidState
from shopwright.payments.notifications import RawNotification
from shopwright.payments.outcomes import DeclineReason
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved, cannot_stage
from shopwright.testing.gateway_contract import Wire

from shopwright_examplepay import ExamplePay, Settings
from shopwright_examplepay.messages import SIGNATURE
from shopwright_examplepay.simulator import ExamplePayServer, Sandbox, serving

_accounts = count(1)


class Stage:
    """An account of its own at a running ExamplePay."""

    signature_headers = (SIGNATURE,)

    def __init__(self, server: ExamplePayServer) -> None:
        number = next(_accounts)
        self.clock = FrozenClock()
        self.settings = Settings(
            account=f"shop_{number}",
            api_key=f"sk_sandbox_{number:012d}",
            signing_secret=f"whsec_sandbox_{number:012d}",
            host="127.0.0.1",
            port=server.server_address[1],
            encrypted=False,
        )
        self.sandbox = server.sandboxes[self.settings.api_key] = Sandbox(self.settings, self.clock)
        self.secrets = (self.settings.api_key, self.settings.signing_secret)
        self._port = self.settings.port
        self._unplugged = False

    @property
    def gateway(self) -> ExamplePay:
        """The adapter; where the wire was cut, the next one that is asked for finds nobody listening."""
        if not self._unplugged:
            return ExamplePay(self.settings)
        self._unplugged = False
        return ExamplePay(evolve(self.settings, port=_closed_port()))

    def again(self) -> ExamplePay:
        return ExamplePay(self.settings)

    def stranger(self) -> ExamplePay:
        return ExamplePay(evolve(self.settings, account="somebody_else"))

    @property
    def provider_at(self) -> tuple[str, int]:
        return ("127.0.0.1", self._port)

    def through(self, wire: Wire) -> ExamplePay:
        encrypted = wire.trust is not None
        return ExamplePay(
            evolve(self.settings, host=wire.host, port=wire.port, encrypted=encrypted, trust=wire.trust, connect=wire.patience, read=wire.patience)
        )

    def source(self, case: str) -> str | None:
        if case == "refund_fails_late":
            cannot_stage(case)
        return f"tok_{'declined' if case == DeclineReason.GENERIC else case}"

    def strike(self, trouble: Trouble) -> None:
        if trouble is Trouble.NOT_SENT:
            self._unplugged = True
        else:
            self.sandbox.trouble = trouble

    def buyer_pays(self, reference: str) -> None:
        try:
            self.sandbox.provider.approve(reference)
        except InvalidState:
            return  # the page says that this payment is over

    def ripen(self) -> None:
        self.sandbox.provider.advance()

    def pushed(self) -> Sequence[RawNotification]:
        return self.sandbox.pushed()

    def noise(self) -> RawNotification:
        at = self.clock.now().isoformat()
        return self.sandbox.pushed({"id": "ev_0", "event": "invoice_sent", "at": at, "account": self.settings.account})[0]

    def moved(self) -> Sequence[Moved]:
        return [Moved(each.kind, each.reference, each.amount) for each in self.sandbox.provider.movements()]


def _closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[ExamplePayServer]:
    with serving() as running:
        yield running


class TestExamplePay(GatewayContract):
    @pytest.fixture(autouse=True)
    def _provider(self, server: ExamplePayServer) -> None:
        self._server = server

    def make_gateway(self) -> GatewayStage:
        return Stage(self._server)
