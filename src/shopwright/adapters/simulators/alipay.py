"""Alipay as a simulation: a buyer who scans a code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import evolve

from shopwright.adapters.alipay import AlipayGateway
from shopwright.adapters.alipay.messages import CURRENCY
from shopwright.adapters.alipay.simulator import AlipaySimulator
from shopwright.adapters.simulators.face import Moved, Waiting, opened, refuse_file, rerouted, written
from shopwright.adapters.simulators.ported import Ported
from shopwright.money import Money
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import NextAction, Redirect
from shopwright.payments.payment import Tender
from shopwright.ports.clock import Clock
from shopwright.ports.gateway import PaymentGateway

_KINDS = {"paid": EventKind.CAPTURED, "refunded": EventKind.REFUNDED, "closed": EventKind.VOIDED}


class AlipaySimulation(Ported[AlipaySimulator]):
    """An `AlipaySimulator` behind the face of all simulations."""

    name, currency = "alipay", CURRENCY
    books_after = timedelta(days=1)

    @classmethod
    @contextmanager
    def open(cls, *, clock: Clock, port: int = 0, path: Path | None = None, **keys: Any) -> Iterator[AlipaySimulation]:
        """A simulation until the block ends. Raises `InvalidValue` for a file: it keeps nothing there."""
        refuse_file(path)
        with AlipaySimulator.open(clock=clock, port=port, **keys) as simulator:
            yield cls(simulator, clock)

    def gateway(self, *, through: str = "", patience: timedelta | None = None) -> PaymentGateway:
        """One more gateway of the same application."""
        settings = self.simulator.settings  # reading its keys takes a while, so they are read again only for other settings
        if through or patience:
            settings = evolve(settings, gateway=rerouted(settings.gateway, through), read=patience or settings.read)
            self.simulator.public = through
        return AlipayGateway(settings, clock=self._clock)

    def tender(self, amount: int, *, capture: bool = True) -> Tender:
        """A code to scan; there is no promise without payment here."""
        return Tender(method="alipay", amount=amount, gateway=self.name, flow=Flow.QR)

    def waiting(self) -> Sequence[Waiting]:
        """The orders that are not paid and not over."""
        trades = tuple(self.simulator.provider.trades.values())
        found = [it for it in trades if it.paid_at is None and not it.closed]
        return [Waiting(reference=it.number, amount=Money(it.amount, CURRENCY), about=it.subject) for it in found]

    def come(self, reference: str, action: NextAction | None = None) -> None:
        """The buyer opens the page, or scans the code."""
        if isinstance(action, Redirect):
            opened(action.url)
        self.simulator.provider.come(reference)

    def ripen(self) -> None:
        """Every buyer who has begun confirms; refunds are done at once here."""
        self.simulator.provider.approve_all()

    def moved(self) -> Sequence[Moved]:
        """What moved, and what was closed."""
        moves = tuple(self.simulator.provider.moved)
        return [Moved(kind=_KINDS[it.kind], reference=it.trade.number, amount=Money(it.amount, CURRENCY)) for it in moves]

    def recipe(self) -> str:
        """A gateway with these settings."""
        names = ("app_id", "seller_id", "private_key", "alipay_public_key", "gateway")
        facts = {it: getattr(self.simulator.settings, it) for it in names}
        return written(self.name, "shopwright.adapters.alipay", "AlipayGateway", "AlipaySettings", facts)
