"""Secrets of gateways, tokens of buyers and what is personal are planted in a shop that lives through good and bad days with each provider.

Nobody finds them in a log, an error, a `repr`, an event, a trace, or a byte of the database. What is planted in the open is found.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import Address, CancelOrder, CapturePayment, Money, Order, PayOrder, PlaceOrder, RefundOrder, Refusal, Shop, Tender, accepted
from shopwright.adapters.simulators.face import Simulation
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import ShopwrightError
from shopwright.flows import commands as c
from shopwright.flows.members import commands as m
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.payments.risk.conditions import TooOften
from shopwright.payments.risk.context import PaymentContext
from shopwright.payments.risk.rules import RiskPolicy, RiskRule
from shopwright.payments.risk.velocities import Link, Velocity
from shopwright.payments.risk.verdicts import Verdict
from shopwright.ports.risk import Risk
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Changeset, Operation, Put, Query, Storage
from shopwright.testing import FrozenClock, postgres
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS, LooseMoney
from tests.checkout.selling import ANN, CLERK, TOTAL, a_pay, an_order, stocked
from tests.checkout.wire import PATIENCE, Ill, Wire, wired
from tests.checkout.world import GATEWAYS, simulated
from tests.flows.bytes_kept import forms, where
from tests.flows.vaulted import VAULT
from tests.surroundings import missing, peer

PAN, EMAIL, PHONE, IP = "4242424242424242", "zq.mire@nowhere-kelp.example", "+49 40 7718293645", "203.0.113.199"
NAME, STREET = "Zwölfquagmire", "Harborxylem 77"
HOME = Address(f"Ann {NAME}", (STREET,), "Hamburg", postcode="QZ9 8XK", country="DE", phone=PHONE)
HERE = PaymentContext(ip=IP, email=EMAIL, phone=PHONE, device="device-7718293645")
PERSONAL = (PAN, EMAIL, PHONE, IP, NAME, STREET, "device-7718293645")
TOKENS = {
    "fake": (Flow.TOKEN, "tok_ok+refund_ok+void_ok+query_ok"),
    "stripe": (Flow.TOKEN, "pm_card_visa"),
    "alipay": (Flow.SCAN_BUYER_CODE, "289900112233445566"),
    "wechat": (Flow.SCAN_BUYER_CODE, "139900112233445566"),
}
MOST_SECRETS = 8


def planted(simulation: Simulation) -> tuple[str, ...]:
    """What nobody may find: of long keys their first lines, which are as telling as all of them."""
    return (*simulation.secrets[:MOST_SECRETS], TOKENS[simulation.name][1], *PERSONAL)


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[Storage, Path]]:
    storage = SqliteStorage.open(folder / "mall.sqlite", kinds=KINDS, upgrade=True)
    yield storage, folder
    storage.close()


@contextmanager
def on_postgres(_folder: Path) -> Iterator[tuple[Storage, Path]]:
    reason = postgres.missing()
    if reason is not None:
        missing(reason)
    peer("psycopg")
    from shopwright.adapters.postgres.storage import PostgresStorage

    with postgres.LocalPostgres(fsync=False, settings={"autovacuum": "off", "log_statement": "all"}) as server:
        storage = PostgresStorage.open(server.conninfo, kinds=KINDS, upgrade=True)
        yield storage, server.folder
        storage.close()


@pytest.fixture(params=[sqlite, pytest.param(on_postgres, marks=pytest.mark.full)], ids=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Storage, Path]]:
    with request.param(tmp_path) as opened:
        yield opened


class Life:
    """Good and bad days of a shop with one provider; `shown` is everything that it said, wrote or raised on them."""

    def __init__(self, simulation: Simulation, wire: Wire, clock: FrozenClock, storage: Storage, *, vault: Any) -> None:
        self.simulation, self.wire, self.clock, self.storage, self.vault = simulation, wire, clock, storage, vault
        self.gateway = wire.gateway(simulation, patience=PATIENCE)
        self.shown: list[str] = []
        self.shop = self._opened()
        stocked(self.shop, simulation.currency)

    def _opened(self) -> Shop:
        often = RiskRule(id="often", when=TooOften(Velocity(by=Link.IP, within=timedelta(hours=1)), above=90), then=Verdict.REVIEW)
        risk = Risk(policies={self.simulation.currency: RiskPolicy(rules=(often,))}, keys=(b"0123456789abcdef" * 2,))
        ways = {"vault": self.vault, "risk": risk, "clock": self.clock, "ids": SeededIds(7)}
        return Shop(self.storage, gateways=[self.gateway], **ways)

    def order(self, key: str, *, by_page: bool = False) -> PlaceOrder:
        flow, token = TOKENS[self.simulation.name]
        tender = Tender(method="card", amount=TOTAL, gateway=self.simulation.name, flow=flow, source=token)
        tenders = (self.simulation.tender(TOTAL),) if by_page else (tender,)
        return evolve(an_order(self.simulation, key=key), ship_to=HOME, tenders=tenders, context=HERE)

    def paid(self, key: str, *, by_page: bool = False) -> Order:
        """An order that is paid; all commands and answers on the way are shown."""
        command = self.order(key, by_page=by_page)
        order = accepted(self.shop.orders.place(command))
        pay = evolve(a_pay(order, f"pay-{key}"), context=HERE)
        asked = accepted(self.shop.payments.pay(pay))
        self.show(command, pay, order, asked)
        for payment in asked.payments:
            if payment.action is not None:
                self.simulation.come(payment.reference, payment.action)
                self.simulation.approve(payment.reference)
        self.told()
        return accepted(self.shop.orders.get(order.id))

    def told(self) -> None:
        for raw in self.simulation.pushed():
            self.show(raw, self.shop.payments.receive(self.simulation.name, raw))

    def show(self, *values: Any) -> None:
        self.shown += [f"{value!r}\n{value}" for value in values]

    def raises(self, act: Any) -> None:
        """Something that may go wrong: whole traces of errors are shown, with all that caused them."""
        try:
            self.show(act())
        except ShopwrightError as error:
            self.shown.append("".join(traceback.format_exception(error)) + repr(error))

    def refuses_the_card(self, answer: Any) -> None:
        """The number of a card in a free text is refused, in words that are shown."""
        assert isinstance(answer, Refusal)
        assert answer.code == "card_number_given"
        self.show(answer)

    def live(self) -> None:
        """All of it."""
        if self.vault is not None:
            self.refuses_the_card(self.shop.members.register(self._join(f"{PAN} {STREET}")))
            accepted(self.shop.members.register(self._join(STREET)))
        good, page = self.paid("good"), self.paid("page", by_page=True)
        self.raises(lambda: self.shop.payments.refund(self._back(page, "first", 500)))
        no = CancelOrder(key="no", by=CLERK, order_id=good.id, note=f"{NAME} typed {EMAIL}")
        self.refuses_the_card(self.shop.orders.cancel(evolve(no, note=f"{no.note}, {PAN}")))
        self.raises(lambda: self.shop.orders.cancel(no))
        for number, ill in enumerate(Ill if self.wire.address else (Ill.LOST, Ill.DROPPED)):
            if ill not in {Ill.DIES_BEFORE, Ill.DIES_AFTER}:
                self._bad_day(number, ill)
        self._misuse(page)
        self.clock.advance(self.simulation.books_after + timedelta(hours=1))
        self.raises(self.shop.orders.sweep)
        now = self.clock.now()
        self.raises(lambda: self.shop.payments.reconcile(self.simulation.name, now - timedelta(days=3), now))
        self.show(self.shop, self.shop.ports, self.gateway, self.simulation.gateway(), getattr(self.simulation, "settings", None))
        for stored in self.storage.find(Query(Order, limit=100)).items:
            self.show(stored.value, *self.shop.orders.history(stored.value.id))

    def _join(self, note: str) -> m.RegisterMember:
        return m.RegisterMember(key="join", by=ANN, member_id="ann", email=EMAIL, phone=PHONE, profile={"name": NAME, "note": note})

    def _back(self, order: Order, key: str, amount: int) -> RefundOrder:
        return RefundOrder(key=f"back-{key}", by=CLERK, order_id=order.id, amount=Money(amount, self.simulation.currency), reason="late")

    def _bad_day(self, number: int, ill: Ill) -> None:
        """An order whose payment and refund both meet this ill."""
        order = accepted(self.shop.orders.place(self.order(f"bad-{number}", by_page=True)))
        pay = evolve(a_pay(order, f"pay-bad-{number}"), context=HERE)
        for act in (lambda: self.shop.payments.pay(pay), self.shop.orders.sweep):
            self.wire.strike(1, ill)
            self.raises(act)
            self.wire.heal()
            self.clock.advance(timedelta(minutes=3))
        self.raises(lambda: self.shop.orders.cancel(CancelOrder(key=f"no-{number}", by=CLERK, order_id=order.id)))

    def _misuse(self, order: Order) -> None:
        """What the provider, the gateway or the shop must refuse, with secrets in the very words that are refused."""
        flow, token = TOKENS[self.simulation.name]
        gateway, amount = self.simulation.gateway(), Money(100, self.simulation.currency)
        start = StartPayment(
            key=OperationKey("misuse_1"), amount=amount, description="x", flow=flow, source_token=token, buyer={"email": EMAIL}, at=self.clock.now()
        )
        lost = RefundPart(key=OperationKey("misuse_2"), payment="nobody", amount=amount, of_total=amount)
        self.show(start, lost)
        self.raises(lambda: gateway.start(evolve(start, amount=Money(100, "XTS"))))
        self.raises(lambda: gateway.start(evolve(start, source_token=PAN)))
        self.raises(lambda: gateway.start(start))
        self.raises(lambda: gateway.refund(lost))
        self.raises(lambda: gateway.query(key=OperationKey("misuse_3")))
        self.raises(lambda: gateway.void(OperationKey("misuse_4"), "nobody"))
        self.raises(lambda: self.shop.payments.capture(CapturePayment(key="k", by=CLERK, order_id=order.id, payment_id="p1")))
        self.raises(lambda: self.shop.payments.refund(self._back(order, "much", 10 * TOTAL)))
        self.raises(lambda: evolve(self.order("odd"), tenders=()))
        self.raises(lambda: self.shop.payments.pay(PayOrder(key="k2", by=CLERK, order_id="nobody", context=HERE)))
        self.raises(lambda: self.shop.payments.refresh(c.RefreshPayments(key="k3", by=ANN, order_id=order.id)))
        raw = self.simulation.pushed()[0]
        for body in (raw.body + b"x", raw.body.replace(b"1", b"2"), token.encode(), self.simulation.secrets[0].encode()):
            self.raises(lambda body=body: self.shop.payments.receive(self.simulation.name, evolve(raw, body=body)))
        empty = RawNotification(headers=(("Authorization", self.simulation.secrets[0]),), body=b"", received_at=self.clock.now())
        self.raises(lambda: self.shop.payments.receive(self.simulation.name, empty))
        self.shown.append(gateway.scrub(f"{' '.join(self.simulation.secrets)} {PAN}"))


def found_in(text: str, wanted: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which of these stand in a text, in which form."""
    data = text.encode("utf-8", "surrogatepass")
    return [(plant, name) for plant in wanted for name, form in forms(plant).items() if form in data]


