"""The fake provider as a simulation: without a network, in memory or, for several processes, in a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.simulators.face import Moved, Waiting
from shopwright.adapters.troubles import Trouble
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import InvalidState, NotFound
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import NextAction
from shopwright.payments.payment import Tender
from shopwright.ports.clock import Clock
from shopwright.ports.gateway import PaymentGateway

_UNPAID = frozenset({"action", "waiting"})


class FakeSimulation:
    """A `FakeProvider` behind the face of all simulations."""

    name, currency, address = "fake", "EUR", ""
    books_after = timedelta(seconds=1)

    def __init__(self, provider: FakeProvider, *, path: Path | None = None) -> None:
        self.provider, self._path = provider, path

    @classmethod
    @contextmanager
    def open(cls, *, clock: Clock, port: int = 0, path: Path | None = None) -> Iterator[FakeSimulation]:
        """A simulation until the block ends. Raises `InvalidValue` for a port: there is none."""
        if port:
            raise InvalidValue(f"the fake provider listens on no port, got {port}; give a file to share it between processes")
        yield cls(FakeProvider(clock=clock, path=path), path=path)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The api key and the keys that sign."""
        settings = self.provider.settings
        return (settings.api_secret, *(secret for _, secret in settings.signing_keys))

    def gateway(self, *, through: str = "", patience: timedelta | None = None) -> PaymentGateway:
        """One more gateway of the same account; there is no wire that could go another way."""
        return FakeGateway(self.provider)

    def tender(self, amount: int, *, capture: bool = True) -> Tender:
        """A page of the provider."""
        return Tender(method="card", amount=amount, gateway=self.name, flow=Flow.REDIRECT, capture=capture)

    def waiting(self) -> Sequence[Waiting]:
        """The payments that wait for their buyers."""
        with self.provider.open() as book:
            found = [it for it in book.accounts() if it.stage in _UNPAID]
        return [Waiting(reference=it.reference, amount=Money(it.amount, it.currency), about=it.key) for it in found]

    def come(self, reference: str, action: NextAction | None = None) -> None:
        """Nothing changes by looking."""

    def approve(self, reference: str) -> bool:
        """The buyer pays."""
        try:
            self.provider.approve(reference)
        except (InvalidState, NotFound):
            return False
        return True

    def decline(self, reference: str) -> bool:
        """The bank says no."""
        try:
            self.provider.decline(reference)
        except (InvalidState, NotFound):
            return False
        return True

    def ripen(self) -> None:
        """Everything that is on its way happens."""
        self.provider.advance()

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble."""
        self.provider.strike(trouble)

    def pushed(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Every notification from the first, or behind the first so many."""
        return self.provider.notifications(again=True)[after:]

    def moved(self) -> Sequence[Moved]:
        """What moved."""
        return [Moved(kind=it.kind, reference=it.reference, amount=it.amount) for it in self.provider.movements()]

    def recipe(self) -> str:
        """A gateway over the file of this simulation; without a file no other process sees it."""
        head = "from pathlib import Path\n\nfrom shopwright.adapters.fake_gateway import FakeGateway, FakeProvider\n"
        where = "" if self._path is None else f"path=Path({str(self._path)!r})"
        return f"{head}\nfake = FakeGateway(FakeProvider({where}))\n"
