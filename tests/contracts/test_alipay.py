"""The Alipay gateway keeps the contract of the port over real sockets, against a simulator that checks and signs every message."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from attrs import Factory, evolve, frozen
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from shopwright.adapters.alipay import AlipayGateway
from shopwright.adapters.alipay.client import AlipayClient
from shopwright.adapters.alipay.signing import content
from shopwright.adapters.alipay.simulator import AlipaySimulator
from shopwright.adapters.rsa import new_key, public_text
from shopwright.adapters.troubles import Trouble
from shopwright.money import Money
from shopwright.payments.notifications import Ack, EventKind, RawNotification
from shopwright.payments.outcomes import ActionRequired, DeclineReason, Outcome, Redirect
from shopwright.payments.requests import StartPayment
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved
from shopwright.testing.gateway_contract import RolledKeys, Wire
from shopwright.testing.gateway_contract.stage import cannot_stage

KEYS = (new_key(), new_key())
KINDS = {"paid": EventKind.CAPTURED, "refunded": EventKind.REFUNDED, "closed": EventKind.VOIDED}
CODES = {
    DeclineReason.INSUFFICIENT_FUNDS: "BUYER_BALANCE_NOT_ENOUGH",
    DeclineReason.AUTHENTICATION_FAILED: "PAYMENT_AUTH_CODE_INVALID",
    DeclineReason.LIMIT_EXCEEDED: "PRODUCT_AMOUNT_LIMIT_ERROR",
    DeclineReason.FRAUD_SUSPECTED: "PAYMENT_REQUEST_HAS_RISK",
    DeclineReason.METHOD_UNAVAILABLE: "NO_PAYMENT_INSTRUMENTS_AVAILABLE",
    DeclineReason.PROCESSING_ERROR: "PAYMENT_FAIL",
    DeclineReason.GENERIC: "A_CODE_OF_TOMORROW",
}


@frozen
class CutWire(AlipayClient):
    """A client whose next connection can be refused."""

    cuts: list[bool] = Factory(list)

    def connection(self, address):
        if not self.cuts:
            return super().connection(address)
        self.cuts.clear()
        with socket.socket() as free:  # bound and never listening: nobody answers there
            free.bind(("127.0.0.1", 0))
            return HTTPConnection("127.0.0.1", free.getsockname()[1], timeout=1)


class WatchedAlipay(AlipayGateway):
    """A gateway that remembers where it sends its buyers."""

    pages: dict[str, str]

    def start(self, request: StartPayment) -> Outcome:
        outcome = super().start(request)
        if isinstance(outcome, ActionRequired) and isinstance(outcome.action, Redirect):
            self.__dict__.setdefault("pages", {})[request.key.value] = outcome.action.url
        return outcome


class AlipayStage:
    """The gateway, and the simulator behind a port of this machine."""

    signature_headers: tuple[str, ...] = ()

    def __init__(self, simulator: AlipaySimulator, clock: FrozenClock) -> None:
        self.simulator, self.clock, self.cuts = simulator, clock, []
        self.gateway = self.again()
        self.secrets = (simulator.settings.private_key,)

    def again(self) -> WatchedAlipay:
        settings = self.simulator.settings
        return WatchedAlipay(settings, clock=self.clock, client=CutWire(settings, cuts=self.cuts))

    def stranger(self) -> AlipayGateway:
        return AlipayGateway(evolve(self.simulator.settings, seller_id="2088000000000002"), clock=self.clock)

    @property
    def provider_at(self) -> tuple[str, int]:
        return ("127.0.0.1", self.simulator.server.server_address[1])

    def through(self, wire: Wire) -> AlipayGateway:
        settings = evolve(self.simulator.settings, gateway=f"{wire.url}/gateway.do", connect=wire.patience, read=wire.patience)
        return AlipayGateway(settings, clock=self.clock, client=AlipayClient(settings, trust=wire.trust))

    def source(self, case: str) -> str:
        if case == "ok":
            return "281234567890123456"
        if case == "slow":
            return "sim_slow"
        if case not in CODES:
            cannot_stage(case)
        return f"sim_{CODES[DeclineReason(case)]}"

    def strike(self, trouble: Trouble) -> None:
        if trouble is Trouble.NOT_SENT:
            self.cuts.append(True)
        else:
            self.simulator.strike(trouble)

    def buyer_comes(self, reference: str) -> None:
        if reference not in self.simulator.provider.trades:
            self._open_the_page(reference)
        self.simulator.provider.come(reference)

    def buyer_pays(self, reference: str) -> None:
        self.buyer_comes(reference)
        self.simulator.provider.approve(reference)

    def _open_the_page(self, reference: str) -> None:
        url = self.gateway.pages[reference]
        address = urlsplit(url)
        connection = HTTPConnection("127.0.0.1", address.port, timeout=5)
        connection.request("GET", f"{address.path}?{address.query}")
        assert connection.getresponse().status == 200
        connection.close()

    def ripen(self) -> None:
        self.simulator.provider.approve_all()

    def pushed(self) -> Sequence[RawNotification]:
        return self.simulator.notifications()

    def noise(self) -> RawNotification:
        return self.simulator.noise()

    signs_answers = True
    acknowledged = (Ack(200, b"success"), Ack(500, b"fail"))

    def weakened(self, raw: RawNotification) -> Sequence[RawNotification]:
        """RSA with SHA-1, which Alipay has given up, genuinely signed; and none at all."""
        fields = dict(parse_qsl(raw.body.decode()))
        told = content(fields, without=("sign", "sign_type"), keep_empty=True).encode()
        weak = b64encode(self.simulator.key.sign(told, PKCS1v15(), hashes.SHA1())).decode()  # this is what must be refused
        return [
            evolve(raw, body=urlencode(fields | {"sign": sign, "sign_type": kind}).encode())
            for sign, kind in ((weak, "RSA"), (weak, "RSA2"), (fields["sign"], "RSA"), ("", "NONE"))
        ]

    def rolled(self) -> RolledKeys:
        settings, fresh = self.simulator.settings, new_key()
        old = [self.simulator.noise()]
        during, after = (
            AlipayGateway(evolve(settings, alipay_public_key=public_text(fresh), other_public_keys=others), clock=self.clock)
            for others in ((settings.alipay_public_key,), ())
        )
        before, self.simulator.key = self.simulator.key, fresh
        new = [self.simulator.noise()]
        self.simulator.key = before
        return RolledKeys(during=during, after=after, old=old, new=new)

    def moved(self) -> Sequence[Moved]:
        return [Moved(KINDS[each.kind], each.trade.number, Money(each.amount, "CNY")) for each in self.simulator.provider.moved]


class TestAlipay(GatewayContract):
    @pytest.fixture(autouse=True)
    def _simulators(self) -> Iterator[None]:
        with ExitStack() as stack:
            self.opened = stack
            yield

    def make_gateway(self) -> GatewayStage:
        clock = FrozenClock()
        return AlipayStage(self.opened.enter_context(AlipaySimulator.open(clock=clock, keys=KEYS)), clock)
