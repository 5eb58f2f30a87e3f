"""The points gateway keeps the contract of the port, on memory and on SQLite: points are held, spent and given back as any other money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.points import PointsGateway
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.system import SystemIds
from shopwright.adapters.troubles import Trouble, after, before
from shopwright.flows.points.accounts import grant_points
from shopwright.flows.points.commands import GrantPoints
from shopwright.flows.ports import Ports
from shopwright.loyalty.entries import PointsHeld, PointsRedeemed, PointsReleased, PointsRestored
from shopwright.loyalty.lots import total
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tendering import PointsTender
from shopwright.members.actors import SYSTEM
from shopwright.money import Money
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import DeclineReason, Outcome
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.storage import START, Storage
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved
from shopwright.testing.gateway_contract.stage import cannot_stage
from shopwright.wire.kinds import KINDS, POINTS

RICH, POOR = account_id("ann"), account_id("bob")


class TroubledPoints(PointsGateway):
    """A points gateway behind a wire that can break."""

    def __init__(self, ports: Ports, program: PointsProgram, *, clock: FrozenClock) -> None:
        super().__init__(ports, program, clock=clock)
        self.trouble: Trouble | None = None

    def start(self, request: StartPayment) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().start(request))

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().capture(key, reference, amount, final=final))

    def void(self, key: OperationKey, reference: str) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().void(key, reference))

    def refund(self, request: RefundPart) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().refund(request))

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().query(key=key, reference=reference))

    def _met(self) -> Trouble | None:
        trouble, self.trouble = self.trouble, None
        before(trouble)
        return trouble

    def _lost(self, trouble: Trouble | None, outcome: Outcome) -> Outcome:
        after(trouble)
        return outcome


class PointsStage:
    """The points gateway over an account that can pay anything, and one that has nothing."""

    signature_headers: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def __init__(self, storage: Storage, tender: PointsTender) -> None:
        self.clock, self.program = FrozenClock(), PointsProgram(currency="EUR", tender=tender)
        self.ports = Ports(storage=storage, ids=SystemIds())
        self.gateway = self.again()
        granted = GrantPoints(key="rich", by=SYSTEM, account_id=RICH, lot_id="gift", points=10**12)
        assert grant_points(self.ports, granted, at=self.clock.now())

    def again(self) -> TroubledPoints:
        return TroubledPoints(self.ports, self.program, clock=self.clock)

    def stranger(self) -> PointsGateway:
        return self.again()

    def source(self, case: str) -> str:
        if case == "ok":
            return RICH
        if case == DeclineReason.INSUFFICIENT_FUNDS:
            return POOR
        cannot_stage(case)
        raise AssertionError("the kit skips what cannot be staged")

    def strike(self, trouble: Trouble) -> None:
        self.gateway.trouble = trouble

    def buyer_pays(self, reference: str) -> None:
        """There is nothing left to do."""

    def ripen(self) -> None:
        """Everything has happened at once."""

    def pushed(self) -> Sequence[RawNotification]:
        return ()

    def noise(self) -> RawNotification:
        return RawNotification(headers=(), body=b"{}", received_at=self.clock.now())

    def moved(self) -> Sequence[Moved]:
        found, held, tender = [], {}, self.program.tender
        assert tender is not None
        for recorded in self.ports.storage.read(POINTS, after=START, limit=1_000):
            match recorded.value:
                case PointsHeld(hold=hold):
                    held[hold.id] = hold.points
                    found.append(Moved(EventKind.AUTHORIZED, hold.id, Money(tender.amount_for(hold.points), "EUR")))
                case PointsRedeemed(redemption_id=id, parts=parts):
                    found.append(Moved(EventKind.CAPTURED, id, Money(tender.amount_for(total(parts)), "EUR")))
                case PointsReleased(hold_id=id):
                    found.append(Moved(EventKind.VOIDED, id, Money(tender.amount_for(held[id]), "EUR")))
                case PointsRestored(redemption_id=id, parts=parts):
                    found.append(Moved(EventKind.REFUNDED, id, Money(tender.amount_for(total(parts)), "EUR")))
        return found


class TestPointsInMemory(GatewayContract):
    """A point is a cent."""

    def make_gateway(self) -> GatewayStage:
        return PointsStage(MemoryStorage(KINDS), PointsTender(hold_for=timedelta(days=3)))


class TestPointsInSteps(GatewayContract):
    """Three points are ten cents."""

    def make_gateway(self) -> GatewayStage:
        return PointsStage(MemoryStorage(KINDS), PointsTender(points=3, worth=10))


class TestPointsOnSqlite(GatewayContract):
    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> Iterator[None]:
        numbers = count(1)
        with ExitStack() as stack:

            def fresh() -> Storage:
                storage = SqliteStorage.open(tmp_path / f"{next(numbers)}.sqlite", kinds=KINDS, upgrade=True, durability="normal")
                stack.callback(storage.close)
                return storage

            self.fresh = fresh
            yield

    def make_gateway(self) -> GatewayStage:
        return PointsStage(self.fresh(), PointsTender(points=100, worth=250))
