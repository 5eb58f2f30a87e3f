"""The WeChat Pay gateway keeps the contract of the port over real sockets, against a simulator that checks and signs every message."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import md5
from http.client import HTTPConnection

import pytest
from attrs import Factory, evolve, frozen
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from shopwright.adapters.rsa import new_key
from shopwright.adapters.troubles import Trouble
from shopwright.adapters.wechat import WechatGateway
from shopwright.adapters.wechat.client import WechatClient
from shopwright.adapters.wechat.notices import OK, RETRY_LATER
from shopwright.adapters.wechat.proofs import HEADERS
from shopwright.adapters.wechat.signing import answer_text
from shopwright.adapters.wechat.simulator import WechatSimulator
from shopwright.money import Money
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.outcomes import DeclineReason
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved
from shopwright.testing.gateway_contract import RolledKeys, Wire
from shopwright.testing.gateway_contract.pushes import Pushes
from shopwright.testing.gateway_contract.stage import cannot_stage

KEYS = (new_key(), new_key())
KINDS = {"paid": EventKind.CAPTURED, "success": EventKind.REFUNDED, "closed": EventKind.REFUND_FAILED}
CODES = {
    DeclineReason.INSUFFICIENT_FUNDS: "NOT_ENOUGH",
    DeclineReason.AUTHENTICATION_FAILED: "AUTH_CODE_EXPIRE",
    DeclineReason.LIMIT_EXCEEDED: "RULE_LIMIT",
    DeclineReason.METHOD_UNAVAILABLE: "NOT_SUPORT_CARD",
    DeclineReason.PROCESSING_ERROR: "TRADE_ERROR",
    DeclineReason.GENERIC: "A_CODE_OF_TOMORROW",
}


@frozen
class CutWire(WechatClient):
    """A client whose next connection can be refused."""

    cuts: list[bool] = Factory(list)

    def connection(self, address):
        if not self.cuts:
            return super().connection(address)
        self.cuts.clear()
        with socket.socket() as free:  # bound and never listening: nobody answers there
            free.bind(("127.0.0.1", 0))
            return HTTPConnection("127.0.0.1", free.getsockname()[1], timeout=1)


class WechatStage:
    """The gateway, and the simulator behind a port of this machine."""

    signature_headers = HEADERS
    buyer = (("ip", "203.0.113.7"),)

    def __init__(self, simulator: WechatSimulator, clock: FrozenClock) -> None:
        self.simulator, self.clock, self.cuts = simulator, clock, []
        self.gateway = self.again()
        self.secrets = (simulator.settings.private_key, simulator.settings.api_v3_key)

    def again(self) -> WechatGateway:
        settings = self.simulator.settings
        return WechatGateway(settings, clock=self.clock, client=CutWire(settings, cuts=self.cuts))

    def stranger(self) -> WechatGateway:
        return WechatGateway(evolve(self.simulator.settings, merchant_id="1900000110"), clock=self.clock)

    @property
    def provider_at(self) -> tuple[str, int]:
        return ("127.0.0.1", self.simulator.server.server_address[1])

    def through(self, wire: Wire) -> WechatGateway:
        settings = evolve(self.simulator.settings, gateway=wire.url, connect=wire.patience, read=wire.patience)
        return WechatGateway(settings, clock=self.clock, client=WechatClient(settings, trust=wire.trust))

    def source(self, case: str) -> str:
        if case == "ok":
            return "134567890123456789"
        if case in {"slow", "refund_slow"}:
            return f"sim_{case}"
        if case not in CODES:
            cannot_stage(case)
        return f"sim_{CODES[DeclineReason(case)]}"

    def strike(self, trouble: Trouble) -> None:
        if trouble is Trouble.NOT_SENT:
            self.cuts.append(True)
        else:
            self.simulator.strike(trouble)

    def buyer_comes(self, reference: str) -> None:
        self.simulator.provider.come(reference)

    def buyer_pays(self, reference: str) -> None:
        self.simulator.provider.approve(reference)

    def ripen(self) -> None:
        self.simulator.provider.ripen()

    def pushed(self) -> Sequence[RawNotification]:
        return self.simulator.notifications()

    def noise(self) -> RawNotification:
        return self.simulator.noise()

    signs_answers = True
    acknowledged = (OK, RETRY_LATER)

    def weakened(self, raw: RawNotification) -> Sequence[RawNotification]:
        """RSA with SHA-1, genuinely signed; the shared key of older interfaces; and a schema of tomorrow, or none."""
        timestamp, nonce = raw.header("Wechatpay-Timestamp"), raw.header("Wechatpay-Nonce")
        signed = self.simulator.signers[-1].key.sign(answer_text(timestamp, nonce, raw.body), PKCS1v15(), hashes.SHA1())  # must be refused
        weak = b64encode(signed).decode()
        shared = md5(raw.body + self.simulator.settings.api_v3_key.encode()).hexdigest().upper()  # must be refused
        return [
            _with(raw, "Wechatpay-Signature", weak),
            _with(raw, "Wechatpay-Signature", shared),
            evolve(raw, headers=(*raw.headers, ("Wechatpay-Signature-Type", "WECHATPAY2-SHA1-RSA2048"))),
        ]

    def rolled(self) -> RolledKeys:
        if not self.simulator.signers[0].pem:
            cannot_stage("keys that are replaced: a newer account has one public key, and no certificates")
        old, first = [self.simulator.noise()], self.simulator.signers[0]
        self.simulator.rotate()
        new = [self.simulator.noise()]
        during = self.again()
        during.renew_certificates()
        settings = evolve(self.simulator.settings, certificates=(self.simulator.signers[-1].pem,))
        assert first.pem not in settings.certificates
        return RolledKeys(during=during, after=WechatGateway(settings, clock=self.clock), old=old, new=new)

    def moved(self) -> Sequence[Moved]:
        return [Moved(KINDS[each.kind], each.trade.number, Money(each.amount, "CNY")) for each in self.simulator.provider.moved if each.kind in KINDS]


def _with(raw: RawNotification, header: str, value: str) -> RawNotification:
    return evolve(raw, headers=tuple((name, value if name == header else told) for name, told in raw.headers))


class Simulators:
    """A fresh simulator for each stage, closed after the test."""

    certificates = False

    @pytest.fixture(autouse=True)
    def _simulators(self) -> Iterator[None]:
        with ExitStack() as stack:
            self.opened = stack
            yield

    def make_gateway(self) -> GatewayStage:
        clock = FrozenClock()
        return WechatStage(self.opened.enter_context(WechatSimulator.open(clock=clock, keys=KEYS, certificates=self.certificates)), clock)


class TestWechat(Simulators, GatewayContract):
    pass


class TestWechatWithCertificates(Simulators, Pushes):
    """An older account: WeChat Pay signs with platform certificates."""

    certificates = True

    @pytest.fixture
    def stage(self) -> GatewayStage:
        stage = self.make_gateway()
        stage.gateway.renew_certificates()
        return stage