@pytest.mark.parametrize("name", GATEWAYS)
def test_nobody_finds_a_secret_a_token_or_a_person(
    name: str, place: tuple[Storage, Path], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    storage, folder = place
    clock = FrozenClock()
    with simulated(name, clock) as simulation, wired(simulation) as wire:
        life = Life(simulation, wire, clock, storage, vault=VAULT)
        life.live()
        wanted = planted(simulation)

    assert where(wanted, folder) == set()
    assert found_in("\n".join([*life.shown, caplog.text, *capsys.readouterr()]), wanted) == []
    assert len([it for it in life.shown if "Traceback" in it]) >= 5, "there were errors to look into"


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name == "fake" else pytest.mark.full) for name in GATEWAYS])
def test_what_is_planted_in_the_open_is_found(name: str, place: tuple[Storage, Path]) -> None:
    storage, folder = place
    clock = FrozenClock()
    with simulated(name, clock) as simulation, wired(simulation) as wire:
        life = Life(simulation, wire, clock, storage, vault=None)
        order = life.paid("good")
        wanted = planted(simulation)
        for number, plant in enumerate(wanted):
            kept = LooseMoney(id=f"l{number}", source="x", method="x", amount=1, currency="EUR", reason="x", at=clock.now(), facts=(("it", plant),))
            storage.commit(Changeset(Operation(kept.id, "plant"), clock.now(), puts=(Put(kept.id, kept),)))  # no flow would take a card number
            life.show(kept)

    assert {plant for plant, _, _ in where(wanted, folder)} == set(wanted)
    assert {plant for plant, _ in found_in("\n".join(life.shown), wanted)} == set(wanted)
    assert order.payments[0].tender.source == TOKENS[name][1], "without a vault a token is kept as it is"


def test_every_record_of_the_stream_is_looked_into(tmp_path: Path) -> None:
    clock = FrozenClock()
    with sqlite(tmp_path) as (storage, _), simulated("fake", clock) as simulation, wired(simulation) as wire:
        life = Life(simulation, wire, clock, storage, vault=VAULT)
        life.live()
        shown = "\n".join(life.shown)
        events = storage.read("events", after=BEGINNING, limit=500)
        assert len(events) > 40
        assert [it for it in events if type(it.value).__name__ not in shown] == []
