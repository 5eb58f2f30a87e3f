"""Stripe as a simulation: a buyer on a page of Stripe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from attrs import evolve

from shopwright.adapters.simulators.face import Moved, Waiting, opened, refuse_file, rerouted, written
from shopwright.adapters.simulators.ported import Ported
from shopwright.adapters.stripe import StripeGateway
from shopwright.adapters.stripe.amounts import from_wire
from shopwright.adapters.stripe.simulator import StripeSimulator
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import NextAction, Redirect
from shopwright.payments.payment import Tender
from shopwright.ports.clock import Clock
from shopwright.ports.gateway import PaymentGateway


class StripeSimulation(Ported[StripeSimulator]):
    """A `StripeSimulator` behind the face of all simulations."""

    name, currency = "stripe", "EUR"
    books_after = timedelta(seconds=1)

    @classmethod
    @contextmanager
    def open(cls, *, clock: Clock, port: int = 0, path: Path | None = None) -> Iterator[StripeSimulation]:
        """A simulation until the block ends. Raises `InvalidValue` for a file: it keeps nothing there."""
        refuse_file(path)
        with StripeSimulator.open(clock=clock, port=port) as simulator:
            yield cls(simulator, clock)

    def gateway(self, *, through: str = "", patience: timedelta | None = None) -> PaymentGateway:
        """One more gateway of the same account."""
        settings = self.simulator.settings
        settings = evolve(settings, api=rerouted(settings.api, through), read=patience or settings.read)
        return StripeGateway(settings, clock=self._clock)

    def tender(self, amount: int, *, capture: bool = True) -> Tender:
        """A page of Stripe."""
        return Tender(method="card", amount=amount, gateway=self.name, flow=Flow.REDIRECT, capture=capture)

    def waiting(self) -> Sequence[Waiting]:
        """The pages that are open, and the payments that want a proof of their buyer."""
        provider = self.simulator.provider
        with provider.lock:
            pages = [it for it in provider.sessions.values() if it.status == "open"]
            proofs = [it for it in provider.intents.values() if it.status == "requires_action"]
        found = [(it.id, it.amount, it.currency, it.key) for it in pages] + [(it.id, it.amount, it.currency, it.id) for it in proofs]
        return [Waiting(reference=id, amount=from_wire(amount, currency), about=about) for id, amount, currency, about in found]

    def come(self, reference: str, action: NextAction | None = None) -> None:
        """The buyer opens the page."""
        if isinstance(action, Redirect):
            opened(action.url)

    def ripen(self) -> None:
        """Everything that is on its way happens."""
        self.simulator.provider.ripen()

    def moved(self) -> Sequence[Moved]:
        """What moved."""
        moves = tuple(self.simulator.provider.moved)
        return [Moved(kind=it.kind, reference=it.intent.id, amount=from_wire(it.amount, it.intent.currency)) for it in moves]

    def recipe(self) -> str:
        """A gateway with these settings."""
        names = ("api_key", "webhook_secrets", "publishable_key", "api")
        facts = {it: getattr(self.simulator.settings, it) for it in names}
        return written(self.name, "shopwright.adapters.stripe", "StripeGateway", "StripeSettings", facts)
