"""Who is on the other side of a checkout: a simulated provider, or the shop's own points. The script is written over this and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from attrs import frozen

import shopwright as sw
from shopwright.adapters.simulators import SIMULATIONS, open_simulation
from shopwright.adapters.simulators.face import Simulation
from shopwright.flows.points.commands import GrantPoints
from shopwright.loyalty import account_id
from shopwright.loyalty.earning import EarnRule
from shopwright.loyalty.payments import PointsPayment
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tendering import PointsTender
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Operation
from shopwright.payments.payment import Payment
from shopwright.ports.clock import Clock

NAMES = (*SIMULATIONS, "points")


class Side(Protocol):
    """What a checkout needs of whoever moves the money."""

    @property
    def name(self) -> str:
        """The name of the gateway."""
        ...

    @property
    def currency(self) -> str:
        """A currency that it takes."""
        ...

    @property
    def books_after(self) -> timedelta:
        """How long after a movement its ledger tells of it."""
        ...

    def ways(self) -> Mapping[str, Any]:
        """What a shop is made of, to be paid through it."""
        ...

    def meet(self, shop: sw.Shop) -> None:
        """Get ready to be asked by this shop."""
        ...

    def tender(self, amount: int) -> sw.Tender:
        """How the buyer pays."""
        ...

    def pay(self, payment: Payment) -> None:
        """The buyer does what the payment asks for, if it asks for anything."""
        ...

    def pushed(self) -> Sequence[RawNotification]:
        """All that was pushed so far."""
        ...

    def ripen(self) -> None:
        """Refunds arrive."""
        ...

    def truth(self, reference: str) -> tuple[int, int]:
        """What was taken and given back, by the other side's own count."""
        ...


@frozen
class Provider:
    """A provider on this machine."""

    simulation: Simulation

    @property
    def name(self) -> str:
        return self.simulation.name

    @property
    def currency(self) -> str:
        return self.simulation.currency

    @property
    def books_after(self) -> timedelta:
        return self.simulation.books_after

    def ways(self) -> Mapping[str, Any]:
        return {"gateways": [self.simulation.gateway()]}

    def meet(self, shop: sw.Shop) -> None:
        """It is asked over the wire."""

    def tender(self, amount: int) -> sw.Tender:
        promises = Operation.AUTHORIZE in self.simulation.gateway().capabilities.operations
        return self.simulation.tender(amount, capture=not promises)

    def pay(self, payment: Payment) -> None:
        if payment.action is not None:
            self.simulation.come(payment.reference, payment.action)
            self.simulation.approve(payment.reference)

    def pushed(self) -> Sequence[RawNotification]:
        return self.simulation.pushed()

    def ripen(self) -> None:
        self.simulation.ripen()

    def truth(self, reference: str) -> tuple[int, int]:
        def total(kind: str) -> int:
            return sum([it.amount.minor for it in self.simulation.moved() if it.kind == kind and it.reference == reference])

        return total("captured"), total("refunded") - total("refund_failed")


class Points:
    """The shop's own points: nobody is redirected, nothing is pushed, and there is no ledger but the shop's."""

    name, currency, books_after = "points", "EUR", timedelta()

    def __init__(self) -> None:
        self._shop: sw.Shop | None = None

    def ways(self) -> Mapping[str, Any]:
        tender = PointsTender(points=1, worth=1)
        return {"loyalty": PointsProgram(currency=self.currency, rules=(EarnRule(id="euro"),), tender=tender)}

    def meet(self, shop: sw.Shop) -> None:
        self._shop = shop
        many = GrantPoints(key="many", by=sw.staff("clerk"), account_id=account_id("ann"), lot_id="gift", points=50_000)
        sw.accepted(shop.points.grant(many))

    def tender(self, amount: int) -> sw.Tender:
        return sw.Tender(method="points", amount=amount, gateway=self.name, capture=False)

    def pay(self, payment: Payment) -> None:
        """The points were held when the gateway was asked."""

    def pushed(self) -> Sequence[RawNotification]:
        return ()

    def ripen(self) -> None:
        """Points go back at once."""

    def truth(self, reference: str) -> tuple[int, int]:
        assert self._shop is not None
        stored = self._shop.ports.storage.load(PointsPayment, reference)
        assert stored is not None, "the payment of an order is kept"
        return stored.value.captured, stored.value.refunded


@contextmanager
def opened(name: str, clock: Clock, **more: Any) -> Iterator[Side]:
    """The side of this name, until the block ends."""
    if name == "points":
        yield Points()
        return
    with open_simulation(name, clock=clock, **more) as simulation:
        yield Provider(simulation)
